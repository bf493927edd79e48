// cudf::column, cudf::table and the factories of columns.
#include "host.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/utilities/traits.hpp>

#include <numeric>

namespace host = warpframe::host;
namespace gpu = warpframe::host::gpu;

namespace cudf {
namespace {

/** Rows of a fixed-width view as they are, what is below nulls included. */
std::unique_ptr<column> copy_fixed_width(const column_view& view, cuda::stream_ref stream, host::Memory memory) {
  const std::size_t width = size_of(view.type());
  const auto rows = static_cast<std::size_t>(view.size());
  rmm::device_buffer data(rows * width, stream, memory);
  if (rows > 0) {
    gpu::copy(data.data(), view.head<char>() + static_cast<std::size_t>(view.offset()) * width, rows * width, stream.get());
  }
  return std::make_unique<column>(view.type(), view.size(), std::move(data), copy_bitmask(view, stream, memory),
                                  host::count_nulls(view.null_mask(), view.offset(), view.offset() + view.size(), stream));
}

std::unique_ptr<column> copy_of(const column_view& view, cuda::stream_ref stream, host::Memory memory) {
  if (is_fixed_width(view.type())) return copy_fixed_width(view, stream, memory);
  const host::Col rows(view, stream, "copy of a column");
  return host::make(rows.type(), rows.values(), stream, memory);
}

void check_children(const std::vector<std::unique_ptr<column>>& columns, size_type rows) {
  for (const auto& each : columns) CUDF_EXPECTS(each->size() == rows,
                                                "Child columns must have the same number of rows as the struct.");
}

std::unique_ptr<column> make_uninitialised(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                           host::Memory memory) {
  CUDF_EXPECTS(size >= 0, "Column size cannot be negative.");
  return std::make_unique<column>(type, size, rmm::device_buffer(static_cast<std::size_t>(size) * size_of(type), stream, memory),
                                  create_null_mask(size, state, stream, memory), state_null_count(state, size));
}

}  // namespace

column::column(column_view view, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : column(std::move(*copy_of(view, stream, memory))) {}
column::column(const column& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : _type(other._type),
      _size(other._size),
      _data(other._data, stream, memory),
      _null_mask(other._null_mask, stream, memory),
      _null_count(other._null_count) {
  for (const auto& child : other._children) _children.push_back(std::make_unique<column>(*child, stream, memory));
}
column::column(column&& other) noexcept
    : _type(std::exchange(other._type, data_type{type_id::EMPTY})),
      _size(std::exchange(other._size, 0)),
      _data(std::move(other._data)),
      _null_mask(std::move(other._null_mask)),
      _null_count(std::exchange(other._null_count, 0)),
      _children(std::move(other._children)) {}

column::contents column::release() noexcept {
  _type = data_type{type_id::EMPTY};
  _size = 0;
  _null_count = 0;
  return {std::make_unique<rmm::device_buffer>(std::move(_data)), std::make_unique<rmm::device_buffer>(std::move(_null_mask)),
          std::move(_children)};
}
std::size_t column::alloc_size() const {
  return std::accumulate(_children.begin(), _children.end(), _data.capacity() + _null_mask.capacity(),
                         [](std::size_t sum, const auto& child) { return sum + child->alloc_size(); });
}
column_view column::view() const {
  std::vector<column_view> children;
  for (const auto& child : _children) children.push_back(child->view());
  return column_view(_type, _size, _data.data(), static_cast<const bitmask_type*>(_null_mask.data()), _null_count, 0, children);
}
mutable_column_view column::mutable_view() {
  std::vector<mutable_column_view> children;
  for (const auto& child : _children) children.push_back(child->mutable_view());
  return mutable_column_view(_type, _size, _data.data(), static_cast<bitmask_type*>(_null_mask.data()), _null_count, 0, children);
}
void column::set_null_mask(rmm::device_buffer&& mask, size_type null_count) {
  if (null_count > 0) {
    CUDF_EXPECTS(mask.size() >= bitmask_allocation_size_bytes(size(), 1),
        "Column with null values must be nullable, and the null mask buffer size should match the size of the column.");
  }
  _null_mask = std::move(mask);
  _null_count = null_count;
}
void column::set_null_mask(const rmm::device_buffer& mask, size_type null_count, cuda::stream_ref stream) {
  set_null_mask(rmm::device_buffer(mask, stream), null_count);
}
void column::set_null_count(size_type null_count) {
  if (null_count > 0) CUDF_EXPECTS(nullable(), "Invalid null count.");
  _null_count = null_count;
}

table::table(const table& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory) : _num_rows(other._num_rows) {
  for (const auto& each : other._columns) _columns.push_back(std::make_unique<column>(*each, stream, memory));
}
table::table(std::vector<std::unique_ptr<column>>&& columns) : _columns(std::move(columns)) {
  if (num_columns() == 0) return;
  for (const auto& each : _columns) CUDF_EXPECTS(each != nullptr, "Unexpected null column");
  _num_rows = _columns.front()->size();
  for (const auto& each : _columns) CUDF_EXPECTS(each->size() == _num_rows,
      "Column size mismatch: columns of a table must have the same number of rows");
}
table::table(std::vector<std::unique_ptr<column>>&& columns, size_type rows) : _columns(std::move(columns)), _num_rows(rows) {
  for (const auto& each : _columns) CUDF_EXPECTS(each->size() == _num_rows,
      "Column size mismatch: columns of a table must have the same number of rows");
}
table::table(table_view view, cuda::stream_ref stream, rmm::device_async_resource_ref memory) : _num_rows(view.num_rows()) {
  for (const column_view& each : view) _columns.push_back(std::make_unique<column>(each, stream, memory));
}
std::size_t table::alloc_size() const {
  return std::accumulate(_columns.begin(), _columns.end(), std::size_t{0},
                         [](std::size_t sum, const auto& each) { return sum + each->alloc_size(); });
}
table_view table::view() const {
  std::vector<column_view> views;
  for (const auto& each : _columns) views.push_back(each->view());
  return table_view(views, _num_rows);
}
mutable_table_view table::mutable_view() {
  std::vector<mutable_column_view> views;
  for (const auto& each : _columns) views.push_back(each->mutable_view());
  return mutable_table_view(views, _num_rows);
}
std::vector<std::unique_ptr<column>> table::release() {
  _num_rows = 0;
  return std::move(_columns);
}

std::unique_ptr<column> make_empty_column(data_type type) {
  CUDF_EXPECTS(type.id() == type_id::EMPTY || !is_nested(type), "make_empty_column is invalid to call on nested types");
  return std::make_unique<column>(type, 0, rmm::device_buffer{}, rmm::device_buffer{}, 0);
}
std::unique_ptr<column> make_empty_column(type_id id) { return make_empty_column(data_type{id}); }

std::unique_ptr<column> make_numeric_column(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                            rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_numeric(type), "Invalid, non-numeric type.");
  return make_uninitialised(type, size, state, stream, memory);
}
std::unique_ptr<column> make_fixed_point_column(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                                rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_fixed_point(type), "Invalid, non-fixed_point type.");
  return make_uninitialised(type, size, state, stream, memory);
}
std::unique_ptr<column> make_timestamp_column(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                              rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_timestamp(type), "Invalid, non-timestamp type.");
  return make_uninitialised(type, size, state, stream, memory);
}
std::unique_ptr<column> make_duration_column(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                             rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_duration(type), "Invalid, non-duration type.");
  return make_uninitialised(type, size, state, stream, memory);
}
std::unique_ptr<column> make_fixed_width_column(data_type type, size_type size, mask_state state, cuda::stream_ref stream,
                                                rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_fixed_width(type), "Invalid, non-fixed-width type.");
  return make_uninitialised(type, size, state, stream, memory);
}

