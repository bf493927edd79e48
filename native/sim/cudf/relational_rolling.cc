// Rolling windows over groups that lie group by group.
#include "relational.hh"

#include <cudf/rolling.hpp>

#include <algorithm>

namespace host = warpframe::host;

namespace cudf {

std::unique_ptr<column> grouped_rolling_window(const table_view& group_keys, const column_view& input, size_type preceding,
                                               size_type following, size_type min_periods, const rolling_aggregation& agg,
                                               cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(min_periods >= 1, "min_periods must be positive", std::invalid_argument);
  CUDF_EXPECTS(group_keys.num_columns() == 0 || group_keys.num_rows() == input.size(), "Size mismatch between group_keys and input vector.", std::invalid_argument);
  const host::Col column(input, stream, "rolling window");
  const host::Type type = host::aggregate_type(column.type(), agg, "rolling window");
  const std::vector<host::Val> values = column.values();
  std::vector<host::Val> results(values.size());
  const auto groups = host::group_keys(group_keys, null_equality::EQUAL, stream, "rolling window keys").rows;
  for (const std::vector<size_type>& rows : groups) {
    const std::int64_t first = rows.front();
    const std::int64_t end = rows.back() + std::int64_t{1};
    if (end - first != static_cast<std::int64_t>(rows.size())) host::violate("rolling window: the keys are not sorted");
    for (std::int64_t row = first; row < end; ++row) {
      // The row itself is one of those before.
      const std::int64_t from = std::clamp(row - preceding + 1, first, end);
      const std::int64_t to = std::clamp(row + following + 1, from, end);
      const std::span<const host::Val> window{values.data() + from, values.data() + to};
      const auto valid = std::count_if(window.begin(), window.end(), [](const host::Val& v) { return !v.null(); });
      if (valid >= min_periods) results[static_cast<std::size_t>(row)] = host::aggregate_values(agg, type, window);
    }
  }
  return host::make(type, results, stream, memory);
}

}  // namespace cudf
