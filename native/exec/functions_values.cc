// Arithmetic, maths, comparison, logic, null handling and hashes: the rows of ts/expr/rows-values.ts.
#include <cudf/concatenate.hpp>
#include <cudf/copying.hpp>
#include <cudf/filling.hpp>
#include <cudf/table/table.hpp>
#include <cudf/utilities/traits.hpp>

#include "affine.hh"
#include "comparisons.hh"
#include "decimals.hh"
#include "faults.hh"

namespace warpframe::exec {

namespace {

using cudf::unary_operator;

bool is_decimal(const Arguments& args) { return args.type(0).dtype == DType::decimal; }

/** Ticks as integers, so that libcudf's rules for mixed times do not matter; other numbers as they are. */
Lane plain(const Lane& lane, const plan::LogicalType& type) { return is_ticks(type) ? lane.as(kInt64) : lane; }

template <Lane (*Decimal)(const Arguments&), Binary op>
Lane arithmetic(const Arguments& args) {
  if (is_decimal(args)) return Decimal(args);
  const Lane a = plain(args[0], args.type(0));
  return binary(a, op, plain(args[1], args.type(1)), a.type()).as(args.result());
}

Lane ratio(const Arguments& args) { return binary(args[0], Binary::DIV, args[1], args.result()); }

/** As in JavaScript −1 to an infinite power is NaN; in C, as in libcudf, it is 1. */
Lane power(const Arguments& args) {
  const Lane& x = args[0];
  const Lane& y = args[1];
  const auto infinity = real_scalar(y.type(), INFINITY, args.context);
  const Lane endless = compare(unary(unary_operator::ABS, y), Binary::EQUAL, *infinity);
  const Lane plain_power = binary(x, Binary::POW, y, args.result());
  return select(both(equal(x, -1), endless), constant_real(plain_power, NAN), plain_power);
}

/**
 * Floored quotient and rest of integers and unscaled decimals, made of quotients towards zero: libcudf says neither what a
 * zero divisor gives nor what the least value by −1 does, so neither is asked of it.
 */
Lane divided(const Arguments& args, bool rest_wanted) {
  const Lane a = is_decimal(args) ? unscaled(args[0]) : args[0];
  const Lane b = is_decimal(args) ? unscaled(args[1]) : args[1];
  const auto literal = literal_integer(*args.call.args[1]);
  const bool no_sign = is_unsigned(args.type(0));
  if (literal && *literal > 0 && !is_decimal(args)) return rest_wanted ? floored_rest(a, *literal) : floored(a, *literal);
  const Lane zero = equal(b, 0);
  const bool may_wrap = !no_sign && !is_decimal(args);
  const Lane minus = may_wrap ? equal(b, -1) : zero;
  const Lane divisor = select(may_wrap ? either(zero, minus) : zero, 1, b);
  const Lane whole = quotient(a, divisor);
  const Lane rest = binary(a, Binary::SUB, whole * divisor, a.type());
  const Lane present = opposite(zero);
  if (no_sign) return only_where(present, rest_wanted ? rest : whole);
  const Lane below = both(unequal(rest, 0), differ(rest < 0, divisor < 0));
  if (rest_wanted) {
    // By −1 the rest is 0, as it is by the 1 that stands for it.
    return only_where(present, select(below, rest + divisor, rest));
  }
  Lane result = select(below, whole - 1, whole);
  if (may_wrap) result = select(minus, constant(a, a.type(), 0) - a, result);
  return only_where(present, result);
}

/** libcudf's rest of floats is C's fmod: exact, with the sign of the first argument. */
Lane float_rest(const Lane& x, const Lane& y) {
  const Lane rest = binary(x, Binary::MOD, y, x.type());
  const Lane other_sign = both(unequal(rest, 0), differ(rest < 0, y < 0));
  const Lane moved = select(other_sign, rest + y, rest);
  // A rest of zero has the divisor's sign.
  return select(equal(moved, 0), select(y < 0, constant(x, x.type(), 0) * -1, constant(x, x.type(), 0)), moved);
}

Lane float_floored(const Lane& x, const Lane& y) {
  const Lane ratio = binary(x, Binary::DIV, y, x.type());
  const Lane limit = unary(unary_operator::ABS, x);
  const auto infinity = real_scalar(x.type(), INFINITY, x.context());
  const auto finite = [&](const Lane& a) { return compare(unary(unary_operator::ABS, a), Binary::LESS, *infinity); };
  const Lane exact = both(finite(ratio), finite(limit));
  const Lane rest = binary(x, Binary::MOD, y, x.type());
  const Lane whole = binary(binary(x, Binary::SUB, rest, x.type()), Binary::DIV, y, x.type());
  const Lane below = both(unequal(rest, 0), differ(rest < 0, y < 0));
  const Lane moved = select(below, whole - 1, whole);
  // The quotient was rounded once: to the nearer whole number.
  const Lane down = unary(unary_operator::FLOOR, moved);
  const Lane up = compare(moved - down, Binary::GREATER, *real_scalar(x.type(), 0.5, x.context()));
  const Lane near = select(up, down + 1, down);
  // 0 with the sign of the ratio, whose own product with 0 has it.
  const Lane signed_zero = select(equal(moved, 0), ratio * 0, near);
  return select(exact, signed_zero, unary(unary_operator::FLOOR, ratio));
}

/** Float32 is computed in Float64. */
Lane in_doubles(const Arguments& args, const std::function<Lane(const Lane&)>& work) {
  return work(args[0].cast(kDouble)).cast(args.result());
}

template <bool rest>
Lane division(const Arguments& args) {
  if (!is_float(args.type(0))) return divided(args, rest).as(args.result());
  const Lane x = args[0].cast(kDouble);
  const Lane y = args[1].cast(kDouble);
  return (rest ? float_rest(x, y) : float_floored(x, y)).cast(args.result());
}

Lane negative(const Arguments& args) {
  if (is_float(args.type(0))) return unary(unary_operator::NEGATE, args[0]);
  const Lane a = is_decimal(args) ? unscaled(args[0]) : plain(args[0], args.type(0));
  return (constant(a, a.type(), 0) - a).as(args.result());
}

Lane absolute(const Arguments& args) {
  if (is_float(args.type(0))) return unary(unary_operator::ABS, args[0]);
  if (is_unsigned(args.type(0))) return args[0];
  const Lane a = is_decimal(args) ? unscaled(args[0]) : plain(args[0], args.type(0));
  return select(a < 0, constant(a, a.type(), 0) - a, a).as(args.result());
}

Lane sign(const Arguments& args) {
  if (is_decimal(args)) return decimal_sign(args);
  const Lane& a = args[0];
  // What is neither above nor below 0 is 0, NaN or null; adding 0 makes −0 a 0.
  const Lane rest = is_float(args.type(0)) ? a + 0 : a;
  if (is_unsigned(args.type(0))) return select(a > 0, 1, rest);
  return select(a > 0, 1, select(a < 0, -1, rest));
}

Lane nearest(const Lane& x) {
  const Lane whole = select(x < 0, unary(unary_operator::CEIL, x), unary(unary_operator::FLOOR, x));
  const Lane rest = unary(unary_operator::ABS, x - whole);
  const Lane up = compare(rest, Binary::GREATER_EQUAL, *real_scalar(x.type(), 0.5, x.context()));
  return select(up, select(x < 0, whole - 1, whole + 1), whole);
}

Lane round_float(const Arguments& args, std::int64_t decimals) {
  if (decimals == 0) return nearest(args[0]);
  if (decimals < -308) return args[0] * 0;
  return in_doubles(args, [&](const Lane& x) {
    const double power = std::pow(10.0, static_cast<double>(std::min<std::int64_t>(std::abs(decimals), 308)));
    const auto factor = real_scalar(x.type(), power, x.context());
    const auto by = [&](const Lane& a, Binary op) { return binary(a, op, *factor, a.type()); };
    const Lane rounded = decimals > 0 ? by(nearest(by(x, Binary::MUL)), Binary::DIV) : by(nearest(by(x, Binary::DIV)), Binary::MUL);
    // A number whose scaled value is not finite has no such decimals.
    const auto infinity = real_scalar(x.type(), INFINITY, x.context());
    return select(compare(unary(unary_operator::ABS, rounded), Binary::LESS, *infinity), rounded, x);
  });
}

Lane round_integer(const Arguments& args, std::int64_t places) {
  const bool no_sign = is_unsigned(args.type(0));
  if (places <= 0) return args[0];
  if (places > (no_sign ? 19 : 18)) return args[0] * 0;
  const Int128 step = ten_to(static_cast<int>(places));
  const Lane a = args[0].cast(no_sign ? kUInt64 : kInt64);
  const Lane whole = quotient(a, step);
  const Lane rest = a - whole * step;
  const Lane up = select(rest >= step / 2, whole + 1, whole);
  const Lane moved = no_sign ? up : select(rest <= -(step / 2), whole - 1, up);
  return (moved * step).cast(args.result());  // what does not fit wraps
}

Lane rounded(const Arguments& args) {
  const std::int64_t decimals = args.integer("decimals");
  if (is_decimal(args)) return decimal_round(args, Rounding::half_away, decimals);
  return is_float(args.type(0)) ? round_float(args, decimals) : round_integer(args, -decimals);
}

template <unary_operator op, Rounding rounding>
Lane whole_part(const Arguments& args) {
  if (is_decimal(args)) return decimal_round(args, rounding, 0);
  return is_float(args.type(0)) ? unary(op, args[0]) : args[0];
}

/** NaN in the first argument stays: a comparison with it is false. */
template <Binary op>
Lane clipped(const Arguments& args) {
  const Lane a = is_decimal(args) ? unscaled(args[0]) : args[0];
  const Lane b = is_decimal(args) ? unscaled(args[1]) : args[1];
  const Lane result = select(compare(a, op, b), b, a);
  return null_like(result, {&a, &b}).as(args.result());
}

template <unary_operator op>
Lane maths(const Arguments& args) {
  return in_doubles(args, [](const Lane& x) { return unary(op, x); });
}

/** Kahan's: libcudf has no log1p. */
Lane log_of_one_more(const Arguments& args) {
  return in_doubles(args, [](const Lane& x) {
    const Lane more = x + 1;
    const Lane scaled = unary(unary_operator::LOG, more) * binary(x, Binary::DIV, more - 1, x.type());
    const auto infinity = real_scalar(x.type(), INFINITY, x.context());
    const Lane result = select(equal(more, 1), x, scaled);
    return select(compare(x, Binary::EQUAL, *infinity), x, result);
  });
}

/** Logarithms to the bases 2 and 10 are whole at whole powers, which a quotient of two logarithms is not. */
Lane logarithm(const Arguments& args) {
  const plan::Json& option = args.call.options.at("base");
  return in_doubles(args, [&](const Lane& x) {
    const Lane natural = unary(unary_operator::LOG, x);
    if (option.is_null()) return natural;
    const double base = option.as_double();
    const Lane plain_result = binary(natural, Binary::DIV, *real_scalar(x.type(), std::log(base), x.context()), x.type());
    if (base != 2 && base != 10) return plain_result;
    const int least = base == 2 ? -1074 : -323;
    const int most = base == 2 ? 1023 : 308;
    std::vector<double> powers;
    for (int k = least; k <= most; ++k) powers.push_back(base == 2 ? std::ldexp(1.0, k) : std::strtod(("1e" + std::to_string(k)).c_str(), nullptr));
    const Owned table = column_of_doubles(powers, x.context());
    const auto infinity = real_scalar(x.type(), INFINITY, x.context());
    const Lane finite = compare(unary(unary_operator::ABS, plain_result), Binary::LESS, *infinity);
    const Lane whole = nearest(select(finite, plain_result, constant(x, x.type(), 0)));
    const Lane power = look_up(table->view(), (whole - least).cast(kInt32));
    return select(both(finite, compare(power, Binary::EQUAL, x)), whole, plain_result);
  });
}

Lane not_a_number(const Arguments& args) { return compare(args[0], Binary::NOT_EQUAL, args[0]); }
Lane finite_number(const Arguments& args) {
  const auto infinity = real_scalar(args[0].type(), INFINITY, args.context);
  return compare(unary(unary_operator::ABS, args[0]), Binary::LESS, *infinity);
}

template <Binary op>
Lane comparison(const Arguments& args) {
  const bool numbers = is_decimal(args);
  return compare_values(op, numbers ? unscaled(args[0]) : args[0], numbers ? unscaled(args[1]) : args[1], args.type(0),
                        is_number_literal(*args.call.args[0]), is_number_literal(*args.call.args[1]));
}

template <Binary op>
Lane logic(const Arguments& args) { return binary(args[0], op, args[1], cudf::data_type{kBool}); }
Lane exclusive(const Arguments& args) { return differ(args[0], args[1]); }
Lane negation(const Arguments& args) { return opposite(args[0]); }
Lane absent(const Arguments& args) { return is_absent(args[0]); }
Lane present(const Arguments& args) { return is_present(args[0]); }

Lane first_present(const Arguments& args) {
  Lane result = args[0];
  for (std::size_t i = 1; i < args.lanes.size() && result.nullable(); ++i)
    result = select(is_present(result), result, args[i]);
  return result;
}

// The hash of ts/backend/cpu/functions/hash.ts, in wrapping integers.
constexpr std::uint64_t kFirst = 0xff51afd7ed558ccd;
constexpr std::uint64_t kSecond = 0xc4ceb9fe1a85ec53;
constexpr std::uint64_t kNullWord = 0x6e756c6c6e756c6c;
constexpr std::uint64_t kNanWord = 0x7ff8000000000000;

std::uint64_t mixed(std::uint64_t h) {
  h = (h ^ h >> 33) * kFirst;
  h = (h ^ h >> 33) * kSecond;
  return h ^ h >> 33;
}

Lane mixed(const Lane& h) {
  const auto shifted = [](const Lane& a) {
    const auto by = number_scalar(a.type(), 33, a.context());
    return binary(a, Binary::BITWISE_XOR, binary(a, Binary::SHIFT_RIGHT_UNSIGNED, *by, a.type()), a.type());
  };
  return shifted(shifted(shifted(h) * Int128{kFirst}) * Int128{kSecond});
}

Lane word_hash(const Lane& word, std::uint64_t start) {
  return mixed(binary(word, Binary::BITWISE_XOR, *number_scalar(word.type(), Int128{start}, word.context()), word.type()));
}

Lane word_of(const Lane& a, const plan::LogicalType& type) {
  if (is_float(type)) {
    const Lane wide = a.cast(kDouble) + 0;
    const Lane bits = wide.as(kUInt64);
    return select(compare(wide, Binary::NOT_EQUAL, wide), Int128{kNanWord}, bits);
  }
  if (type.dtype == DType::decimal) return word_of_wide(a, 0);
  if (is_ticks(type)) return a.as(kInt64).as(kUInt64);
  if (type.dtype == DType::date32) return a.as(kInt32).cast(kInt64).as(kUInt64);
  return is_unsigned(type) || type.dtype == DType::boolean ? a.cast(kUInt64) : a.cast(kInt64).as(kUInt64);
}

Lane hashed(const Arguments& args) {
  const plan::LogicalType& type = args.type(0);
  const std::uint64_t start = mixed(std::strtoull(args.text("seed").c_str(), nullptr, 10) + 0x9e3779b97f4a7c15);
  const Int128 of_null = Int128{mixed(start ^ kNullWord)};
  const Lane& a = args[0];
  if (type.dtype == DType::null) return constant(a, args.result(), of_null).full();
  Lane h = word_hash(word_of(a, type), start);
  if (type.dtype == DType::decimal && type.precision > 18) {
    // A null is one word whatever the width.
    h = mixed(binary(h, Binary::BITWISE_XOR, word_of_wide(a, 1), h.type()));
  }
  return with_default(h, of_null);
}

std::string no_text_words(const plan::Expr& call) {
  const DType dtype = std::get<plan::Call>(call.node).args[0]->type.dtype;
  const bool text = dtype == DType::utf8 || dtype == DType::categorical || dtype == DType::binary;
  return text ? "libcudf reads no eight-byte words out of strings, which the hash of a string is made of." : "";
}

constexpr Function kRows[] = {
    {"add", run_lanes<arithmetic<decimal_add, Binary::ADD>>, nullptr},
    {"sub", run_lanes<arithmetic<decimal_sub, Binary::SUB>>, nullptr},
    {"mul", run_lanes<arithmetic<decimal_mul, Binary::MUL>>, nullptr},
    {"div", run_lanes<ratio>, nullptr},
    {"floorDiv", run_lanes<division<false>>, nullptr},
    {"mod", run_lanes<division<true>>, nullptr},
    {"pow", run_lanes<power>, nullptr},
    {"neg", run_lanes<negative>, nullptr},
    {"abs", run_lanes<absolute>, nullptr},
    {"sign", run_lanes<sign>, nullptr},
    {"round", run_lanes<rounded>, nullptr},
    {"floor", run_lanes<whole_part<unary_operator::FLOOR, Rounding::down>>, nullptr},
    {"ceil", run_lanes<whole_part<unary_operator::CEIL, Rounding::up>>, nullptr},
    {"clipMin", run_lanes<clipped<Binary::LESS>>, nullptr},
    {"clipMax", run_lanes<clipped<Binary::GREATER>>, nullptr},
    {"sqrt", run_lanes<maths<unary_operator::SQRT>>, nullptr},
    {"exp", run_lanes<maths<unary_operator::EXP>>, nullptr},
    {"log", run_lanes<logarithm>, nullptr},
    {"log1p", run_lanes<log_of_one_more>, nullptr},
    {"sin", run_lanes<maths<unary_operator::SIN>>, nullptr},
    {"cos", run_lanes<maths<unary_operator::COS>>, nullptr},
    {"tan", run_lanes<maths<unary_operator::TAN>>, nullptr},
    {"asin", run_lanes<maths<unary_operator::ARCSIN>>, nullptr},
    {"acos", run_lanes<maths<unary_operator::ARCCOS>>, nullptr},
    {"atan", run_lanes<maths<unary_operator::ARCTAN>>, nullptr},
    {"isNan", run_lanes<not_a_number>, nullptr},
    {"isFinite", run_lanes<finite_number>, nullptr},
    {"affine", run_lanes<affine>, nullptr},
    {"eq", run_lanes<comparison<Binary::EQUAL>>, nullptr},
    {"ne", run_lanes<comparison<Binary::NOT_EQUAL>>, nullptr},
    {"lt", run_lanes<comparison<Binary::LESS>>, nullptr},
    {"le", run_lanes<comparison<Binary::LESS_EQUAL>>, nullptr},
    {"gt", run_lanes<comparison<Binary::GREATER>>, nullptr},
    {"ge", run_lanes<comparison<Binary::GREATER_EQUAL>>, nullptr},
    {"eqMissing", run_lanes<equal_or_both_null>, nullptr},
    {"isIn", run_lanes<is_in>, nullptr},
    {"lookup", run_lanes<look_up_numbers>, nullptr},
    {"and", run_lanes<logic<Binary::NULL_LOGICAL_AND>>, nullptr},
    {"or", run_lanes<logic<Binary::NULL_LOGICAL_OR>>, nullptr},
    {"xor", run_lanes<exclusive>, nullptr},
    {"not", run_lanes<negation>, nullptr},
    {"isNull", run_lanes<absent>, nullptr},
    {"isNotNull", run_lanes<present>, nullptr},
    {"coalesce", run_lanes<first_present>, nullptr},
    {"hash", run_lanes<hashed>, no_text_words},
};

}  // namespace

std::span<const Function> value_functions() { return kRows; }

}  // namespace warpframe::exec
