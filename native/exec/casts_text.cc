#include "casts_text.hh"

#include <cudf/strings/convert/convert_booleans.hpp>
#include <cudf/strings/convert/convert_fixed_point.hpp>
#include <cudf/strings/convert/convert_integers.hpp>
#include <cudf/strings/find.hpp>
#include <cudf/strings/replace.hpp>

#include "calendar.hh"
#include "casts.hh"
#include "decimals.hh"
#include "host_numbers.hh"
#include "texts.hh"
#include "time_read.hh"
#include "time_write.hh"

namespace warpframe::exec {

namespace {

const std::string kNumber = "(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)";

int unit_digits(const plan::LogicalType& type) {
  if (type.dtype == DType::time) return 9;
  return type.unit == plan::TimeUnit::milliseconds ? 3 : type.unit == plan::TimeUnit::microseconds ? 6 : 9;
}

/** Text that is `good`, else another text, so that no reader of libcudf sees what it has no answer for. */
Lane safe_text(const Lane& good, const Lane& text, const std::string& instead) {
  return null_like(select(good, text, constant_text(text, instead)), {&text});
}

Read read_truth(const Lane& text) {
  const Lane yes = matches_pattern(text, "\\A[tT][rR][uU][eE]\\Z");
  const Lane no = matches_pattern(text, "\\A[fF][aA][lL][sS][eE]\\Z");
  return {yes, opposite(either(yes, no))};
}

Read read_integer(const Lane& text, const plan::LogicalType& to) {
  const cudf::data_type type = device_type(to);
  const Context& context = text.context();
  const bool no_sign = is_unsigned(to);
  // "-0" is 0 in every integer dtype.
  const Lane plain = no_sign ? select(matches_pattern(text, "\\A-0+\\Z"), constant_text(text, "0"), text) : text;
  const Lane digits = matches_pattern(plain, no_sign ? "\\A\\+?[0-9]+\\Z" : "\\A[+\\-]?[0-9]+\\Z");
  const Lane unsigned_digits = without_first(plain, "+-");
  const Lane significant = without_first(unsigned_digits, "0");
  // At most 20 digits, so that 128 bits hold them.
  const Lane sound = both(digits, length_of(significant) <= 20);
  const Lane size = wide_of_digits(safe_text(sound, significant, "0"));
  const Lane minus{cudf::strings::starts_with(plain.text(), cudf::string_scalar{"-", true, context.stream, context.memory},
                                              context.stream, context.memory),
                   plain};
  const Lane value = null_like(select(minus, constant(size, size.type(), 0) - size, size), {&text});
  const int bits = static_cast<int>(cudf::size_of(type)) * 8;
  const Int128 most = (Int128{1} << (no_sign ? bits : bits - 1)) - 1;
  const Int128 least = no_sign ? 0 : -most - 1;
  const Lane bad = either(opposite(sound), either(value < least, value > most));
  const Lane word = word_of_wide(value, 0);
  return {to.dtype == DType::uint64 ? word : word.as(kInt64).cast(type), bad};
}

/**
 * Floats: few digits and a small power of ten give an exact quotient of two exact floats, which is rounded once. Other
 * numbers are read on the host.
 */
Read read_float(const Lane& text, const plan::LogicalType& to) {
  const cudf::type_id type = device_type(to).id();
  const bool wide = type == kDouble;
  const Lane good = matches_pattern(text, "\\A[+\\-]?" + kNumber + "(?:[eE][+\\-]?[0-9]+)?\\Z");
  const Lane special = matches_pattern(text, "\\A[+\\-]?(?:[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)\\Z");
  const std::string most = std::to_string(wide ? 15 : 7);
  const std::vector<Lane> parts = groups_of(text, "\\A([+\\-]?)0*([0-9]{0," + most + "})\\.?([0-9]{0," + most + "})\\Z");
  const Lane digits = joined({parts[1], parts[2]});
  const Lane count = length_of(digits);
  const Lane easy = both(good, both(matches_pattern(text, "\\A[+\\-]?0*[0-9]{0," + most + "}\\.?[0-9]{0," + most + "}\\Z"),
                                    count <= (wide ? 15 : 7)));
  std::vector<double> powers;
  double power = 1;
  for (int i = 0; i <= 15; ++i, power *= 10) powers.push_back(power);
  const Owned table = column_of_doubles(powers, text.context());
  const Lane scale = look_up(table->view(), length_of(parts[2])).cast(type);
  const Lane size = binary(integer_of_digits(safe_text(easy, digits, "0")).cast(type), Binary::DIV, scale, cudf::data_type{type});
  const Lane minus = matches_pattern(text, "\\A-");
  const Lane quick = null_like(select(minus, size * -1, size), {&text});
  Lane value = quick;
  const Lane hard = both(good, opposite(easy));
  if (first_where(hard)) value = select(hard, floats_of_texts(only_where(hard, text), type), value);
  if (first_where(special)) {
    const auto constant_of = [&](double x) { return constant_real(text, x).cast(type); };
    const Lane infinite = select(minus, constant_of(-INFINITY), constant_of(INFINITY));
    const Lane named = select(matches_pattern(text, "[aA]"), constant_of(NAN), infinite);
    value = select(special, named, value);
  }
  return {value, opposite(either(good, special))};
}

Read read_decimal(const Lane& text, const plan::LogicalType& to) {
  const Lane good = matches_pattern(text, "\\A[+\\-]?" + kNumber + "(?:[eE][+\\-]?[0-9]+)?\\Z");
  const Lane plain = matches_pattern(text, "\\A[+\\-]?" + kNumber + "\\Z");
  const std::vector<Lane> parts = groups_of(text, "\\A([+\\-]?)([0-9]*)\\.?([0-9]*)\\Z");
  const int scale = std::min(to.scale, 38);
  const Lane kept = scale == 0 ? constant_text(text, "")
                               : slice_text(joined({parts[2], constant_text(text, std::string(static_cast<std::size_t>(scale), '0'))}), 0, scale);
  const Lane digits = without_first(joined({parts[1], kept}), "0");
  const Lane fits = both(plain, length_of(digits) <= 38);
  const Lane size = wide_of_digits(safe_text(fits, digits, "0"));
  const Lane up = matches_pattern(slice_text(parts[2], scale, scale + 1), "[5-9]");
  const Lane rounded = select(up, size + 1, size);
  const Lane signed_value = select(equal_text(parts[0], "-"), constant(size, size.type(), 0) - rounded, rounded);
  Lane value = null_like(select(fits, signed_value, constant(size, size.type(), 0)), {&text});
  Lane sound = fits;
  const Lane hard = both(good, opposite(plain));
  if (first_where(hard)) {
    const Lane read = decimals_of_texts(only_where(hard, text), to.scale);
    value = select(hard, with_default(read, 0), value);
    value = null_like(value, {&text});
    sound = either(sound, both(hard, is_present(read)));
  }
  return {value.as(device_type(to)), either(opposite(sound), past_precision(value, to.precision))};
}

/** The parts of null text are any moment's, so each reader of times gives null itself. */
Read read_date(const Lane& text, const plan::LogicalType& to) {
  const ReadTime read = read_time(text, cast_date_pattern());
  const Lane good = both(read.good, both(read.year <= 5'881'579, read.year >= -5'877'640));
  return {null_like(from_ticks(read.days, to), {&text}), opposite(good)};
}

Read read_datetime(const Lane& text, const plan::LogicalType& to) {
  const ReadTime read = read_time(text, cast_datetime_pattern());
  Lane good = both(read.good, both(read.year <= 5'881'579, read.year >= -5'877'640));
  good = both(good, both(read.offset_hours <= 23, read.offset_minutes <= 59));
  good = both(good, read.fraction_digits <= unit_digits(to));
  // A wall clock has no offset; an instant has one, unless its zone is UTC.
  if (to.zone.empty()) good = both(good, opposite(read.has_offset));
  else if (to.zone != "UTC") good = both(good, read.has_offset);
  const Lane whole = quotient(read.nanoseconds, 1'000'000'000);
  const Lane seconds = read.days * kSecondsPerDay + whole - read.offset;
  const Int128 per_second = ticks_per_second(to.unit);
  const Lane rest = quotient(read.nanoseconds - whole * 1'000'000'000, 1'000'000'000 / per_second);
  good = both(good, fits_ticks(seconds, rest, per_second));
  return {null_like(seconds * per_second + rest, {&text}).as(device_type(to)), opposite(good)};
}

Read read_clock(const Lane& text) {
  const ReadTime read = read_time(text, cast_time_pattern());
  return {null_like(read.nanoseconds, {&text}), opposite(both(read.good, read.fraction_digits <= 9))};
}

/** ISO 8601 without months and years. */
Read read_duration(const Lane& text, const plan::LogicalType& to) {
  const std::string pattern =
      "\\A([+\\-]?)P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,]([0-9]+))?S)?)?\\Z";
  Lane good = both(matches_pattern(text, pattern), opposite(matches_pattern(text, "[PT]\\Z")));
  const std::vector<Lane> parts = groups_of(text, pattern);
  const Int128 per_second = ticks_per_second(to.unit);
  const cudf::data_type wide{cudf::type_id::DECIMAL128, 0};
  // 128 bits hold sums of parts of up to 25 digits at nanoseconds; longer ones fit no 64 bits, leading zeros aside.
  Lane total = constant(text, wide, 0);
  constexpr Int128 kSeconds[] = {604'800, 86'400, 3600, 60, 1};
  for (std::size_t i = 0; i < 5; ++i) {
    const Lane digits = without_first(parts[i + 1], "0");
    const Lane sound = length_of(digits) <= 20;
    good = both(good, sound);
    total = total + wide_of_digits(select(sound, digits, constant_text(text, "0"))) * (kSeconds[i] * per_second);
  }
  const int places = unit_digits(to);
  const Lane fraction = without_last(parts[6], "0");
  good = both(good, length_of(fraction) <= places);
  const Lane padded = slice_text(joined({fraction, constant_text(text, std::string(static_cast<std::size_t>(places), '0'))}), 0, places);
  total = total + integer_of_digits(padded).cast(wide);
  const Lane value = null_like(select(equal_text(parts[0], "-"), constant(total, wide, 0) - total, total), {&text});
  constexpr Int128 kMost = (Int128{1} << 63) - 1;
  good = both(good, both(value >= -kMost - 1, value <= kMost));
  return {word_of_wide(value, 0).as(kInt64).as(device_type(to)), opposite(good)};
}

}  // namespace

Read read_text(const Lane& text, const plan::LogicalType& to) {
  if (to.dtype == DType::boolean) return read_truth(text);
  if (is_integer(to)) return read_integer(text, to);
  if (is_float(to)) return read_float(text, to);
  switch (to.dtype) {
    case DType::decimal: return read_decimal(text, to);
    case DType::date32: return read_date(text, to);
    case DType::datetime: return read_datetime(text, to);
    case DType::time: return read_clock(text);
    case DType::duration: return read_duration(text, to);
    default: throw Failure("ERR_DTYPE", "Text cannot be cast to " + plan::type_text(to) + ".");
  }
}

Lane cast_to_text(const Lane& lane, const plan::LogicalType& type) {
  const Context& context = lane.context();
  const auto like = [&](const Lane& result) { return null_like(result, {&lane}); };
  if (is_integer(type)) return digits_of_integers(lane);
  if (is_float(type)) return text_of_floats(lane);
  switch (type.dtype) {
    case DType::utf8:
    case DType::categorical:
    case DType::binary: return lane;
    case DType::null:
    case DType::boolean: {
      const cudf::string_scalar yes{"true", true, context.stream, context.memory};
      const cudf::string_scalar no{"false", true, context.stream, context.memory};
      return {cudf::strings::from_booleans(lane.view(), yes, no, context.stream, context.memory), lane};
    }
    case DType::decimal:
      return {cudf::strings::from_fixed_point(lane.view(), context.stream, context.memory), lane};
    case DType::date32: return like(date_text(ticks_of(lane, type)));
    case DType::time: return like(clock_text(ticks_of(lane, type), 9));
    case DType::duration: return like(duration_text(ticks_of(lane, type), unit_digits(type)));
    case DType::datetime: {
      const Lane ticks = ticks_of(lane, type);
      const Lane days = floored(ticks, day_ticks(type));
      std::vector<Lane> parts{date_text(days), constant_text(lane, "T"), clock_text(ticks - days * day_ticks(type), unit_digits(type))};
      if (!type.zone.empty()) parts.push_back(constant_text(lane, "Z"));
      return like(joined(parts));
    }
    default: throw Failure("ERR_DTYPE", plan::type_text(type) + " cannot be cast to text.");
  }
}

}  // namespace warpframe::exec
