#include "decimals.hh"

#include "faults.hh"

namespace warpframe::exec {

namespace {

constexpr int kMostDigits = 38;

/** Digits that a value can have, from where it comes from: a cast to more digits adds none. */
int digits_of(const plan::Expr& expr) {
  if (expr.type.dtype != DType::decimal) return kMostDigits;
  const auto* cast = std::get_if<plan::Cast>(&expr.node);
  if (cast != nullptr && cast->expr->type.dtype == DType::decimal && expr.type.scale >= cast->expr->type.scale)
    return std::min(expr.type.precision, digits_of(*cast->expr) + expr.type.scale - cast->expr->type.scale);
  return expr.type.precision;
}

Lane magnitude(const Lane& a) { return select(a < 0, constant(a, a.type(), 0) - a, a); }

/** Sums of 38 digits can pass 128 bits, so they are judged before they are made: a > most − b, or a < −most − b. */
Lane sum_passes(const Lane& a, const Lane& b, Int128 most) {
  const Lane upper = constant(b, b.type(), most) - select(b < 0, 0, b);
  const Lane lower = constant(b, b.type(), -most) - select(b > 0, 0, b);
  return either(compare(a, Binary::GREATER, upper), compare(a, Binary::LESS, lower));
}

Lane added(const Arguments& args, bool minus) {
  const int precision = args.expr.type.precision;
  const Lane a = unscaled(args[0]);
  const Lane b = unscaled(args[1]);
  const int digits = 1 + std::max(digits_of(*args.call.args[0]), digits_of(*args.call.args[1]));
  if (digits > kMostDigits) {
    const Lane right = minus ? constant(b, b.type(), 0) - b : b;
    fail_overflow(sum_passes(a, right, ten_to(precision) - 1), args.expr, args.expr.type);
  }
  const Lane sum = minus ? a - b : a + b;
  if (digits <= kMostDigits && digits > precision)
    fail_overflow(past_precision(sum, precision), args.expr, args.expr.type);
  return sum.as(args.result());
}

}  // namespace

Lane past_precision(const Lane& values, int precision) {
  const Int128 limit = ten_to(precision);
  return either(values >= limit, values <= -limit);
}

Lane rounded_quotient(const Lane& values, int places) {
  if (places <= 0) return values;
  if (places > kMostDigits) return values * 0;
  const Int128 step = ten_to(places);
  const Lane whole = quotient(values, step);
  const Lane rest = values - whole * step;
  return select(rest >= step / 2, whole + 1, select(rest <= -(step / 2), whole - 1, whole));
}

Lane decimal_add(const Arguments& args) { return added(args, false); }
Lane decimal_sub(const Arguments& args) { return added(args, true); }

Lane decimal_mul(const Arguments& args) {
  const int precision = args.expr.type.precision;
  const Lane a = unscaled(args[0]);
  const Lane b = unscaled(args[1]);
  const int digits = digits_of(*args.call.args[0]) + digits_of(*args.call.args[1]);
  if (digits > kMostDigits) {
    // A product can pass 128 bits: it fits if |a| is at most what |b| leaves of the greatest value.
    const Lane divisor = select(equal(b, 0), 1, magnitude(b));
    const Lane most = quotient(constant(b, b.type(), ten_to(precision) - 1), divisor);
    fail_overflow(both(unequal(b, 0), compare(magnitude(a), Binary::GREATER, most)), args.expr, args.expr.type);
  }
  const Lane product = a * b;
  if (digits <= kMostDigits && digits > precision)
    fail_overflow(past_precision(product, precision), args.expr, args.expr.type);
  return product.as(args.result());
}

Lane decimal_sign(const Arguments& args) {
  const Lane a = unscaled(args[0]);
  const int scale = args.expr.type.scale;
  if (args.expr.type.precision <= scale) fail_overflow(unequal(a, 0), args.expr, args.expr.type);
  if (scale > kMostDigits) throw Failure("ERR_DTYPE", "A Decimal of a plan has a scale past 38.");
  const Int128 one = ten_to(scale);
  return select(a > 0, one, select(a < 0, -one, a)).as(args.result());
}

Lane decimal_round(const Arguments& args, Rounding rounding, std::int64_t decimals) {
  const std::int64_t wanted = args.expr.type.scale - decimals;
  const Lane a = unscaled(args[0]);
  if (wanted <= 0) return a.as(args.result());
  if (wanted > kMostDigits) return (a * 0).as(args.result());
  const int places = static_cast<int>(wanted);
  const Int128 step = ten_to(places);
  const auto moved = [&]() -> Lane {
    if (rounding == Rounding::half_away) return rounded_quotient(a, places);
    const Lane whole = quotient(a, step);
    const Lane rest = a - whole * step;
    return rounding == Rounding::down ? select(rest < 0, whole - 1, whole) : select(rest > 0, whole + 1, whole);
  };
  const Lane result = moved() * step;
  if (1 + digits_of(*args.call.args[0]) > args.expr.type.precision)
    fail_overflow(past_precision(result, args.expr.type.precision), args.expr, args.expr.type);
  return result.as(args.result());
}

}  // namespace warpframe::exec
