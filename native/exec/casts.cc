// Casts between numbers, decimals and times. libcudf converts what does not fit into any value, so that is found first.
#include "casts.hh"

#include <cudf/strings/convert/convert_booleans.hpp>

#include "casts_text.hh"
#include "decimals.hh"
#include "faults.hh"

namespace warpframe::exec {

namespace {

using plan::LogicalType;

/** Converted values, and where they are none; no lane: all fit. */
struct Result {
  Lane lane;
  std::optional<Lane> bad;
};

Lane either_bad(const std::optional<Lane>& known, const Lane& more) { return known ? either(*known, more) : more; }

struct Range {
  Int128 least, most;
};

/** What an integer layout holds; Date32 is one of days, ticks are 64-bit. */
Range range_of(const LogicalType& type) {
  constexpr Int128 one = 1;
  switch (type.dtype) {
    case DType::boolean: return {0, 1};
    case DType::int8: return {-128, 127};
    case DType::int16: return {-32768, 32767};
    case DType::int32:
    case DType::date32: return {-(one << 31), (one << 31) - 1};
    case DType::uint8: return {0, 255};
    case DType::uint16: return {0, 65535};
    case DType::uint32: return {0, (one << 32) - 1};
    case DType::uint64: return {0, (one << 64) - 1};
    default: return {-(one << 63), (one << 63) - 1};
  }
}

/** Integers and ticks as integers of their width. */
Lane as_integer(const Lane& lane, const LogicalType& type) {
  if (is_ticks(type)) return lane.as(kInt64);
  return type.dtype == DType::date32 ? lane.as(kInt32) : lane;
}

/** The integer type behind a dtype of integers or ticks. */
cudf::data_type integer_type(const LogicalType& type) {
  if (is_ticks(type)) return cudf::data_type{kInt64};
  return type.dtype == DType::date32 ? cudf::data_type{kInt32} : device_type(type);
}

/** Where integers are outside [least, most]; `held` is what their type holds. */
std::optional<Lane> outside(const Lane& a, Range held, Range wanted) {
  std::optional<Lane> bad;
  if (wanted.least > held.least) bad = a < wanted.least;
  if (wanted.most < held.most) bad = either_bad(bad, a > wanted.most);
  return bad;
}

Result integers(const Lane& a, Range held, const LogicalType& to) {
  const cudf::data_type type = integer_type(to);
  const auto bad = outside(a, held, range_of(to));
  const Lane safe = bad ? select(*bad, 0, a) : a;
  return {safe.cast(type).as(device_type(to)), bad};
}

Result doubles_to_integers(const Lane& lane, const LogicalType& to) {
  const Lane x = lane.cast(kDouble);
  const Range range = range_of(to);
  const auto limit = [&](Int128 value) { return real_scalar(x.type(), static_cast<double>(value), x.context()); };
  // least − 1 is a double for all but 64 bits with a sign, whose least value is one itself.
  const bool wide = range.least == -(Int128{1} << 63);
  const Lane above = compare(x, wide ? Binary::GREATER_EQUAL : Binary::GREATER, *limit(wide ? range.least : range.least - 1));
  const Lane good = both(above, compare(x, Binary::LESS, *limit(range.most + 1)));
  const Lane safe = select(good, x, constant(x, x.type(), 0));
  return {null_like(safe, {&lane}).cast(integer_type(to)).as(device_type(to)), opposite(good)};
}

/** a × factor where that stays within 64 bits. */
Result times(const Lane& a, Int128 factor) {
  if (factor == 1) return {a, std::nullopt};
  const Int128 most = ((Int128{1} << 63) - 1) / factor;
  return {a * factor, either(a < -most, a > most)};
}

Int128 nanos_of_tick(const LogicalType& type) {
  return type.dtype == DType::time ? 1 : 1'000'000'000 / ticks_per_second(type.unit);
}
Int128 ticks_per_day(const LogicalType& type) { return kNanosPerDay / nanos_of_tick(type); }

Result between_times(const Lane& lane, const LogicalType& from, const LogicalType& to) {
  const auto done = [&](Result result) -> Result { return {result.lane.as(device_type(to)), result.bad}; };
  if (from.dtype == DType::date32) return done(times(lane.as(kInt32).cast(kInt64), ticks_per_day(to)));
  const Lane ticks = lane.as(kInt64);
  if (to.dtype == DType::date32) return integers(floored(ticks, ticks_per_day(from)), {-(Int128{1} << 63), (Int128{1} << 63) - 1}, to);
  if (from.dtype == DType::datetime && to.dtype == DType::time)
    return done({floored_rest(ticks, ticks_per_day(from)) * nanos_of_tick(from), std::nullopt});
  const Int128 tick = nanos_of_tick(from);
  const Int128 wanted = nanos_of_tick(to);
  if (from.dtype == DType::duration && to.dtype == DType::time)
    return done({ticks * tick, either(ticks < 0, ticks > ticks_per_day(from) - 1)});
  return done(tick >= wanted ? times(ticks, tick / wanted) : Result{floored(ticks, wanted / tick), std::nullopt});
}

/** Integers of any type as unscaled decimals of 128 bits. */
Lane widened(const Lane& a) { return a.cast(cudf::data_type{cudf::type_id::DECIMAL128, 0}); }

/** Whole doubles below 10^38 as 128-bit integers, by their upper and lower 64 bits: each step is exact. */
Lane whole_doubles(const Lane& x) {
  constexpr double k64 = 18446744073709551616.0;
  const Lane size = unary(cudf::unary_operator::ABS, x);
  const auto factor = real_scalar(x.type(), k64, x.context());
  const Lane high = unary(cudf::unary_operator::FLOOR, binary(size, Binary::DIV, *factor, x.type()));
  const Lane low = size - binary(high, Binary::MUL, *factor, x.type());
  const Lane value = widened(high.cast(kInt64)) * (Int128{1} << 64) + widened(low.cast(kUInt64));
  return select(x < 0, constant(value, value.type(), 0) - value, value);
}

Result to_decimal(const Lane& lane, const LogicalType& from, const LogicalType& to) {
  const Int128 limit = ten_to(to.precision);
  if (from.dtype == DType::decimal) {
    const Lane a = unscaled(lane);
    const int up = to.scale - from.scale;
    if (up <= 0) {
      const Lane value = rounded_quotient(a, -up);
      if (to.precision > from.precision + up) return {value.as(device_type(to)), std::nullopt};
      return {value.as(device_type(to)), past_precision(value, to.precision)};
    }
    const Int128 most = to.precision > up ? ten_to(to.precision - up) - 1 : 0;
    const bool fits = to.precision - up >= from.precision;
    const auto bad = fits ? std::nullopt : std::optional{either(a > most, a < -most)};
    return {((bad ? select(*bad, 0, a) : a) * ten_to(std::min(up, 38))).as(device_type(to)), bad};
  }
  if (is_float(from)) {
    const Lane x = lane.cast(kDouble);
    const Lane y = binary(x, Binary::MUL, *real_scalar(x.type(), std::pow(10.0, to.scale), x.context()), x.type());
    const auto scalar = [&](double value) { return real_scalar(x.type(), value, x.context()); };
    // Within 10^38 a double rounds to a 128-bit integer; NaN is not within.
    const Lane sound = compare(unary(cudf::unary_operator::ABS, y), Binary::LESS, *scalar(1.5e38));
    const Lane safe = null_like(select(sound, y, constant(y, y.type(), 0)), {&lane});
    const Lane whole = select(safe < 0, unary(cudf::unary_operator::CEIL, safe), unary(cudf::unary_operator::FLOOR, safe));
    const Lane up = compare(unary(cudf::unary_operator::ABS, safe - whole), Binary::GREATER_EQUAL, *scalar(0.5));
    const Lane value = whole_doubles(select(up, select(safe < 0, whole - 1, whole + 1), whole));
    return {value.as(device_type(to)), either(opposite(sound), past_precision(value, to.precision))};
  }
  const Lane a = from.dtype == DType::boolean ? widened(lane.cast(kInt64)) : widened(as_integer(lane, from));
  // Integers below 10^(precision − scale) keep all their digits.
  const Int128 most = to.precision > to.scale ? ten_to(to.precision - to.scale) - 1 : 0;
  const auto bad = outside(a, range_of(from), {-most, most});
  static_cast<void>(limit);
  return {((bad ? select(*bad, 0, a) : a) * ten_to(std::min(to.scale, 38))).as(device_type(to)), bad};
}

Result from_decimal(const Lane& lane, const LogicalType& from, const LogicalType& to) {
  const Lane a = unscaled(lane);
  if (is_float(to)) {
    const auto power = real_scalar(cudf::data_type{kDouble}, std::pow(10.0, from.scale), lane.context());
    const Lane value = binary(a.cast(kDouble), Binary::DIV, *power, cudf::data_type{kDouble});
    return {value.cast(device_type(to)), std::nullopt};
  }
  const Lane whole = from.scale > 38 ? a * 0 : quotient(a, ten_to(from.scale));
  const Int128 most = ten_to(from.precision);
  const auto bad = outside(whole, {-most, most}, range_of(to));
  const Lane safe = bad ? select(*bad, 0, whole) : whole;
  // The low word of a value that fits has all of its bits.
  const Lane word = word_of_wide(safe, 0);
  return {to.dtype == DType::uint64 ? word : word.as(kInt64).cast(integer_type(to)).as(device_type(to)), bad};
}

Result truth_of(const Lane& lane, const LogicalType& from) {
  const Lane a = from.dtype == DType::decimal ? unscaled(lane) : as_integer(lane, from);
  return {unequal(a, 0), std::nullopt};  // NaN is unequal to 0
}

Result converted(const Lane& lane, const LogicalType& from, const LogicalType& to) {
  if (to.dtype == DType::boolean) return truth_of(lane, from);
  if (to.dtype == DType::decimal) return to_decimal(lane, from, to);
  if (from.dtype == DType::decimal) return from_decimal(lane, from, to);
  if (from.dtype == DType::boolean) return {lane.cast(integer_type(to)).as(device_type(to)), std::nullopt};
  if (is_temporal(from) && is_temporal(to)) return between_times(lane, from, to);
  if (is_float(to)) return {as_integer(lane, from).cast(device_type(to)), std::nullopt};
  if (is_float(from)) return doubles_to_integers(lane, to);
  return integers(as_integer(lane, from), range_of(from), to);
}

bool is_bytes(const LogicalType& type) { return is_text(type) || type.dtype == DType::binary; }

}  // namespace

Value run_cast(const plan::Expr& expr, const Value& operand, const Frame& input, Context& context) {
  const auto& cast = std::get<plan::Cast>(expr.node);
  const LogicalType& from = cast.expr->type;
  const LogicalType& to = expr.type;
  if (from.dtype == DType::null) {
    // Nested dtypes have no scalar without a value.
    const bool nested = to.dtype == DType::list || to.dtype == DType::fixed_size_list || to.dtype == DType::structure;
    if (operand.is_scalar() && !nested) return null_scalar(device_type(to), context);
    return null_column(to, input.rows, context);
  }
  if (from == to) return operand;
  // Categories and strings share bytes, and text is bytes; bytes as text were checked where they came in, as all text is.
  if (is_bytes(from) && is_bytes(to) && !(from.dtype == DType::binary && to.dtype != DType::binary)) return operand;
  if (device_type(from) == device_type(to) && from.dtype == DType::datetime && to.dtype == DType::datetime) return operand;
  const Lane lane{operand, input.rows, context};
  if (is_text(to)) return cast_to_text(lane, from).value();
  Result result = is_text(from) ? [&]() -> Result {
    Read read = read_text(lane, to);
    return {std::move(read.lane), std::move(read.bad)};
  }()
                                : converted(lane, from, to);
  if (!result.bad) return std::move(result.lane).value();
  if (cast.strict) {
    fail_cast(*result.bad, expr, lane);
    return std::move(result.lane).value();
  }
  return only_where(opposite(*result.bad), result.lane).value();
}

std::string why_not_cast(const plan::Expr& expr) {
  const LogicalType& from = std::get<plan::Cast>(expr.node).expr->type;
  const LogicalType& to = expr.type;
  if (from.dtype == DType::binary && is_text(to))
    return "libcudf does not check whether bytes are UTF-8, as a cast of Binary to Utf8 does.";
  return "";
}

}  // namespace warpframe::exec
