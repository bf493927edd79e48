// Group by: aggregates and scans. Groups come out in any order, a new one for every call.
#include "relational.hh"

#include <cudf/groupby.hpp>

namespace host = warpframe::host;

namespace cudf::groupby {

namespace detail::sort {
struct sort_groupby_helper {};
}  // namespace detail::sort

namespace {

std::vector<std::vector<size_type>> groups_in_any_order(const table_view& keys, null_policy nulls, cuda::stream_ref stream) {
  const auto equality = nulls == null_policy::INCLUDE ? null_equality::EQUAL : null_equality::UNEQUAL;
  std::vector<std::vector<size_type>> groups = host::group_keys(keys, equality, stream, "groupby keys").rows;
  std::vector<std::vector<size_type>> result;
  for (const size_type at : host::shuffled(static_cast<size_type>(groups.size()))) result.push_back(std::move(groups[static_cast<std::size_t>(at)]));
  return result;
}

std::vector<host::Val> values_at(const host::Col& column, const std::vector<size_type>& rows) {
  std::vector<host::Val> values;
  values.reserve(rows.size());
  for (const size_type row : rows) values.push_back(column.at(row));
  return values;
}

void check_sorted(const table_view& keys, cuda::stream_ref stream) {
  const std::vector<host::Col> columns = host::cols(keys, stream, "sorted groupby keys");
  std::unordered_map<std::string, size_type> last;
  for (size_type row = 0; row < keys.num_rows(); ++row) {
    const std::string key = host::row_key(columns, row);
    const auto known = last.find(key);
    if (known != last.end() && known->second != row - 1) host::violate("groupby: keys said to be sorted are not");
    last[key] = row;
  }
}

}  // namespace

groupby::groupby(const table_view& keys, null_policy null_handling, sorted keys_are_sorted, const std::vector<order>& column_order,
                 const std::vector<null_order>& null_precedence)
    : _keys(keys), _include_null_keys(null_handling), _keys_are_sorted(keys_are_sorted), _column_order(column_order),
      _null_precedence(null_precedence) {}

groupby::~groupby() = default;

std::pair<std::unique_ptr<table>, std::vector<aggregation_result>> groupby::aggregate(
    std::span<const aggregation_request> requests, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  if (_keys_are_sorted == sorted::YES) check_sorted(_keys, stream);
  const auto grouped = groups_in_any_order(_keys, _include_null_keys, stream);
  std::vector<size_type> first;
  for (const auto& rows : grouped) first.push_back(rows[host::shuffled(static_cast<size_type>(rows.size()))[0]]);
  std::vector<aggregation_result> results;
  for (const aggregation_request& request : requests) {
    CUDF_EXPECTS(request.values.size() == _keys.num_rows(), "Size mismatch between request values and groupby keys.", std::invalid_argument);
    const host::Col column(request.values, stream, "groupby values");
    aggregation_result& result = results.emplace_back();
    for (const auto& agg : request.aggregations) {
      const host::Type type = host::aggregate_type(column.type(), *agg, "groupby");
      std::vector<host::Val> values;
      for (const auto& rows : grouped) values.push_back(host::aggregate_values(*agg, type, values_at(column, rows)));
      result.results.push_back(host::make(type, values, stream, memory));
    }
  }
  return {host::gather_rows(_keys, first, stream, memory), std::move(results)};
}

std::pair<std::unique_ptr<table>, std::vector<aggregation_result>> groupby::scan(std::span<const scan_request> requests,
                                                                                 cuda::stream_ref stream,
                                                                                 rmm::device_async_resource_ref memory) {
  if (_keys_are_sorted == sorted::YES) check_sorted(_keys, stream);
  const auto grouped = groups_in_any_order(_keys, _include_null_keys, stream);
  std::vector<size_type> order;
  for (const auto& rows : grouped) order.insert(order.end(), rows.begin(), rows.end());
  std::vector<aggregation_result> results;
  for (const scan_request& request : requests) {
    CUDF_EXPECTS(request.values.size() == _keys.num_rows(), "Size mismatch between request values and groupby keys.", std::invalid_argument);
    const host::Col column(request.values, stream, "groupby scan values");
    aggregation_result& result = results.emplace_back();
    for (const auto& agg : request.aggregations) {
      const host::Type type = host::aggregate_type(column.type(), *agg, "groupby scan");
      std::vector<host::Val> values;
      for (const auto& rows : grouped) {
        host::Val so_far;
        for (const host::Val& value : values_at(column, rows)) {
          if (!value.null()) so_far = so_far.null() ? host::wrapped(value, type) : host::combine(*agg, type, so_far, value);
          values.push_back(value.null() ? host::Val() : so_far);
        }
      }
      result.results.push_back(host::make(type, values, stream, memory));
    }
  }
  return {host::gather_rows(_keys, order, stream, memory), std::move(results)};
}

}  // namespace cudf::groupby
