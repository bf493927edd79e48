#include "aggregate_states.hh"

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "aggregate_steps.hh"
#include "arguments.hh"

namespace warpframe::exec {

namespace {

/** Sums are of 64 bits or of decimals; smaller integers cannot overflow with fewer than 2^31 rows. */
bool may_overflow(cudf::data_type type, bool of_part) {
  return type.id() == kInt64 || type.id() == kUInt64 || cudf::is_fixed_point(type) || (of_part && type.id() != kDouble);
}

/** Durations as their ticks; floats in Float64. */
Lane summable(const Lane& values) {
  if (values.type().id() == cudf::type_id::FLOAT32) return values.cast(kDouble);
  if (cudf::is_chrono(values.type())) return values.as(kInt64);
  return values;
}

const plan::Expr& argument(const plan::Expr& call) { return *std::get<plan::Call>(call.node).args[0]; }

/** The sum, and where it may overflow the same sum in Float64. */
std::vector<State> sum_states(const std::vector<Lane>& args, bool of_part) {
  const Lane values = summable(args[0]);
  std::vector<State> states{{values, Fold::sum}};
  if (may_overflow(values.type(), of_part)) states.push_back({values.cast(kDouble), Fold::sum});
  return states;
}

void check_sum(const plan::Expr& call, const Lane& sum, const Lane& as_double) {
  if (!first_where(sum_overflowed(sum, as_double))) return;
  const auto* column = std::get_if<plan::Column>(&argument(call).node);
  const std::string what = column == nullptr ? "A sum" : "The sum of column \"" + column->name + "\"";
  throw Failure("ERR_OVERFLOW", what + " does not fit " + plan::type_text(call.type) +
                                    ": cast to Float64 before summing for an approximate result.");
}

Lane finish_sum(const plan::Expr& call, const std::vector<Lane>& folded) {
  const cudf::data_type to = device_type(call.type);
  Lane sum = folded[0];
  // libcudf adds unsigned numbers as signed ones of the same bits.
  if (to.id() == kUInt64 && sum.type().id() == kInt64) sum = sum.as(to);
  if (folded.size() > 1) check_sum(call, sum, folded[1]);
  if (cudf::is_chrono(to)) return with_default(sum, 0).as(to);
  // Nothing adds up to 0, to null in libcudf.
  return with_default(sum, 0).cast(to);
}

std::vector<State> mean_states(const std::vector<Lane>& args, bool) {
  const Lane values = args[0].cast(kDouble);
  return {{values, Fold::sum}, {values, Fold::count}};
}
/** The sum of nothing is null, and so is its mean. */
Lane finish_mean(const plan::Expr&, const std::vector<Lane>& folded) { return quotient(folded[0], folded[1].cast(kDouble)); }

std::vector<State> min_states(const std::vector<Lane>& args, bool) { return {{order_key(args[0]), Fold::least}}; }
std::vector<State> max_states(const std::vector<Lane>& args, bool) { return {{order_key(args[0]), Fold::greatest}}; }
Lane finish_extreme(const plan::Expr& call, const std::vector<Lane>& folded) {
  const cudf::data_type type = device_type(argument(call).type);
  // A step of Float32 may have been made in Float64.
  const bool wider = type.id() == cudf::type_id::FLOAT32 && folded[0].type().id() == kInt64;
  return from_order_key(folded[0], wider ? cudf::data_type{kDouble} : type);
}

std::vector<State> count_states(const std::vector<Lane>& args, bool) { return {{args[0], Fold::count}}; }
std::vector<State> len_states(const std::vector<Lane>&, bool) { return {{std::nullopt, Fold::rows}}; }
Lane finish_count(const plan::Expr& call, const std::vector<Lane>& folded) {
  const Lane count = with_default(folded[0], 0);
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  // Only what parts add up to is wide.
  if (count.type().id() == kInt64 && first_where(count > most))
    throw Failure("ERR_OVERFLOW", plan::expr_text(call) + " counts more than " + std::to_string(most) +
                                      " rows of a group, which does not fit UInt32: sum ones as Int64 instead.");
  return count.cast(cudf::type_id::UINT32);
}

std::vector<State> first_states(const std::vector<Lane>& args, bool) { return {{args[0], Fold::first}}; }
std::vector<State> last_states(const std::vector<Lane>& args, bool) { return {{args[0], Fold::last}}; }
Lane finish_pick(const plan::Expr&, const std::vector<Lane>& folded) { return folded[0]; }

constexpr std::array kFunctions{
    StateFunction{"sum", sum_states, finish_sum},       StateFunction{"mean", mean_states, finish_mean},
    StateFunction{"min", min_states, finish_extreme},   StateFunction{"max", max_states, finish_extreme},
    StateFunction{"count", count_states, finish_count}, StateFunction{"len", len_states, finish_count},
    StateFunction{"first", first_states, finish_pick},  StateFunction{"last", last_states, finish_pick},
};

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

const StateFunction* find_state_function(std::string_view name) {
  for (const StateFunction& function : kFunctions)
    if (function.name == name) return &function;
  return nullptr;
}

std::function<Lane()> ask(const State& state, const Groups& groups, GroupBy& shared) {
  const auto result = [&shared](std::size_t at) { return [&shared, at] { return shared.result(at); }; };
  switch (state.fold) {
    case Fold::sum: return result(shared.add_sum(*state.values));
    case Fold::count: return result(shared.add_count(*state.values));
    case Fold::rows: return result(shared.add_rows());
    case Fold::least: return result(shared.add_min(*state.values));
    case Fold::greatest: return result(shared.add_max(*state.values));
    case Fold::first: return [&groups, values = *state.values] { return look_up(values.view(), groups.first_rows); };
    case Fold::last: {
      const std::size_t at = shared.add_max(sequence(state.values->rows(), 0, state.values->context()));
      return [&shared, at, values = *state.values] { return look_up(values.view(), shared.result(at)); };
    }
  }
  throw std::logic_error("an unknown fold");
}

Fold merged(Fold fold) { return fold == Fold::count || fold == Fold::rows ? Fold::sum : fold; }

}  // namespace warpframe::exec
