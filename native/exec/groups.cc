#include "groups.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/copying.hpp>
#include <cudf/groupby.hpp>
#include <cudf/join/distinct_hash_join.hpp>
#include <cudf/sorting.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/table/table.hpp>

namespace warpframe::exec {

namespace {

/** Rows of a result of libcudf's group by, whose groups come in any order, in the order of their keys. */
std::vector<Lane> in_key_order(const cudf::table& keys, std::vector<Lane> lanes) {
  if (keys.num_rows() < 2 || lanes.empty()) return lanes;
  Context& context = lanes[0].context();
  const Lane order = lane_of(cudf::stable_sorted_order(keys.view(), {}, {}, context.stream, context.memory), context);
  for (Lane& lane : lanes) lane = gathered(lane, order);
  return lanes;
}

bool counts(const cudf::aggregation& request) {
  return request.kind == cudf::aggregation::COUNT_ALL || request.kind == cudf::aggregation::COUNT_VALID ||
         request.kind == cudf::aggregation::NUNIQUE;
}

}  // namespace

Groups group_rows(const std::vector<Lane>& keys, Context& context) {
  std::vector<Lane> comparable;
  for (const Lane& key : keys) comparable.push_back(equality_key(key));
  const cudf::table_view rows = view_of(comparable);
  if (rows.num_rows() == 0) return {sequence(0, 0, context), sequence(0, 0, context), 0};
  const Owned any_order = cudf::distinct_indices(rows, cudf::duplicate_keep_option::KEEP_FIRST, cudf::null_equality::EQUAL,
                                                 cudf::nan_equality::ALL_EQUAL, context.stream, context.memory);
  auto ascending = cudf::sort(cudf::table_view{{any_order->view()}}, {}, {}, context.stream, context.memory);
  Lane first_rows = lane_of(std::move(ascending->release()[0]), context);
  const auto distinct = cudf::gather(rows, first_rows.view(), cudf::out_of_bounds_policy::DONT_CHECK, context.stream, context.memory);
  const cudf::distinct_hash_join table{distinct->view(), cudf::null_equality::EQUAL, 0.5, context.stream};
  const auto labels = table.left_join(rows, context.stream, context.memory);
  const cudf::size_type count = first_rows.rows();
  return {lane_of(std::make_unique<cudf::column>(std::move(*labels), rmm::device_buffer{}, 0), context), std::move(first_rows), count};
}

Groups one_group(cudf::size_type rows, Context& context) {
  const auto zero = number_scalar(cudf::data_type{kInt32}, 0, context);
  Lane labels = lane_of(cudf::make_column_from_scalar(*zero, rows, context.stream, context.memory), context);
  return {std::move(labels), sequence(1, 0, context), 1};
}

Groups arranged_groups(const Lane& labels, cudf::size_type count) {
  Context& context = labels.context();
  // Row 0 of a single group is there even where no row is: nobody reads it then.
  if (labels.rows() == 0) return {labels, sequence(count, 0, context), count};
  Groups groups{labels, sequence(0, 0, context), count};
  GroupBy least{groups};
  const std::size_t first = least.add_min(sequence(labels.rows(), 0, context));
  least.run();
  groups.first_rows = least.result(first);
  return groups;
}

std::size_t GroupBy::add(const Lane& values, Request request) {
  values_.push_back(values);
  requests_.push_back(std::move(request));
  return requests_.size() - 1;
}
std::size_t GroupBy::add_sum(const Lane& values) { return add(values, cudf::make_sum_aggregation<cudf::groupby_aggregation>()); }
std::size_t GroupBy::add_min(const Lane& values) { return add(values, cudf::make_min_aggregation<cudf::groupby_aggregation>()); }
std::size_t GroupBy::add_max(const Lane& values) { return add(values, cudf::make_max_aggregation<cudf::groupby_aggregation>()); }
std::size_t GroupBy::add_mean(const Lane& values) { return add(values, cudf::make_mean_aggregation<cudf::groupby_aggregation>()); }
std::size_t GroupBy::add_count(const Lane& values) {
  return add(values, cudf::make_count_aggregation<cudf::groupby_aggregation>(cudf::null_policy::EXCLUDE));
}
std::size_t GroupBy::add_rows() {
  return add(found_ == nullptr ? groups_.labels : keys_[0],
             cudf::make_count_aggregation<cudf::groupby_aggregation>(cudf::null_policy::INCLUDE));
}

GroupBy::GroupBy(Groups& groups, const std::vector<Lane>& keys) : groups_(groups), found_(&groups) {
  for (const Lane& key : keys) keys_.push_back(equality_key(key));
}

std::pair<std::unique_ptr<cudf::table>, std::vector<Lane>> GroupBy::ask(cudf::table_view keys, cudf::null_policy nulls) {
  Context& context = groups_.labels.context();
  std::vector<cudf::groupby::aggregation_request> requests(requests_.size());
  std::vector<bool> is_count;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    is_count.push_back(counts(*requests_[i]));
    requests[i].values = values_[i].view();
    requests[i].aggregations.push_back(std::move(requests_[i]));
  }
  cudf::groupby::groupby table{keys, nulls};
  auto [rows, answers] = table.aggregate(requests, context.stream, context.memory);
  context.check_cancelled();
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Lane lane = lane_of(std::move(answers[i].results[0]), context);
    // The one group of no rows and no keys.
    if (found_ == nullptr && lane.rows() < groups_.count) lane = look_up(lane.view(), sequence(groups_.count, 0, context));
    lanes.push_back(is_count[i] ? with_default(lane, 0) : std::move(lane));
  }
  return {std::move(rows), std::move(lanes)};
}

