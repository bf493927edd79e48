#include "run.hh"

#include <cudf/version_config.hpp>

#include "../exec/aggregates.hh"
#include "../exec/functions.hh"
#include "../exec/parts.hh"
#include "../exec/windows.hh"
#include "../util/failure.hh"
#include "../util/json_text.hh"
#include "kernels.hh"
#include "opaque.hh"

#define WARPFRAME_TEXT_OF(x) #x
#define WARPFRAME_TEXT(x) WARPFRAME_TEXT_OF(x)

// Only the library that stands in for libcudf on the host has it.
extern "C" [[gnu::weak]] const int host_cudf;

namespace warpframe::engine {
namespace {

std::string trace_text(const std::vector<exec::NodeTrace>& nodes, std::uint64_t peak_bytes) {
  JsonList list;
  for (const exec::NodeTrace& node : nodes) {
    JsonObject json;
    json.text("label", node.label).number("rows", node.rows).number("ms", node.ms);
    if (!node.note.empty()) json.text("note", node.note);
    list.raw(json.done());
  }
  return JsonObject().raw("nodes", list.done()).number("peakBytes", peak_bytes).done();
}

}  // namespace

void check_cancelled(const wf_run& run) {
  if (run.cancelled && __atomic_load_n(run.cancelled, __ATOMIC_RELAXED) != 0)
    throw Failure("ERR_ABORTED", "The run was cancelled.");
}

exec::Frame run_plan(Device& device, const wf_run& run, const plan::Node& root, const wf_table_ref* tables,
                     std::size_t count, std::string& trace, wf_stream* stream) {
  check_cancelled(run);
  std::vector<exec::NodeTrace> nodes;
  exec::Context context{
      .stream = device.stream(),
      .memory = device.memory_ref(),
      .check_cancelled = [&run] { check_cancelled(run); },
      .on_rows = [&run](std::int64_t rows) {
        if (run.progress) run.progress(run.context, rows);
      },
      .table = [&](std::int64_t id) -> std::shared_ptr<const exec::Frame> {
        const std::optional<std::size_t> other = exec::place_of_other(id);
        if (other && stream) return stream->others.at(*other);
        for (std::size_t i = 0; i < count; ++i)
          if (tables[i].id == id) return tables[i].table->table.use();
        throw Failure("ERR_DISPOSED", "This table is disposed. Keep it until its last use, or make it again.");
      },
      .memory_limit_bytes = device.memory().limit(),
      .seed = run.seed,
      .trace = &nodes,
      .rows_so_far = stream ? &stream->rows_so_far : nullptr,
  };
  exec::Frame frame = exec::execute(root, context);
  // Faults of the device surface here at the latest.
  device.stream().sync();
  trace = trace_text(nodes, device.memory().run_peak());
  return frame;
}

const char* description() {
  static const std::string* const text = [] {
    JsonObject functions;
    const auto rows = [&](const auto& list, const char* kind) {
      for (const auto& row : list) functions.raw(row.name, JsonObject().text("kind", kind).done());
    };
    rows(exec::value_functions(), "elementwise");
    rows(exec::text_functions(), "elementwise");
    rows(exec::time_functions(), "elementwise");
    rows(exec::list_functions(), "elementwise");
    rows(exec::aggregate_functions(), "agg");
    rows(exec::window_functions(), "window");
    JsonList names;
    for (const Kernel& kernel : kernels()) names.raw(json_quote(kernel.name));
    return new std::string(JsonObject()
                               .text("library", "libcudf")
                               .text("version", WARPFRAME_TEXT(CUDF_VERSION_MAJOR) "." WARPFRAME_TEXT(CUDF_VERSION_MINOR) "." WARPFRAME_TEXT(CUDF_VERSION_PATCH))
                               .flag("host", &host_cudf != nullptr)
                               .raw("functions", functions.done())
                               .raw("kernels", names.done())
                               .done());
  }();
  return text->c_str();
}

std::string why_not(const char* work) {
  const plan::Json json = plan::Json::parse(work);
  if (const plan::Json* const kernel = json.find("kernel")) {
    const std::string& name = kernel->as_text();
    return find_kernel(name) ? "" : "libcudf's engine has no kernel \"" + name + "\".";
  }
  return exec::why_not(*plan::parse_plan(work));
}

}  // namespace warpframe::engine
