// Rows by number: gather, scatter, slices, choice between two columns, boolean masks.
#include "host.hh"

#include <cudf/copying.hpp>
#include <cudf/stream_compaction.hpp>

#include <algorithm>
#include <limits>

namespace host = warpframe::host;
namespace gpu = warpframe::host::gpu;
using warpframe::host::Val;

namespace cudf {
namespace {

constexpr size_type kNull = -1;

std::vector<size_type> rows_of_map(const column_view& map, size_type source_rows, out_of_bounds_policy bounds,
                                   negative_index_policy negative, cuda::stream_ref stream) {
  CUDF_EXPECTS(!map.has_nulls(), "gather_map contains nulls", std::invalid_argument);
  const host::Col indices(map, stream, "gather map");
  std::vector<size_type> rows;
  rows.reserve(static_cast<std::size_t>(indices.size()));
  for (size_type i = 0; i < indices.size(); ++i) {
    host::Int128 row = indices.at(i).i();
    if (row < 0 && negative == negative_index_policy::ALLOWED) row += source_rows;
    const bool inside = row >= 0 && row < source_rows;
    if (!inside && bounds == out_of_bounds_policy::DONT_CHECK) {
      host::violate("gather: index " + std::to_string(static_cast<std::int64_t>(row)) + " outside 0 … " +
                    std::to_string(source_rows) + " with DONT_CHECK");
    }
    rows.push_back(inside ? static_cast<size_type>(row) : kNull);
  }
  return rows;
}

void check_range(size_type begin, size_type end, size_type size) {
  CUDF_EXPECTS(begin >= 0, "Starting index cannot be negative.", std::out_of_range);
  CUDF_EXPECTS(end >= begin, "End index cannot be smaller than the starting index.", std::invalid_argument);
  CUDF_EXPECTS(end <= size, "Slice range out of bounds.", std::out_of_range);
}

template <typename View, typename Slice>
std::vector<View> slices(size_type size, std::span<const size_type> indices, Slice slice_one) {
  CUDF_EXPECTS(indices.size() % 2 == 0, "indices size must be even", std::invalid_argument);
  std::vector<View> out;
  for (std::size_t i = 0; i < indices.size(); i += 2) {
    check_range(indices[i], indices[i + 1], size);
    out.push_back(slice_one(indices[i], indices[i + 1]));
  }
  return out;
}

table_view slice_table(const table_view& input, size_type begin, size_type end, cuda::stream_ref stream) {
  std::vector<column_view> columns;
  for (const column_view& column : input) columns.push_back(host::slice_view(column, begin, end, stream));
  return table_view(columns, end - begin);
}

std::vector<size_type> pairs_of_splits(std::span<const size_type> splits, size_type size) {
  std::vector<size_type> indices{0};
  for (const size_type split : splits) {
    indices.push_back(split);
    indices.push_back(split);
  }
  indices.push_back(size);
  return indices;
}

template <typename Left, typename Right>
std::unique_ptr<column> choose(const host::Type& type, const column_view& mask, Left left, Right right, cuda::stream_ref stream,
                               host::Memory memory) {
  CUDF_EXPECTS(mask.type().id() == type_id::BOOL8, "Boolean mask column must be of type BOOL8", data_type_error);
  const host::Col choice(mask, stream, "copy_if_else");
  return host::make_rows(type, choice.size(), stream, memory, [&](size_type row) {
    const Val which = choice.at(row);  // a null chooses the right
    return !which.null() && which.truth() ? left(row) : right(row);
  });
}

std::unique_ptr<table> keep_rows(const table_view& input, const column_view& mask, const char* what, cuda::stream_ref stream,
                                 host::Memory memory) {
  CUDF_EXPECTS(mask.type().id() == type_id::BOOL8, "Mask must be Boolean type", data_type_error);
  if (mask.is_empty()) return empty_like(input);
  CUDF_EXPECTS(input.num_rows() == mask.size(), "Column size mismatch", std::invalid_argument);
  const host::Col keep(mask, stream, what);
  std::vector<size_type> rows;
  for (size_type row = 0; row < keep.size(); ++row) {
    const Val value = keep.at(row);
    if (!value.null() && value.truth()) rows.push_back(row);
  }
  return host::gather_rows(input, rows, stream, memory);
}

}  // namespace

std::unique_ptr<table> gather(const table_view& source, const column_view& map, out_of_bounds_policy bounds,
                              negative_index_policy negative, cuda::stream_ref stream, cudf::memory_resources memory) {
  return host::gather_rows(source, rows_of_map(map, source.num_rows(), bounds, negative, stream), stream, memory.get_output_mr());
}
std::unique_ptr<table> gather(const table_view& source, const column_view& map, out_of_bounds_policy bounds,
                              cuda::stream_ref stream, cudf::memory_resources memory) {
  // Signed maps may count from the end, unsigned ones cannot.
  return gather(source, map, bounds, negative_index_policy::ALLOWED, stream, memory);
}

std::unique_ptr<column> reverse(const column_view& source, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  std::vector<size_type> rows;
  for (size_type row = source.size(); row > 0; --row) rows.push_back(row - 1);
  return host::gather_rows(source, rows, stream, memory);
}
std::unique_ptr<table> reverse(const table_view& source, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  std::vector<std::unique_ptr<column>> columns;
  for (const column_view& each : source) columns.push_back(reverse(each, stream, memory));
  return std::make_unique<table>(std::move(columns), source.num_rows());
}

std::unique_ptr<table> scatter(const table_view& source, const column_view& map, const table_view& target,
                               cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(source.num_columns() == target.num_columns(),
               "Number of columns in source and target not equal", std::invalid_argument);
  CUDF_EXPECTS(map.size() <= source.num_rows(),
               "Size of scatter map must be equal to or less than source rows", std::invalid_argument);
  const std::vector<size_type> rows =
      rows_of_map(map, target.num_rows(), out_of_bounds_policy::DONT_CHECK, negative_index_policy::ALLOWED, stream);
  // Which of two writes to one row wins is not defined.
  const std::vector<size_type> order = host::shuffled(static_cast<size_type>(rows.size()));
  std::vector<std::unique_ptr<column>> columns;
  for (size_type c = 0; c < target.num_columns(); ++c) {
    const host::Col from(source.column(c), stream, "scatter");
    const host::Col into(target.column(c), stream, "scatter");
    CUDF_EXPECTS(from.type() == into.type(), "Column types do not match between source and target", data_type_error);
    std::vector<Val> values = into.values();
    for (const size_type i : order) values[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)])] = from.at(i);
    columns.push_back(host::make(into.type(), values, stream, memory));
  }
  return std::make_unique<table>(std::move(columns), target.num_rows());
}
std::unique_ptr<table> scatter(const std::vector<std::reference_wrapper<const scalar>>& source, const column_view& map,
                               const table_view& target, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(static_cast<size_type>(source.size()) == target.num_columns(),
               "Number of columns in source and target not equal", std::invalid_argument);
  const std::vector<size_type> rows =
      rows_of_map(map, target.num_rows(), out_of_bounds_policy::DONT_CHECK, negative_index_policy::ALLOWED, stream);
  std::vector<std::unique_ptr<column>> columns;
  for (size_type c = 0; c < target.num_columns(); ++c) {
    const host::Col into(target.column(c), stream, "scatter");
    const Val value = host::value_of(source[static_cast<std::size_t>(c)].get(), stream);
    std::vector<Val> values = into.values();
    for (const size_type row : rows) values[static_cast<std::size_t>(row)] = value;
    columns.push_back(host::make(into.type(), values, stream, memory));
  }
  return std::make_unique<table>(std::move(columns), target.num_rows());
}

