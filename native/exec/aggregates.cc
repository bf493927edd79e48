#include "aggregates.hh"

#include <algorithm>
#include <array>

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
    Row{"sum", start_sum, true},           Row{"mean", start_mean, true},     Row{"var", start_var},
    Row{"min", start_min, true},           Row{"max", start_max, true},       Row{"quantile", start_quantile},
    Row{"skew", start_skew},         Row{"kurtosis", start_kurtosis}, Row{"corr", start_corr},
    Row{"cov", start_cov},           Row{"count", start_count, true},   Row{"len", start_len, true},
    Row{"nUnique", start_n_unique, true},  Row{"first", start_first, true},   Row{"last", start_last, true},
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

/** Sums are of 64 bits or of decimals; smaller integers cannot overflow with fewer than 2^31 rows. */
bool may_overflow(cudf::data_type type) {
  return type.id() == kInt64 || type.id() == kUInt64 || type.id() == cudf::type_id::DECIMAL128 ||
         type.id() == cudf::type_id::DURATION_MILLISECONDS || type.id() == cudf::type_id::DURATION_MICROSECONDS ||
         type.id() == cudf::type_id::DURATION_NANOSECONDS;
}

/** Durations as their ticks; floats in Float64. */
Lane summable(const Lane& values) {
  if (values.type().id() == cudf::type_id::FLOAT32) return values.cast(kDouble);
  if (cudf::is_chrono(values.type())) return values.as(kInt64);
  return values;
}

void check_sum(const AggregateInput& in, const Lane& sum, const Lane& as_double) {
  if (!first_where(sum_overflowed(sum, as_double))) return;
  const auto* column = std::get_if<plan::Column>(&in.call.args[0]->node);
  const std::string what = column == nullptr ? "A sum" : "The sum of column \"" + column->name + "\"";
  throw Failure("ERR_OVERFLOW", what + " does not fit " + plan::type_text(in.expr.type) +
                                    ": cast to Float64 before summing for an approximate result.");
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

Finish extreme(const AggregateInput& in, bool most) {
  const Lane key = order_key(in.args[0]);
  const std::size_t at = most ? in.shared.add_max(key) : in.shared.add_min(key);
  return [in, at] { return from_order_key(in.shared.result(at), in.args[0].type()); };
}

}  // namespace

// libcudf's sums wrap. What a 64-bit sum lost is a multiple of 2^64, far more than what a Float64 sum of the same
// numbers is off, so the two tell: half way is the line. A decimal's 128 bits hold a little more than 38 digits.
Lane sum_overflowed(const Lane& sum, const Lane& as_double) {
  Context& context = sum.context();
  const bool decimal = cudf::is_fixed_point(sum.type());
  double line = 0x1p62;
  if (decimal) line = 0x1p126 * std::pow(10.0, sum.type().scale());
  const Lane off = unary(cudf::unary_operator::ABS, sum.cast(kDouble) - as_double);
  const Lane far = compare(off, Binary::GREATER, *real_scalar(cudf::data_type{kDouble}, line, context));
  if (!decimal) return far;
  const Lane unscaled = sum.as(cudf::data_type{cudf::type_id::DECIMAL128, 0});
  return either(far, either(unscaled >= ten_to(38), unscaled <= -ten_to(38)));
}

Finish start_sum(const AggregateInput& in) {
  const Lane values = summable(in.args[0]);
  const cudf::data_type to = device_type(in.expr.type);
  const std::size_t sum = in.shared.add_sum(values);
  const bool checked = may_overflow(values.type());
  const std::size_t twin = checked ? in.shared.add_sum(values.cast(kDouble)) : 0;
  return [in, sum, twin, checked, to] {
    Lane result = in.shared.result(sum);
    // libcudf adds unsigned numbers as signed ones of the same bits.
    if (to.id() == kUInt64 && result.type().id() == kInt64) result = result.as(to);
    if (checked) check_sum(in, result, in.shared.result(twin));
    if (cudf::is_chrono(to)) return with_default(result, 0).as(to);
    // Nothing adds up to 0, to null in libcudf.
    return with_default(result, 0).cast(to);
  };
}

Finish start_mean(const AggregateInput& in) {
  const std::size_t at = in.shared.add_mean(in.args[0].cast(kDouble));
  return [in, at] { return in.shared.result(at); };
}

Finish start_min(const AggregateInput& in) { return extreme(in, false); }
Finish start_max(const AggregateInput& in) { return extreme(in, true); }

Finish start_count(const AggregateInput& in) {
  const std::size_t at = in.shared.add_count(in.args[0]);
  return [in, at] { return in.shared.result(at).cast(cudf::type_id::UINT32); };
}

Finish start_len(const AggregateInput& in) {
  const std::size_t at = in.shared.add_rows();
  return [in, at] { return in.shared.result(at).cast(cudf::type_id::UINT32); };
}

Finish start_n_unique(const AggregateInput& in) {
  const std::size_t at = in.shared.add(equality_key(in.args[0]),
                                       cudf::make_nunique_aggregation<cudf::groupby_aggregation>(cudf::null_policy::INCLUDE));
  return [in, at] { return in.shared.result(at).cast(cudf::type_id::UINT32); };
}

Finish start_first(const AggregateInput& in) {
  return [in] { return look_up(in.args[0].view(), in.groups.first_rows); };
}

Finish start_last(const AggregateInput& in) {
  const std::size_t at = in.shared.add_max(sequence(in.args[0].rows(), 0, in.args[0].context()));
  return [in, at] { return look_up(in.args[0].view(), in.shared.result(at)); };
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

Frame aggregate(const plan::Node& node, const Frame& input, Context& context) {
  const auto& aggregate = std::get<plan::Aggregate>(node.node);
  // Keys and arguments in one go: what they have in common is computed once.
  std::vector<plan::ExprPtr> exprs;
  std::vector<const plan::Expr*> calls;
  for (const plan::NamedExpr& key : aggregate.keys) exprs.push_back(key.expr);
  for (const plan::NamedExpr& agg : aggregate.aggs) {
    calls.push_back(agg.expr.get());
    if (const auto* call = std::get_if<plan::Call>(&agg.expr->node)) exprs.insert(exprs.end(), call->args.begin(), call->args.end());
  }
  std::vector<Lane> lanes;
  for (const Value& value : evaluate_all(exprs, input, context)) lanes.push_back(full_lane(value, input.rows, context));
  context.check_cancelled();
  auto next = lanes.begin() + static_cast<std::ptrdiff_t>(aggregate.keys.size());
  const std::vector<Lane> keys(lanes.begin(), next);
  std::vector<std::vector<Lane>> args;
  for (const plan::Expr* expr : calls) {
    const auto* call = std::get_if<plan::Call>(&expr->node);
    const auto count = static_cast<std::ptrdiff_t>(call == nullptr ? 0 : call->args.size());
    args.emplace_back(next, next + count);
    next += count;
  }
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