void GroupBy::run() {
  if (found_ != nullptr) return run_by_keys();
  if (requests_.empty()) return;
  auto [keys, lanes] = ask(cudf::table_view{{groups_.labels.view()}}, cudf::null_policy::EXCLUDE);
  results_ = in_key_order(*keys, std::move(lanes));
}

void GroupBy::run_by_keys() {
  Context& context = keys_[0].context();
  const std::size_t first = add_min(sequence(keys_[0].rows(), 0, context));
  results_ = ask(view_of(keys_), cudf::null_policy::INCLUDE).second;
  const Lane order = sorted_rows({{results_[first], false, false}}, context);
  for (Lane& lane : results_) lane = gathered(lane, order);
  found_->first_rows = results_[first];
  found_->count = order.rows();
}

SortedGroups sort_groups(const Groups& groups, const Lane& values, bool descending) {
  Context& context = values.context();
  Lane rows = sorted_rows({{groups.labels, false, false}, {values, descending, false}}, context);
  GroupBy sizes{groups};
  const std::size_t all = sizes.add_rows();
  const std::size_t valid = sizes.add_count(values);
  sizes.run();
  const Lane ends = running_sums(sizes.result(all));
  return {std::move(rows), (ends - sizes.result(all).cast(kInt64)).cast(kInt32), sizes.result(valid)};
}

Lane scanned(const Groups& arranged, const Lane& values, std::unique_ptr<cudf::groupby_scan_aggregation> aggregation) {
  Context& context = values.context();
  std::vector<cudf::groupby::scan_request> requests(1);
  requests[0].values = values.view();
  requests[0].aggregations.push_back(std::move(aggregation));
  cudf::groupby::groupby table{cudf::table_view{{arranged.labels.view()}}, cudf::null_policy::EXCLUDE, cudf::sorted::YES};
  auto [keys, answers] = table.scan(requests, context.stream, context.memory);
  const Lane result = lane_of(std::move(answers[0].results[0]), context);
  // Rows of a group keep their order; groups come in any.
  return arranged.count < 2 ? result : in_key_order(*keys, {result})[0];
}

}  // namespace warpframe::exec