std::unique_ptr<column> empty_like(const column_view& input) {
  return host::make(host::Type::of(input), {}, get_default_stream(), get_current_device_resource_ref());
}
std::unique_ptr<column> empty_like(const scalar& input) {
  return host::make(host::type_of(input), {}, get_default_stream(), get_current_device_resource_ref());
}
std::unique_ptr<table> empty_like(const table_view& input) {
  std::vector<std::unique_ptr<column>> columns;
  for (const column_view& each : input) columns.push_back(empty_like(each));
  return std::make_unique<table>(std::move(columns));
}

std::vector<column_view> slice(const column_view& input, std::span<const size_type> indices, cuda::stream_ref stream) {
  return slices<column_view>(input.size(), indices,
                             [&](size_type begin, size_type end) { return host::slice_view(input, begin, end, stream); });
}
std::vector<column_view> slice(const column_view& input, std::initializer_list<size_type> indices, cuda::stream_ref stream) {
  return slice(input, std::span<const size_type>(indices.begin(), indices.size()), stream);
}
std::vector<table_view> slice(const table_view& input, std::span<const size_type> indices, cuda::stream_ref stream) {
  return slices<table_view>(input.num_rows(), indices,
                            [&](size_type begin, size_type end) { return slice_table(input, begin, end, stream); });
}
std::vector<table_view> slice(const table_view& input, std::initializer_list<size_type> indices, cuda::stream_ref stream) {
  return slice(input, std::span<const size_type>(indices.begin(), indices.size()), stream);
}
std::vector<column_view> split(const column_view& input, std::span<const size_type> splits, cuda::stream_ref stream) {
  return slice(input, std::span<const size_type>(pairs_of_splits(splits, input.size())), stream);
}
std::vector<column_view> split(const column_view& input, std::initializer_list<size_type> splits, cuda::stream_ref stream) {
  return split(input, std::span<const size_type>(splits.begin(), splits.size()), stream);
}
std::vector<table_view> split(const table_view& input, std::span<const size_type> splits, cuda::stream_ref stream) {
  return slice(input, std::span<const size_type>(pairs_of_splits(splits, input.num_rows())), stream);
}
std::vector<table_view> split(const table_view& input, std::initializer_list<size_type> splits, cuda::stream_ref stream) {
  return split(input, std::span<const size_type>(splits.begin(), splits.size()), stream);
}

