// lists/{count_elements,extract}.hpp
#include "host.hh"

#include <cudf/lists/count_elements.hpp>
#include <cudf/lists/extract.hpp>
#include <cudf/lists/lists_column_view.hpp>

namespace cudf::lists {

namespace host = warpframe::host;

std::unique_ptr<column> count_elements(const lists_column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const host::Col rows(input.parent(), stream, "count_elements");
  return host::make_rows(type_id::INT32, rows.size(), stream, mr, [&](size_type row) {
    if (!rows.valid(row)) return host::Val();
    const auto [begin, end] = rows.range(row);
    return host::Val::integer(end - begin);
  });
}

std::unique_ptr<column> extract_list_element(const lists_column_view& input, size_type index, cuda::stream_ref stream,
                                             rmm::device_async_resource_ref mr) {
  const host::Col rows(input.parent(), stream, "extract_list_element");
  return host::make_rows(rows.type().children.at(0), rows.size(), stream, mr, [&](size_type row) {
    if (!rows.valid(row)) return host::Val();
    const auto [begin, end] = rows.range(row);
    const std::int64_t at = index < 0 ? std::int64_t{end} + index : std::int64_t{begin} + index;
    return at >= begin && at < end ? rows.elements().at(static_cast<size_type>(at)) : host::Val();
  });
}

}  // namespace cudf::lists
