// Dates and times: the temporal rows of ts/expr/rows-text-time.ts.
#include "../plan/nodes.hh"
#include "calendar.hh"
#include "faults.hh"
#include "time_read.hh"
#include "time_write.hh"
#include "zones.hh"

namespace warpframe::exec {

namespace {

constexpr Int128 kMost = (Int128{1} << 63) - 1;

Calendar calendar_of(const Arguments& args) { return Calendar{floored(local_ticks(args, 0), day_ticks(args.type(0)))}; }

template <Lane (Calendar::*part)() const>
Lane calendar_part(const Arguments& args) { return (calendar_of(args).*part)().cast(args.result()); }

/** (ticks mod period) / unit, in units where a tick is longer than one. */
template <std::int64_t period, std::int64_t unit>
Lane clock_part(const Arguments& args) {
  const Int128 tick = nanoseconds_of_tick(args.type(0));
  const Lane rest = floored_rest(local_ticks(args, 0), period / tick);
  const Lane part = quotient(rest, std::max<Int128>(unit / tick, 1));
  const Int128 times = std::max<Int128>(tick / unit, 1);
  return (times == 1 ? part : part * times).cast(args.result());
}

Int128 nanoseconds_of_unit(const std::string& unit) {
  if (unit == "d") return kNanosPerDay;
  if (unit == "h") return Int128{3600} * 1'000'000'000;
  if (unit == "m") return Int128{60} * 1'000'000'000;
  if (unit == "s") return 1'000'000'000;
  if (unit == "ms") return 1'000'000;
  return unit == "us" ? 1000 : 1;
}

template <bool towards_zero>
Lane rescaled(const Arguments& args) {
  const plan::LogicalType& type = args.type(0);
  const Int128 tick = kNanosPerDay / day_ticks(type);
  const Int128 unit = nanoseconds_of_unit(args.text("unit"));
  const Lane ticks = ticks_of(args[0], type);
  if (tick <= unit) return towards_zero ? quotient(ticks, unit / tick) : floored(ticks, unit / tick);
  const Int128 most = kMost / (tick / unit);
  fail_overflow(either(ticks > most, ticks < -most), args.expr, args.expr.type);
  return ticks * (tick / unit);
}

Lane date_of(const Arguments& args) {
  return from_ticks(floored(local_ticks(args, 0), day_ticks(args.type(0))), args.expr.type);
}

Lane time_of(const Arguments& args) {
  const plan::LogicalType& type = args.type(0);
  return floored_rest(local_ticks(args, 0), day_ticks(type)) * nanoseconds_of_tick(type);
}

struct Step {
  std::int64_t months;
  std::int64_t days;
  Int128 nanoseconds;
};

Step step_of(const Arguments& args) {
  return {args.integer("months"), args.integer("days"), std::strtoll(args.text("nanoseconds").c_str(), nullptr, 10)};
}

Int128 in_ticks(const Arguments& args, Int128 nanoseconds) {
  const Int128 tick = kNanosPerDay / day_ticks(args.type(0));
  if (nanoseconds % tick == 0) return nanoseconds / tick;
  throw Failure("ERR_PARAMETER", "The step of " + plan::expr_text(args.expr) +
                                     " is finer than the column's unit. Cast the column to Datetime('ns') first.");
}

/** Local ticks as a value of the argument's dtype: of two instants the one with the argument's offset. */
Lane back_to_utc(const Arguments& args, const Lane& local) {
  const plan::LogicalType& type = args.type(0);
  const Lane origin = ticks_of(args[0], type);
  return utc_ticks(args, type, local, Ambiguous::like_origin, false, &origin);
}

template <bool round>
Lane bucket(const Arguments& args) {
  const Step step = step_of(args);
  const plan::LogicalType& type = args.type(0);
  const Int128 per_day = day_ticks(type);
  const bool date = type.dtype == DType::date32;
  // A date is its own midnight: whole fractions of a day leave it where it is.
  if (step.nanoseconds != 0 && date && kNanosPerDay % step.nanoseconds == 0) return args[0];
  const Int128 every = step.nanoseconds != 0 ? in_ticks(args, step.nanoseconds) : 0;
  const Lane local = local_ticks(args, 0);
  const auto ends = [&]() -> std::pair<Lane, Lane> {
    if (every != 0) {
      const Lane lower = floored(local, every) * every;
      return {lower, lower + every};
    }
    const Lane days = floored(local, per_day);
    if (step.months != 0) {
      const Lane lower = first_of_month(floored(Calendar{days}.month_number(), step.months) * step.months);
      return {lower * per_day, round ? Calendar{lower}.plus_months(step.months) * per_day : lower};
    }
    const Int128 base = args.flag("weeks") ? 4 : 0;
    const Lane lower = floored(days - base, step.days) * step.days + base;
    return {lower * per_day, (lower + step.days) * per_day};
  };
  const auto [lower, upper] = ends();
  const Lane moved = round ? select(compare(local - lower, Binary::GREATER_EQUAL, upper - local), upper, lower) : lower;
  return from_ticks(back_to_utc(args, moved), type);
}

Lane offset_by(const Arguments& args) {
  const Step step = step_of(args);
  const plan::LogicalType& type = args.type(0);
  const Int128 per_day = day_ticks(type);
  const Int128 ticks = in_ticks(args, step.nanoseconds);
  const auto moved = [&]() -> Lane {
    if (step.months == 0 && step.days == 0) return ticks_of(args[0], type);
    const Lane local = local_ticks(args, 0);
    const Lane day = floored(local, per_day);
    const Lane clock = local - day * per_day;
    const Lane later = (step.months == 0 ? day : Calendar{day}.plus_months(step.months)) + step.days;
    return back_to_utc(args, later * per_day + clock);
  };
  const Lane result = moved();
  return from_ticks(ticks == 0 ? result : result + ticks, type);
}

Lane replace_time_zone(const Arguments& args) {
  const std::string& option = args.text("ambiguous");
  const Ambiguous ambiguous = option == "earliest" ? Ambiguous::earliest
                              : option == "latest" ? Ambiguous::latest
                              : option == "null"   ? Ambiguous::null
                                                   : Ambiguous::raise;
  const Lane utc = utc_ticks(args, args.expr.type, local_ticks(args, 0), ambiguous, args.text("nonExistent") == "null", nullptr);
  return utc.as(args.result());
}

Lane format_time(const Arguments& args) {
  const plan::LogicalType& type = args.type(0);
  const Lane local = local_ticks(args, 0);
  if (has_moving_zone(type)) {
    const Lane offset = local_offset(args, 0);
    return formatted(local, type, args.text("format"), &offset);
  }
  const Lane none = constant(local, cudf::data_type{kInt64}, 0);
  const bool zoned = type.dtype == DType::datetime && !type.zone.empty();
  return formatted(local, type, args.text("format"), zoned ? &none : nullptr);
}

/** Values of text that could be read; the first that could not is an error, or all of them are null. */
Lane checked(const Arguments& args, const Lane& good, const Lane& values) {
  const Lane present = is_present(args[0]);
  const Lane kept = both(present, with_default(good, 0));
  if (args.flag("strict")) {
    if (const auto row = first_where(both(present, opposite(kept)))) {
      const auto format = args.text_or_none("format");
      const std::string wanted = format ? "the format \"" + *format + "\"" : "ISO 8601";
      throw Failure("ERR_PARSE", "Expected " + plan::type_text(args.expr.type) + " in " + wanted + " in " + plan::expr_text(args.expr) +
                                     " but found \"" + text_at(args[0], *row) +
                                     "\". Give another format, or { strict: false } to make it null.");
    }
  }
  return only_where(kept, values);
}

TimePattern pattern_of(const plan::Call& call) {
  const plan::Json& format = call.options.at("format");
  if (!format.is_null()) return format_pattern(format.as_text());
  return call.fn == "toTime" ? iso_time_pattern() : iso_datetime_pattern();
}

Lane to_date(const Arguments& args) {
  const ReadTime read = read_time(args[0], pattern_of(args.call));
  return checked(args, read.good, from_ticks(read.days, args.expr.type));
}

Lane to_time(const Arguments& args) {
  const ReadTime read = read_time(args[0], pattern_of(args.call));
  return checked(args, read.good, read.nanoseconds);
}

Lane to_datetime(const Arguments& args) {
  const plan::LogicalType& type = args.expr.type;
  const ReadTime read = read_time(args[0], pattern_of(args.call));
  const Int128 per_second = ticks_per_second(type.unit);
  const Lane whole = quotient(read.nanoseconds, 1'000'000'000);
  const Lane rest = quotient(read.nanoseconds - whole * 1'000'000'000, 1'000'000'000 / per_second);
  Lane seconds = read.days * kSecondsPerDay + whole - read.offset;
  Lane good = with_default(both(read.good, is_present(args[0])), 0);
  if (has_moving_zone(type)) {
    // Text without an offset is a local time, of which there must be one.
    const Zone zone{args.call, type.zone, args.context};
    const Lane local = select(both(good, opposite(read.has_offset)), seconds, constant(seconds, seconds.type(), 0));
    const Zone::Local found = zone.offsets_of(local);
    seconds = select(read.has_offset, seconds, seconds - found.earliest);
    good = both(good, either(read.has_offset, opposite(either(found.missing, found.twice))));
  }
  good = both(good, fits_ticks(seconds, rest, per_second));
  return checked(args, good, seconds * per_second + rest).as(args.result());
}

std::string why_not_zoned(const plan::Expr& call) {
  return why_not_zones(call, {call.type, std::get<plan::Call>(call.node).args[0]->type});
}

std::string why_not_read(const plan::Expr& call) {
  const std::string zones = why_not_zones(call, {call.type});
  return zones.empty() ? pattern_of(std::get<plan::Call>(call.node)).why_not : zones;
}

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

constexpr Function kRows[] = {
    {"toDatetime", run_lanes<to_datetime>, why_not_read},
    {"toDate", run_lanes<to_date>, why_not_read},
    {"toTime", run_lanes<to_time>, why_not_read},
    {"year", run_lanes<calendar_part<&Calendar::year>>, why_not_zoned},
    {"quarter", run_lanes<calendar_part<&Calendar::quarter>>, why_not_zoned},
    {"month", run_lanes<calendar_part<&Calendar::month>>, why_not_zoned},
    {"week", run_lanes<calendar_part<&Calendar::iso_week>>, why_not_zoned},
    {"day", run_lanes<calendar_part<&Calendar::day>>, why_not_zoned},
    {"weekday", run_lanes<calendar_part<&Calendar::weekday>>, why_not_zoned},
    {"ordinalDay", run_lanes<calendar_part<&Calendar::ordinal_day>>, why_not_zoned},
    {"hour", run_lanes<clock_part<kNanosPerDay, kHour>>, why_not_zoned},
    {"minute", run_lanes<clock_part<kHour, kMinute>>, why_not_zoned},
    {"second", run_lanes<clock_part<kMinute, kSecond>>, why_not_zoned},
    {"millisecond", run_lanes<clock_part<kSecond, 1'000'000>>, why_not_zoned},
    {"microsecond", run_lanes<clock_part<kSecond, 1000>>, why_not_zoned},
    {"nanosecond", run_lanes<clock_part<kSecond, 1>>, why_not_zoned},
    {"epoch", run_lanes<rescaled<false>>, nullptr},
    {"date", run_lanes<date_of>, why_not_zoned},
    {"time", run_lanes<time_of>, why_not_zoned},
    {"truncate", run_lanes<bucket<false>>, why_not_zoned},
    {"dtRound", run_lanes<bucket<true>>, why_not_zoned},
    {"offsetBy", run_lanes<offset_by>, why_not_zoned},
    {"replaceTimeZone", run_lanes<replace_time_zone>, why_not_zoned},
    {"format", run_lanes<format_time>, why_not_zoned},
    {"total", run_lanes<rescaled<true>>, nullptr},
};

}  // namespace

std::span<const Function> time_functions() { return kRows; }

}  // namespace warpframe::exec