std::unique_ptr<column> copy_if_else(const column_view& left, const column_view& right, const column_view& mask,
                                     cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(left.size() == right.size() && mask.size() == left.size(),
               "Columns must be of the same size", std::invalid_argument);
  const host::Col a(left, stream, "copy_if_else");
  const host::Col b(right, stream, "copy_if_else");
  CUDF_EXPECTS(a.type() == b.type(), "Both inputs must be of the same type", data_type_error);
  return choose(a.type(), mask, [&](size_type row) { return a.at(row); }, [&](size_type row) { return b.at(row); }, stream, memory);
}
std::unique_ptr<column> copy_if_else(const scalar& left, const column_view& right, const column_view& mask,
                                     cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(mask.size() == right.size(),
               "Boolean mask column must be the same size as rhs column", std::invalid_argument);
  const Val a = host::value_of(left, stream);
  const host::Col b(right, stream, "copy_if_else");
  CUDF_EXPECTS(host::type_of(left) == b.type(), "Both inputs must be of the same type", data_type_error);
  return choose(b.type(), mask, [&](size_type) { return a; }, [&](size_type row) { return b.at(row); }, stream, memory);
}
std::unique_ptr<column> copy_if_else(const column_view& left, const scalar& right, const column_view& mask,
                                     cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(mask.size() == left.size(),
               "Boolean mask column must be the same size as lhs column", std::invalid_argument);
  const host::Col a(left, stream, "copy_if_else");
  const Val b = host::value_of(right, stream);
  CUDF_EXPECTS(a.type() == host::type_of(right), "Both inputs must be of the same type", data_type_error);
  return choose(a.type(), mask, [&](size_type row) { return a.at(row); }, [&](size_type) { return b; }, stream, memory);
}
std::unique_ptr<column> copy_if_else(const scalar& left, const scalar& right, const column_view& mask, cuda::stream_ref stream,
                                     rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(host::type_of(left) == host::type_of(right), "Both inputs must be of the same type", data_type_error);
  const Val a = host::value_of(left, stream);
  const Val b = host::value_of(right, stream);
  return choose(host::type_of(left), mask, [&](size_type) { return a; }, [&](size_type) { return b; }, stream, memory);
}

std::unique_ptr<table> apply_retention_mask(const table_view& input, const column_view& mask, cuda::stream_ref stream,
                                            rmm::device_async_resource_ref memory) {
  return keep_rows(input, mask, "apply_retention_mask", stream, memory);
}
std::unique_ptr<table> apply_boolean_mask(const table_view& input, const column_view& mask, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory) {
  return keep_rows(input, mask, "apply_boolean_mask", stream, memory);
}

std::unique_ptr<column> shift(const column_view& input, size_type offset, const scalar& fill, cuda::stream_ref stream,
                              rmm::device_async_resource_ref memory) {
  const host::Col rows(input, stream, "shift");
  CUDF_EXPECTS(rows.type() == host::type_of(fill),
               "shift requires each fill value type to match the corresponding column type", data_type_error);
  const Val filler = host::value_of(fill, stream);
  return host::make_rows(rows.type(), rows.size(), stream, memory, [&](size_type row) {
    const std::int64_t from = std::int64_t{row} - offset;
    return from >= 0 && from < rows.size() ? rows.at(static_cast<size_type>(from)) : filler;
  });
}

std::unique_ptr<scalar> get_element(const column_view& input, size_type index, cuda::stream_ref stream,
                                    rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(index >= 0 && index < input.size(), "Index out of bounds", std::out_of_range);
  const host::Col rows(input, stream, "get_element");
  return host::make_scalar(rows.type(), rows.at(index), stream, memory);
}

std::unique_ptr<table> sample(const table_view& input, const size_type n, sample_with_replacement replacement, const int64_t,
                              cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(n >= 0, "expected number of samples should be non-negative");
  const size_type rows = input.num_rows();
  CUDF_EXPECTS(n <= rows || replacement == sample_with_replacement::TRUE,
               "If n > number of rows, then multiple sampling of the same row should be allowed");
  // Which rows a seed gives is NVIDIA's own affair: anything here.
  std::vector<size_type> chosen;
  std::vector<size_type> order = host::shuffled(rows);
  for (size_type i = 0; i < n; ++i) {
    const bool again = replacement == sample_with_replacement::TRUE;
    chosen.push_back(order[again ? gpu::random() % order.size() : static_cast<std::size_t>(i)]);
  }
  return host::gather_rows(input, chosen, stream, memory);
}

bool has_nonempty_nulls(const column_view&, cuda::stream_ref) { return false; }
bool may_have_nonempty_nulls(const column_view&) { return false; }
std::unique_ptr<column> purge_nonempty_nulls(const column_view& input, cuda::stream_ref stream,
                                             rmm::device_async_resource_ref memory) {
  return std::make_unique<column>(input, stream, memory);
}

}  // namespace cudf
