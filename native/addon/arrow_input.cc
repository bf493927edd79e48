#include "arrow_input.hh"

#include "arguments.hh"
#include "../util/failure.hh"

namespace warpframe {
namespace {

/** Lists in lists: a plan's dtypes nest far less. */
constexpr int kDeepest = 64;

}  // namespace

void ArrowInput::add(Napi::Object batch, Job& job) {
  Node& node = nodes_.emplace_back();
  node.array.length = uint32_field(batch, "length");
  for (const Napi::Value& value : list_field(batch, "columns")) {
    if (!value.IsObject()) throw Failure("ERR_PARAMETER", "Expected an object for columns[]");
    node.children.push_back(column(value.As<Napi::Object>(), 0, job));
  }
  node.array.n_children = static_cast<std::int64_t>(node.children.size());
  node.array.children = node.children.data();
  batches_.push_back(&node.array);
}

ArrowArray* ArrowInput::column(Napi::Object object, int depth, Job& job) {
  if (depth > kDeepest) throw Failure("ERR_PARAMETER", "Columns nest too deeply");
  Node& node = nodes_.emplace_back();
  node.array.length = uint32_field(object, "length");
  node.array.null_count = -1;
  buffer(node, object.Get("validity"), "validity", job);
  if (has(object, "offsets")) buffer(node, object.Get("offsets"), "offsets", job);
  if (has(object, "values")) buffer(node, object.Get("values"), "values", job);
  for (const Napi::Value& child : list_field(object, "children")) {
    if (!child.IsObject()) throw Failure("ERR_PARAMETER", "Expected an object for children[]");
    node.children.push_back(column(child.As<Napi::Object>(), depth + 1, job));
  }
  if (has(object, "dictionary")) node.array.dictionary = column(object_field(object, "dictionary"), depth + 1, job);
  node.array.n_children = static_cast<std::int64_t>(node.children.size());
  node.array.children = node.children.data();
  node.array.buffers = node.buffers.data();
  node.array.private_data = node.bytes.data();
  return &node.array;
}

void ArrowInput::buffer(Node& node, Napi::Value value, const char* what, Job& job) {
  const auto i = static_cast<std::size_t>(node.array.n_buffers++);
  if (value.IsNull() || value.IsUndefined()) return;
  const Array array = borrowed_array_of(value, what, job);
  node.buffers[i] = array.data;
  node.bytes[i] = static_cast<std::int64_t>(array.bytes());
  if (array.copy) job.keep(array.copy);
}

}  // namespace warpframe
