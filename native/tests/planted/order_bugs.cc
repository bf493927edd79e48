#include <cudf/aggregation.hpp>
#include <cudf/copying.hpp>
#include <cudf/groupby.hpp>
#include <cudf/join/join.hpp>
#include <cudf/sorting.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/table/table.hpp>

#include <algorithm>

#include "bugs.hh"
#include "data.hh"

namespace warpframe::planted {
namespace {

using cudf::table_view;

/** row % groups */
std::vector<std::int64_t> keys(std::int64_t groups) {
  std::vector<std::int64_t> values = counted(0, 1);
  for (std::int64_t& value : values) value %= groups;
  return values;
}

bool unstable_sort(bool planted) {
  const auto key = column_of(keys(2));
  const auto row = column_of(counted(0, 1));
  const table_view values({key->view(), row->view()});
  const table_view by({key->view()});
  const auto sorted = planted ? cudf::sort_by_key(values, by, {}, {}, stream()) : cudf::stable_sort_by_key(values, by, {}, {}, stream());
  // Even rows first, odd rows after them, each in the order they came.
  std::vector<std::int64_t> expected = counted(0, 2, kRows / 2);
  for (const std::int64_t odd : counted(1, 2, kRows / 2)) expected.push_back(odd);
  return download<std::int64_t>(sorted->get_column(1).view()) == expected;
}

bool order_after_distinct(bool planted) {
  const auto key = column_of(keys(kRows / 2));
  const table_view input({key->view()});
  const auto keep = cudf::duplicate_keep_option::KEEP_FIRST;
  const auto found = planted ? cudf::distinct(input, {0}, keep, cudf::null_equality::EQUAL, cudf::nan_equality::ALL_EQUAL, stream())
                             : cudf::stable_distinct(input, {0}, keep, cudf::null_equality::EQUAL, cudf::nan_equality::ALL_EQUAL, stream());
  return download<std::int64_t>(found->get_column(0).view()) == counted(0, 1, kRows / 2);
}

bool order_after_groupby(bool planted) {
  const auto key = column_of(keys(kRows / 2));
  cudf::groupby::groupby groups(table_view({key->view()}));
  std::vector<cudf::groupby::aggregation_request> requests(1);
  requests[0].values = key->view();
  requests[0].aggregations.push_back(cudf::make_sum_aggregation<cudf::groupby_aggregation>());
  auto [found, results] = groups.aggregate(requests, stream());
  std::unique_ptr<cudf::table> sums;
  const table_view both({found->view().column(0), results[0].results[0]->view()});
  if (!planted) sums = cudf::stable_sort_by_key(both, found->view(), {}, {}, stream());
  // Each key stands in two rows.
  return download<std::int64_t>(planted ? both.column(1) : sums->view().column(1)) == counted(0, 2, kRows / 2);
}

bool order_after_join(bool planted) {
  const auto left = column_of(counted(0, 1));
  const auto right = column_of(counted(0, 1));
  auto [rows, matches] = cudf::inner_join(table_view({left->view()}), table_view({right->view()}), cudf::null_equality::UNEQUAL, stream());
  const cudf::column_view map(cudf::data_type{cudf::type_id::INT32}, static_cast<cudf::size_type>(rows->size()), rows->data(), nullptr, 0);
  std::unique_ptr<cudf::table> sorted;
  if (!planted) sorted = cudf::sort(table_view({map}), {}, {}, stream());
  const auto joined = cudf::gather(table_view({left->view()}), planted ? map : sorted->view().column(0),
                                   cudf::out_of_bounds_policy::DONT_CHECK, stream());
  return download<std::int64_t>(joined->get_column(0).view()) == counted(0, 1);
}

bool which_duplicate(bool planted) {
  const auto key = column_of(std::vector<std::int64_t>(kRows, 7));
  const auto row = column_of(counted(0, 1));
  const auto keep = planted ? cudf::duplicate_keep_option::KEEP_ANY : cudf::duplicate_keep_option::KEEP_FIRST;
  const auto found = cudf::distinct(table_view({key->view(), row->view()}), {0}, keep, cudf::null_equality::EQUAL,
                                    cudf::nan_equality::ALL_EQUAL, stream());
  return download<std::int64_t>(found->get_column(1).view()) == std::vector<std::int64_t>{0};
}

}  // namespace

const std::vector<Bug>& order_bugs() {
  static const std::vector<Bug> bugs{
      {"unstable-sort", "sort_by_key where rows with equal keys must keep their order", unstable_sort},
      {"order-after-distinct", "distinct, as if it kept the order of the rows", order_after_distinct},
      {"order-after-groupby", "groups, as if they came in the order of their keys", order_after_groupby},
      {"order-after-join", "pairs of an inner join, as if they came in the order of the left rows", order_after_join},
      {"which-duplicate", "KEEP_ANY, as if it were the first", which_duplicate},
  };
  return bugs;
}

}  // namespace warpframe::planted
