// Rows kept or put in order by others: drop_nulls, distinct, sort_by_key.
#include "host.hh"

#include <cudf/sorting.hpp>
#include <cudf/stream_compaction.hpp>

#include <algorithm>

namespace host = warpframe::host;

namespace cudf {
namespace {

std::vector<size_type> rows_of(const column_view& map, cuda::stream_ref stream) {
  const host::Col indices(map, stream, "row numbers");
  std::vector<size_type> rows;
  for (size_type i = 0; i < indices.size(); ++i) rows.push_back(static_cast<size_type>(indices.at(i).i()));
  return rows;
}

}  // namespace

std::unique_ptr<table> drop_nulls(const table_view& input, const std::vector<size_type>& keys, size_type threshold,
                                  cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  const std::vector<host::Col> columns = host::cols(input.select(keys), stream, "drop_nulls");
  std::vector<size_type> rows;
  for (size_type row = 0; row < input.num_rows(); ++row) {
    const auto present = std::count_if(columns.begin(), columns.end(), [row](const host::Col& each) { return each.valid(row); });
    if (present >= threshold) rows.push_back(row);
  }
  return host::gather_rows(input, rows, stream, memory);
}
std::unique_ptr<table> drop_nulls(const table_view& input, const std::vector<size_type>& keys, cuda::stream_ref stream,
                                  rmm::device_async_resource_ref memory) {
  return drop_nulls(input, keys, static_cast<size_type>(keys.size()), stream, memory);
}

std::unique_ptr<table> distinct(const table_view& input, const std::vector<size_type>& keys, duplicate_keep_option keep,
                                null_equality nulls, nan_equality nans, cuda::stream_ref stream,
                                rmm::device_async_resource_ref memory) {
  const auto map = distinct_indices(input.select(keys), keep, nulls, nans, stream, memory);
  return host::gather_rows(input, rows_of(map->view(), stream), stream, memory);
}
std::unique_ptr<table> stable_distinct(const table_view& input, const std::vector<size_type>& keys, duplicate_keep_option keep,
                                       null_equality nulls, nan_equality nans, cuda::stream_ref stream,
                                       rmm::device_async_resource_ref memory) {
  const auto map = distinct_indices(input.select(keys), keep, nulls, nans, stream, memory);
  std::vector<size_type> rows = rows_of(map->view(), stream);
  std::sort(rows.begin(), rows.end());
  return host::gather_rows(input, rows, stream, memory);
}

std::unique_ptr<table> sort_by_key(const table_view& values, const table_view& keys, const std::vector<order>& orders,
                                   const std::vector<null_order>& nulls, cuda::stream_ref stream,
                                   rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(values.num_rows() == keys.num_rows(), "Mismatch in number of rows for values and keys");
  const auto map = sorted_order(keys, orders, nulls, stream, memory);
  return host::gather_rows(values, rows_of(map->view(), stream), stream, memory);
}
std::unique_ptr<table> stable_sort_by_key(const table_view& values, const table_view& keys, const std::vector<order>& orders,
                                          const std::vector<null_order>& nulls, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(values.num_rows() == keys.num_rows(), "Mismatch in number of rows for values and keys");
  const auto map = stable_sorted_order(keys, orders, nulls, stream, memory);
  return host::gather_rows(values, rows_of(map->view(), stream), stream, memory);
}

}  // namespace cudf
