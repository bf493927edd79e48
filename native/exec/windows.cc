#include "windows.hh"

#include <array>
#include <optional>

#include "aggregates.hh"
#include "arguments.hh"
#include "expressions.hh"
#include "faults.hh"
#include "window_steps.hh"

namespace warpframe::exec {

namespace {

struct Row {
  std::string_view name;
  Lane (*run)(const WindowInput&);
};

constexpr std::array kRows{
    Row{"cumSum", cum_sum}, Row{"cumProd", cum_prod}, Row{"cumMin", cum_min}, Row{"cumMax", cum_max},
    Row{"cumCount", cum_count}, Row{"shift", shift}, Row{"rank", rank}, Row{"rollingSum", rolling_sum},
    Row{"rollingMean", rolling_mean}, Row{"rollingMin", rolling_min}, Row{"rollingMax", rolling_max},
    Row{"rollingVar", rolling_var}, Row{"rollingMedian", rolling_median}, Row{"ewmMean", ewm_mean},
    Row{"forwardFill", forward_fill}, Row{"backwardFill", backward_fill}, Row{"rowIndex", row_index},
    Row{"random", random_numbers},
};
constexpr auto kFunctions = [] {
  std::array<WindowFunction, kRows.size()> functions{};
  for (std::size_t i = 0; i < kRows.size(); ++i) functions[i] = {kRows[i].name, nullptr};
  return functions;
}();

const Row* find(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

const plan::Call* call_of(const plan::Over& over) { return std::get_if<plan::Call>(&over.expr->node); }

std::vector<Lane> lanes_of(const std::vector<plan::ExprPtr>& exprs, const Frame& input, Context& context) {
  std::vector<Lane> lanes;
  for (const Value& value : evaluate_all(exprs, input, context)) lanes.push_back(full_lane(value, input.rows, context));
  return lanes;
}

/** Row numbers partition by partition, each in its order; none where the rows lie so already. */
std::optional<Lane> arrange(const plan::Over& over, const Groups& groups, const Frame& input, Context& context) {
  if (over.order_by.empty() && over.partition_by.empty()) return std::nullopt;
  std::vector<SortKey> keys;
  if (!over.partition_by.empty()) keys.push_back({groups.labels, false, false});
  for (const plan::OrderKey& key : over.order_by)
    keys.push_back({full_lane(evaluate(*key.expr, input, context), input.rows, context), key.descending, key.nulls_first});
  return sorted_rows(keys, context);
}

Lane run_window(const plan::Over& over, const Row& row, const std::vector<Lane>& args, const Groups& groups,
                const std::optional<Lane>& order, cudf::size_type rows, Context& context) {
  const Groups lying = order && groups.count > 1 ? arranged_groups(gathered(groups.labels, *order), groups.count) : groups;
  std::vector<Lane> arranged;
  for (const Lane& arg : args) arranged.push_back(order ? gathered(arg, *order) : arg);
  const Lane index = sequence(rows, 0, context);
  GroupBy last{lying};
  const std::size_t at = last.add_max(index);
  last.run();
  const WindowInput in{*over.expr, *call_of(over), arranged, lying, order ? &*order : nullptr, index,
                       look_up(lying.first_rows.view(), lying.labels), look_up(last.result(at).view(), lying.labels) + 1};
  const Lane result = conform(row.run(in), over.expr->type);
  return order ? gathered(result, inverse(*order)) : result;
}

}  // namespace

void check_window_overflow(const WindowInput& in, const Lane& bad) {
  const std::optional<cudf::size_type> at = first_where(bad);
  if (!at) return;
  // The row that the user sees is the input's.
  const Lane rows = in.order == nullptr ? in.index : inverse(*in.order);
  fail_overflow(equal(rows, *at), in.expr, in.expr.type);
}

Value evaluate_over(const plan::Expr& expr, const Frame& input, Context& context) {
  const auto& over = std::get<plan::Over>(expr.node);
  const plan::Call* call = call_of(over);
  if (call == nullptr) throw Failure("ERR_UNSUPPORTED", why_not_over(expr));
  const std::vector<Lane> keys = lanes_of(over.partition_by, input, context);
  const std::vector<Lane> args = lanes_of(call->args, input, context);
  const Groups groups = keys.empty() ? one_group(input.rows, context) : group_rows(keys, context);
  context.check_cancelled();
  if (const Row* row = find(call->fn)) {
    if (input.rows == 0) return null_column(expr.type, 0, context);
    const std::optional<Lane> order = arrange(over, groups, input, context);
    return run_window(over, *row, args, groups, order, input.rows, context).value();
  }
  // An aggregate: one value a partition, over rows in the window's order where it has one.
  const std::optional<Lane> order = over.order_by.empty() ? std::nullopt : arrange(over, groups, input, context);
  std::vector<Lane> arranged;
  for (const Lane& arg : args) arranged.push_back(order ? gathered(arg, *order) : arg);
  const Groups lying = order ? arranged_groups(gathered(groups.labels, *order), groups.count) : groups;
  const Lane result = aggregate_groups({over.expr.get()}, {arranged}, lying)[0];
  return gathered(result, groups.labels).value();
}

std::string why_not_over(const plan::Expr& expr) {
  const auto& over = std::get<plan::Over>(expr.node);
  for (const plan::ExprPtr& key : over.partition_by)
    if (std::string reason = why_not(*key); !reason.empty()) return reason;
  for (const plan::OrderKey& key : over.order_by)
    if (std::string reason = why_not(*key.expr); !reason.empty()) return reason;
  const plan::Call* call = call_of(over);
  const Row* row = call == nullptr ? nullptr : find(call->fn);
  if (row == nullptr) return why_not_aggregate(*over.expr);
  for (const plan::ExprPtr& arg : call->args)
    if (std::string reason = why_not(*arg); !reason.empty()) return reason;
  return "";
}

std::span<const WindowFunction> window_functions() { return kFunctions; }

}  // namespace warpframe::exec
