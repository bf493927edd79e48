// Parts of structs and lists.
#include <cudf/column/column_factories.hpp>
#include <cudf/copying.hpp>
#include <cudf/lists/count_elements.hpp>
#include <cudf/lists/extract.hpp>
#include <cudf/lists/lists_column_view.hpp>
#include <cudf/structs/structs_column_view.hpp>

#include "arguments.hh"

namespace warpframe::exec {

namespace {

Lane field(const Arguments& args) {
  const int place = plan::find_field(args.type(0).fields, args.text("name"));
  if (place < 0) throw Failure("ERR_COLUMN_NOT_FOUND", "There is no field \"" + args.text("name") + "\".");
  const cudf::structs_column_view structs{args[0].view()};
  const cudf::column_view child = structs.get_sliced_child(place, args.context.stream);
  const Lane own{std::make_unique<cudf::column>(child, args.context.stream, args.context.memory), args[0]};
  return null_like(own, {&args[0]});
}

Lane list_length(const Arguments& args) {
  const cudf::lists_column_view lists{args[0].view()};
  const Lane counts{cudf::lists::count_elements(lists, args.context.stream, args.context.memory), args[0]};
  // What a null list of a fixed width holds is not counted, its width is the dtype's.
  if (args.type(0).dtype != DType::fixed_size_list) return counts.cast(args.result());
  return null_like(constant(args[0], args.result(), args.type(0).length), {&args[0]});
}

Lane list_item(const Arguments& args) {
  const cudf::lists_column_view lists{args[0].view()};
  const auto index = static_cast<cudf::size_type>(args.integer("index"));
  return {cudf::lists::extract_list_element(lists, index, args.context.stream, args.context.memory), args[0]};
}

constexpr Function kRows[] = {
    {"field", run_lanes<field>, nullptr},
    {"listLen", run_lanes<list_length>, nullptr},
    {"listGet", run_lanes<list_item>, nullptr},
};

}  // namespace

std::span<const Function> list_functions() { return kRows; }

}  // namespace warpframe::exec
