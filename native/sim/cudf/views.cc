// The compiled half of column_view, table_view and the views of strings, lists and structs.
#include "host.hh"

#include <cudf/lists/lists_column_view.hpp>
#include <cudf/strings/strings_column_view.hpp>
#include <cudf/structs/structs_column_view.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_checks.hpp>

#include <algorithm>

namespace host = warpframe::host;

namespace cudf {
namespace detail {

column_view_base::column_view_base(data_type type, size_type size, const void* data, const bitmask_type* null_mask,
                                   size_type null_count, size_type offset)
    : _type(type), _size(size), _data(data), _null_mask(null_mask), _null_count(null_count), _offset(offset) {
  CUDF_EXPECTS(size >= 0, "Column size cannot be negative.");
  CUDF_EXPECTS(offset >= 0, "Invalid offset.");
  if (type.id() == type_id::EMPTY) {
    _null_count = size;
    CUDF_EXPECTS(data == nullptr, "EMPTY column should have no data.");
    CUDF_EXPECTS(null_mask == nullptr, "EMPTY column should have no null mask.");
    return;
  }
  if (is_compound(type) && type.id() != type_id::STRING) {
    CUDF_EXPECTS(data == nullptr, "Compound (parent) columns cannot have data");
  } else if (size > 0 && type.id() != type_id::STRING) {
    CUDF_EXPECTS(data != nullptr, "Null data pointer.");
  }
  if (size > 0 && null_count > 0) {
    CUDF_EXPECTS(null_mask != nullptr, "Null mask is required for a column with nulls.");
  }
}

size_type column_view_base::null_count(size_type begin, size_type end, cuda::stream_ref stream) const {
  CUDF_EXPECTS(begin >= 0 && end <= size() && begin <= end, "Range is out of bounds.", std::out_of_range);
  return host::count_nulls(null_mask(), offset() + begin, offset() + end, stream);
}

bool is_shallow_equivalent(const column_view& a, const column_view& b) {
  if (a.type() != b.type() || a.size() != b.size() || a.num_children() != b.num_children()) return false;
  if (a.size() > 0 && (a.head() != b.head() || a.null_mask() != b.null_mask() || a.offset() != b.offset())) return false;
  return std::equal(a.child_begin(), a.child_end(), b.child_begin(), is_shallow_equivalent);
}

}  // namespace detail

column_view::column_view(data_type type, size_type size, const void* data, const bitmask_type* null_mask,
                         size_type null_count, size_type offset, const std::vector<column_view>& children)
    : detail::column_view_base(type, size, data, null_mask, null_count, offset), _children(children) {
  CUDF_EXPECTS(type.id() != type_id::EMPTY || children.empty(), "EMPTY column cannot have children.");
}
const void* column_view::get_data() const noexcept { return _data; }

mutable_column_view::mutable_column_view(data_type type, size_type size, void* data, bitmask_type* null_mask,
                                         size_type null_count, size_type offset,
                                         const std::vector<mutable_column_view>& children)
    : detail::column_view_base(type, size, data, null_mask, null_count, offset), mutable_children(children) {}
const void* mutable_column_view::get_data() const noexcept { return _data; }
void mutable_column_view::set_null_count(size_type new_null_count) {
  CUDF_EXPECTS(new_null_count <= 0 || nullable(), "Invalid null count.");
  _null_count = new_null_count;
}
mutable_column_view::operator column_view() const {
  return column_view(_type, _size, _data, _null_mask, _null_count, _offset,
                     std::vector<column_view>(mutable_children.begin(), mutable_children.end()));
}

size_type count_descendants(column_view parent) {
  size_type count = parent.num_children();
  for (auto child = parent.child_begin(); child != parent.child_end(); ++child) count += count_descendants(*child);
  return count;
}

column_view bit_cast(const column_view& input, data_type type) {
  CUDF_EXPECTS(is_bit_castable(input._type, type), "types are not bit-castable");
  column_view cast = input;
  cast._type = type;
  return cast;
}
mutable_column_view bit_cast(const mutable_column_view& input, data_type type) {
  CUDF_EXPECTS(is_bit_castable(input._type, type), "types are not bit-castable");
  mutable_column_view cast = input;
  cast._type = type;
  return cast;
}

strings_column_view::strings_column_view(column_view strings) : column_view(strings) {
  CUDF_EXPECTS(type().id() == type_id::STRING, "strings_column_view only supports strings");
}
column_view strings_column_view::parent() const { return static_cast<column_view>(*this); }
column_view strings_column_view::offsets() const {
  CUDF_EXPECTS(num_children() > 0, "strings column has no children");
  return column_view::child(offsets_column_index);
}
int64_t strings_column_view::chars_size(cuda::stream_ref stream) const {
  if (size() == 0) return 0;
  const host::Col rows(offsets(), stream, "offsets");
  return static_cast<int64_t>(rows.at(rows.size() - 1).i());
}
strings_column_view::chars_iterator strings_column_view::chars_begin(cuda::stream_ref) const noexcept { return head<char>(); }
strings_column_view::chars_iterator strings_column_view::chars_end(cuda::stream_ref stream) const {
  return chars_begin(stream) + chars_size(stream);
}

lists_column_view::lists_column_view(const column_view& lists) : column_view(lists) {
  CUDF_EXPECTS(type().id() == type_id::LIST, "lists_column_view only supports lists");
}
column_view lists_column_view::parent() const { return static_cast<column_view>(*this); }
column_view lists_column_view::offsets() const {
  CUDF_EXPECTS(num_children() == 2, "lists column has an incorrect number of children");
  return column_view::child(offsets_column_index);
}
column_view lists_column_view::child() const {
  CUDF_EXPECTS(num_children() == 2, "lists column has an incorrect number of children");
  return column_view::child(child_column_index);
}
column_view lists_column_view::get_sliced_child(cuda::stream_ref stream) const {
  if (size() == 0) return host::slice_view(child(), 0, 0, stream);
  const host::Col rows(parent(), stream, "get_sliced_child");
  return host::slice_view(child(), rows.range(0).first, rows.range(size() - 1).second, stream);
}

structs_column_view::structs_column_view(const column_view& structs) : column_view(structs) {
  CUDF_EXPECTS(type().id() == type_id::STRUCT, "structs_column_view only supports struct columns");
}
column_view structs_column_view::parent() const { return *this; }
column_view structs_column_view::get_sliced_child(int index, cuda::stream_ref stream) const {
  return host::slice_view(column_view::child(index), offset(), offset() + size(), stream);
}

namespace detail {

template <typename ColumnView>
table_view_base<ColumnView>::table_view_base(const std::vector<ColumnView>& columns) : _columns(columns) {
  if (num_columns() > 0) {
    _num_rows = column(0).size();
    for (const auto& each : _columns) CUDF_EXPECTS(each.size() == _num_rows, "Column size mismatch.");
  }
}
template <typename ColumnView>
table_view_base<ColumnView>::table_view_base(const std::vector<ColumnView>& columns, size_type rows)
    : _columns(columns), _num_rows(rows) {
  for (const auto& each : _columns) CUDF_EXPECTS(each.size() == _num_rows, "Column size mismatch.");
}
template class table_view_base<column_view>;
template class table_view_base<mutable_column_view>;

bool has_nested_columns(const table_view& table) {
  return std::any_of(table.begin(), table.end(), [](const column_view& column) { return is_nested(column.type()); });
}

}  // namespace detail

bool has_nested_columns(const table_view& table) { return detail::has_nested_columns(table); }

namespace {

template <typename View>
auto all_columns(const std::vector<View>& views) {
  std::vector<typename View::ColumnView> columns;
  for (const View& view : views) columns.insert(columns.end(), view.begin(), view.end());
  return columns;
}

bool any_descendant(const column_view& column, bool (*holds)(const column_view&)) {
  return holds(column) || std::any_of(column.child_begin(), column.child_end(),
                                      [holds](const column_view& child) { return any_descendant(child, holds); });
}

}  // namespace

table_view::table_view(const std::vector<table_view>& views) : table_view(all_columns(views)) {}
table_view table_view::select(const std::vector<size_type>& indices) const {
  return select(indices.begin(), indices.end());
}
mutable_table_view::mutable_table_view(const std::vector<mutable_table_view>& views)
    : mutable_table_view(all_columns(views)) {}
mutable_table_view::operator table_view() {
  return table_view(std::vector<column_view>(begin(), end()), num_rows());
}

bool nullable(const table_view& view) {
  return std::any_of(view.begin(), view.end(), [](const column_view& column) { return column.nullable(); });
}
bool has_nulls(const table_view& view) {
  return std::any_of(view.begin(), view.end(), [](const column_view& column) { return column.has_nulls(); });
}
bool has_nested_nulls(const table_view& view) {
  return std::any_of(view.begin(), view.end(), [](const column_view& column) {
    return any_descendant(column, [](const column_view& each) { return each.has_nulls(); });
  });
}
bool has_nested_nullable_columns(const table_view& view) {
  return std::any_of(view.begin(), view.end(), [](const column_view& column) {
    return any_descendant(column, [](const column_view& each) { return each.nullable(); });
  });
}
std::vector<column_view> get_nullable_columns(const table_view& table) {
  std::vector<column_view> found;
  for (const column_view& column : table) {
    if (column.nullable()) found.push_back(column);
  }
  return found;
}

bool have_same_types(const column_view& a, const column_view& b) { return host::Type::of(a) == host::Type::of(b); }
bool have_same_types(const column_view& a, const scalar& b) { return host::Type::of(a) == host::type_of(b); }
bool have_same_types(const scalar& a, const column_view& b) { return have_same_types(b, a); }
bool have_same_types(const scalar& a, const scalar& b) { return host::type_of(a) == host::type_of(b); }
bool have_same_types(const table_view& a, const table_view& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const column_view& x, const column_view& y) { return have_same_types(x, y); });
}
bool column_types_equivalent(const column_view& a, const column_view& b) {
  return a.type().id() == b.type().id() && (!is_nested(a.type()) || have_same_types(a, b));
}

}  // namespace cudf