std::unique_ptr<column> make_strings_column(size_type size, std::unique_ptr<column> offsets, rmm::device_buffer&& chars,
                                            size_type null_count, rmm::device_buffer&& null_mask) {
  if (null_count > 0) CUDF_EXPECTS(null_mask.size() > 0, "Column with nulls must be nullable.");
  CUDF_EXPECTS(size == offsets->size() - 1 || size == 0, "Invalid offsets column size for strings column.");
  CUDF_EXPECTS(offsets->null_count() == 0, "Offsets column should not contain nulls");
  std::vector<std::unique_ptr<column>> children;
  children.push_back(std::move(offsets));
  return std::make_unique<column>(data_type{type_id::STRING}, size, std::move(chars), std::move(null_mask), null_count,
                                  std::move(children));
}

std::unique_ptr<column> make_lists_column(size_type rows, std::unique_ptr<column> offsets, std::unique_ptr<column> child,
                                          size_type null_count, rmm::device_buffer&& null_mask) {
  if (null_count > 0) CUDF_EXPECTS(null_mask.size() > 0, "Column with nulls must be nullable.");
  CUDF_EXPECTS((rows == 0 && offsets->size() == 0) || rows == offsets->size() - 1,
               "Invalid offsets column size for lists column.");
  CUDF_EXPECTS(offsets->null_count() == 0, "Offsets column should not contain nulls");
  CUDF_EXPECTS(offsets->type().id() == type_id::INT32, "Offsets of lists must be INT32");
  std::vector<std::unique_ptr<column>> children;
  children.push_back(std::move(offsets));
  children.push_back(std::move(child));
  return std::make_unique<column>(data_type{type_id::LIST}, rows, rmm::device_buffer{}, std::move(null_mask), null_count,
                                  std::move(children));
}
std::unique_ptr<column> make_empty_lists_column(data_type child) {
  return make_lists_column(0, make_empty_column(type_id::INT32), make_empty_column(child), 0, {});
}

std::unique_ptr<column> create_structs_hierarchy(size_type rows, std::vector<std::unique_ptr<column>>&& fields,
                                                 size_type null_count, rmm::device_buffer&& null_mask, cuda::stream_ref,
                                                 rmm::device_async_resource_ref) {
  if (null_count > 0) CUDF_EXPECTS(null_mask.size() > 0, "Struct column with nulls must be nullable.");
  check_children(fields, rows);
  return std::make_unique<column>(data_type{type_id::STRUCT}, rows, rmm::device_buffer{}, std::move(null_mask), null_count,
                                  std::move(fields));
}
std::unique_ptr<column> make_structs_column(size_type rows, std::vector<std::unique_ptr<column>>&& fields,
                                            size_type null_count, rmm::device_buffer&& null_mask, cuda::stream_ref stream,
                                            rmm::device_async_resource_ref memory) {
  auto structs = create_structs_hierarchy(rows, std::move(fields), null_count, std::move(null_mask), stream, memory);
  if (null_count == 0) return structs;
  // A null struct has null fields: building it anew from values does that.
  const host::Col values(structs->view(), stream, "make_structs_column");
  return host::make(values.type(), values.values(), stream, memory);
}

std::unique_ptr<column> make_column_from_scalar(const scalar& value, size_type size, cuda::stream_ref stream,
                                                rmm::device_async_resource_ref memory) {
  const host::Val one = host::value_of(value, stream);
  return host::make_rows(host::type_of(value), size, stream, memory, [&](size_type) { return one; });
}

}  // namespace cudf
