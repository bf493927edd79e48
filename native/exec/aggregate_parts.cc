#include "aggregate_parts.hh"

#include <cudf/concatenate.hpp>

#include <algorithm>

#include "../util/failure.hh"
#include "aggregate_steps.hh"
#include "row_limit.hh"

namespace warpframe::exec {

namespace {

const StateFunction* function_of(const plan::NamedExpr& agg) {
  const auto* call = std::get_if<plan::Call>(&agg.expr->node);
  return call == nullptr ? nullptr : find_state_function(call->fn);
}

/** Keys and states of the groups. No rows give no group, without keys too: one that has no first row says nothing. */
Frame folded(const std::vector<Lane>& keys, const std::vector<State>& states, cudf::size_type rows, Context& context) {
  const bool by_keys = !keys.empty() && rows > 0;
  Groups groups = keys.empty() || by_keys ? one_group(by_keys ? 0 : rows, context) : group_rows(keys, context);
  GroupBy shared = by_keys ? GroupBy{groups, keys} : GroupBy{groups};
  std::vector<std::function<Lane()>> lanes;
  for (const State& state : states) {
    std::function<Lane()> lane = ask(state, groups, shared);
    // Counts as the sums of counts that they are merged to.
    if (state.fold == Fold::count || state.fold == Fold::rows) lane = [lane] { return lane().cast(kInt64); };
    lanes.push_back(std::move(lane));
  }
  shared.run();
  Frame result{{}, {}, rows > 0 ? groups.count : 0};
  for (const Lane& key : keys) result.columns.push_back(column_of(gathered(key, groups.first_rows)));
  for (const auto& lane : lanes) result.columns.push_back(column_of(rows > 0 ? lane() : part(lane(), 0, 0)));
  return result;
}

}  // namespace

bool merges(const plan::Aggregate& aggregate) {
  return std::all_of(aggregate.aggs.begin(), aggregate.aggs.end(), [](const plan::NamedExpr& agg) { return function_of(agg) != nullptr; });
}

PartedAggregate::PartedAggregate(const plan::Node& node, Context& context)
    : node_(node), aggregate_(std::get<plan::Aggregate>(node.node)), context_(context) {}

void PartedAggregate::add(const Frame& input) {
  const Evaluated rows = evaluated(aggregate_, input, context_);
  std::vector<State> states;
  counts_.clear();
  for (std::size_t i = 0; i < rows.calls.size(); ++i) {
    const std::vector<State> own = function_of(aggregate_.aggs[i])->states(rows.args[i], true);
    states.insert(states.end(), own.begin(), own.end());
    counts_.push_back(own.size());
  }
  folds_.clear();
  for (const State& state : states) folds_.push_back(merged(state.fold));
  Frame part = folded(rows.keys, states, input.rows, context_);
  if (part.rows == 0 && !parts_.empty()) return;
  if (rows_ + part.rows > most_rows()) merge();
  rows_ += part.rows;
  parts_.push_back(std::move(part));
  // When there is as much again: the work is that of a few times the parts' groups, the memory twice that of all groups.
  if (rows_ >= 2 * merged_rows_) merge();
}

void PartedAggregate::merge() {
  if (parts_.size() > 1) {
    if (rows_ > most_rows())
      throw Failure("ERR_UNSUPPORTED", plan::node_label(node_) + ": " + std::to_string(rows_) +
                                           " groups of parts are more than libcudf's columns hold (" + std::to_string(most_rows()) + ").");
    std::vector<Lane> lanes;
    for (std::size_t i = 0; i < parts_[0].columns.size(); ++i) {
      std::vector<cudf::column_view> views;
      for (const Frame& part : parts_) views.push_back(part.columns[i]->view());
      lanes.push_back(lane_of(cudf::concatenate(views, context_.stream, context_.memory), context_));
    }
    parts_.clear();
    const auto first_state = lanes.begin() + static_cast<std::ptrdiff_t>(aggregate_.keys.size());
    std::vector<State> states;
    for (std::size_t i = 0; i < folds_.size(); ++i) states.push_back({first_state[static_cast<std::ptrdiff_t>(i)], folds_[i]});
    const std::vector<Lane> keys(lanes.begin(), first_state);
    lanes.clear();
    parts_.push_back(folded(keys, states, static_cast<cudf::size_type>(rows_), context_));
  }
  rows_ = merged_rows_ = parts_[0].rows;
}

Frame PartedAggregate::result() {
  merge();
  Frame& all = parts_[0];
  // One group where there are neither keys nor rows.
  const bool nothing = aggregate_.keys.empty() && all.rows == 0;
  const Lane only = sequence(1, 0, context_);
  std::vector<ColumnPtr> columns(all.columns.begin(), all.columns.begin() + static_cast<std::ptrdiff_t>(aggregate_.keys.size()));
  auto next = all.columns.begin() + static_cast<std::ptrdiff_t>(columns.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    std::vector<Lane> lanes;
    for (std::size_t k = 0; k < counts_[i]; ++k) {
      const Lane lane = lane_of(*next++, context_);
      lanes.push_back(nothing ? look_up(lane.view(), only) : lane);
    }
    columns.push_back(column_of(function_of(aggregate_.aggs[i])->finish(*aggregate_.aggs[i].expr, lanes)));
  }
  return conform(node_.schema, std::move(columns), nothing ? 1 : all.rows, context_);
}

}  // namespace warpframe::exec
