#include "aggregates.hh"

#include <algorithm>
#include <array>

#include "aggregate_states.hh"
#include "aggregate_steps.hh"
#include "arguments.hh"
#include "expressions.hh"

namespace warpframe::exec {

namespace {

struct Row {
  std::string_view name;
  Finish (*start)(const AggregateInput&);
  /** Whether it asks for no more than the shared results and the first row of each group. */
  bool direct = false;
};
constexpr std::array kRows{
    Row{"sum", start_states, true},           Row{"mean", start_states, true},     Row{"var", start_var},
    Row{"min", start_states, true},           Row{"max", start_states, true},       Row{"quantile", start_quantile},
    Row{"skew", start_skew},         Row{"kurtosis", start_kurtosis}, Row{"corr", start_corr},
    Row{"cov", start_cov},           Row{"count", start_states, true},   Row{"len", start_states, true},
    Row{"nUnique", start_n_unique, true},  Row{"first", start_states, true},   Row{"last", start_states, true},
    Row{"mode", start_mode},         Row{"argMin", start_arg_min}, Row{"argMax", start_arg_max},
    Row{"implode", start_implode},
};
constexpr auto kFunctions = [] {
  std::array<AggregateFunction, kRows.size()> functions{};
  for (std::size_t i = 0; i < kRows.size(); ++i) functions[i] = {kRows[i].name, nullptr};
  return functions;
}();

const Row* find(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

const Row& row_of(const plan::Expr& expr) {
  const auto* call = std::get_if<plan::Call>(&expr.node);
  const Row* row = call == nullptr ? nullptr : find(call->fn);
  if (row == nullptr) throw Failure("ERR_UNSUPPORTED", why_not_aggregate(expr));
  return *row;
}

std::vector<Lane> run_all(const std::vector<const plan::Expr*>& calls, const std::vector<std::vector<Lane>>& args, const Groups& groups,
                          GroupBy& shared) {
  std::vector<Finish> finish;
  for (std::size_t i = 0; i < calls.size(); ++i)
    finish.push_back(row_of(*calls[i]).start({*calls[i], std::get<plan::Call>(calls[i]->node), args[i], groups, shared}));
  shared.run();
  std::vector<Lane> results;
  for (std::size_t i = 0; i < calls.size(); ++i) results.push_back(conform(finish[i](), calls[i]->type));
  return results;
}

}  // namespace

Finish start_states(const AggregateInput& in) {
  const StateFunction* const function = find_state_function(in.call.fn);
  std::vector<std::function<Lane()>> folded;
  for (const State& state : function->states(in.args, false)) folded.push_back(ask(state, in.groups, in.shared));
  return [in, function, folded] {
    std::vector<Lane> lanes;
    for (const auto& lane : folded) lanes.push_back(lane());
    return function->finish(in.expr, lanes);
  };
}

Finish start_n_unique(const AggregateInput& in) {
  const std::size_t at = in.shared.add(equality_key(in.args[0]),
                                       cudf::make_nunique_aggregation<cudf::groupby_aggregation>(cudf::null_policy::INCLUDE));
  return [in, at] { return in.shared.result(at).cast(cudf::type_id::UINT32); };
}

std::span<const AggregateFunction> aggregate_functions() { return kFunctions; }

std::string why_not_aggregate(const plan::Expr& expr) {
  const auto* call = std::get_if<plan::Call>(&expr.node);
  if (call == nullptr || find(call->fn) == nullptr)
    return "libcudf's executor has no aggregate " + (call == nullptr ? plan::expr_text(expr) : call->fn + "()") + ".";
  for (const plan::ExprPtr& arg : call->args)
    if (std::string reason = why_not(*arg); !reason.empty()) return reason;
  return "";
}

std::vector<Lane> aggregate_groups(const std::vector<const plan::Expr*>& calls, const std::vector<std::vector<Lane>>& args,
                                   const Groups& groups) {
  GroupBy shared{groups};
  return run_all(calls, args, groups, shared);
}

Evaluated evaluated(const plan::Aggregate& aggregate, const Frame& input, Context& context) {
  // Keys and arguments in one go: what they have in common is computed once.
  std::vector<plan::ExprPtr> exprs;
  Evaluated result;
  for (const plan::NamedExpr& key : aggregate.keys) exprs.push_back(key.expr);
  for (const plan::NamedExpr& agg : aggregate.aggs) {
    result.calls.push_back(agg.expr.get());
    if (const auto* call = std::get_if<plan::Call>(&agg.expr->node)) exprs.insert(exprs.end(), call->args.begin(), call->args.end());
  }
  std::vector<Lane> lanes;
  for (const Value& value : evaluate_all(exprs, input, context)) lanes.push_back(full_lane(value, input.rows, context));
  context.check_cancelled();
  auto next = lanes.begin() + static_cast<std::ptrdiff_t>(aggregate.keys.size());
  result.keys.assign(lanes.begin(), next);
  for (const plan::Expr* expr : result.calls) {
    const auto* call = std::get_if<plan::Call>(&expr->node);
    const auto count = static_cast<std::ptrdiff_t>(call == nullptr ? 0 : call->args.size());
    result.args.emplace_back(next, next + count);
    next += count;
  }
  return result;
}

Frame aggregate(const plan::Node& node, const Frame& input, Context& context) {
  const auto& [keys, calls, args] = evaluated(std::get<plan::Aggregate>(node.node), input, context);
  const bool direct = !keys.empty() && input.rows > 0 &&
                      std::all_of(calls.begin(), calls.end(), [](const plan::Expr* expr) { return row_of(*expr).direct; });
  Groups groups = keys.empty() || direct ? one_group(direct ? 0 : input.rows, context) : group_rows(keys, context);
  GroupBy shared = direct ? GroupBy{groups, keys} : GroupBy{groups};
  std::vector<Lane> results = run_all(calls, args, groups, shared);
  std::vector<ColumnPtr> columns;
  for (const Lane& key : keys) columns.push_back(column_of(gathered(key, groups.first_rows)));
  for (Lane& result : results) columns.push_back(column_of(std::move(result)));
  return conform(node.schema, std::move(columns), groups.count, context);
}

}  // namespace warpframe::exec
