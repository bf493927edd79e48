#include "calendar.hh"

#include <cudf/datetime.hpp>

namespace warpframe::exec {

namespace {

constexpr Int128 kEraDays = 146'097;
constexpr Int128 kEraMonths = 4800;

using cudf::datetime::datetime_component;

Lane component(const Lane& days, datetime_component what) {
  return {cudf::datetime::extract_datetime_component(days.view(), what, days.context().stream, days.context().memory), days};
}

/** INT64 days that 32 bits hold as a date for libcudf. */
Lane as_date(const Lane& days) { return days.cast(kInt32).as(cudf::type_id::TIMESTAMP_DAYS); }
Lane as_days(const Lane& date) { return date.as(kInt32).cast(kInt64); }

}  // namespace

Int128 nanoseconds_of_tick(const plan::LogicalType& type) {
  return type.dtype == DType::time ? 1 : 1'000'000'000 / ticks_per_second(type.unit);
}

Int128 day_ticks(const plan::LogicalType& type) {
  return type.dtype == DType::date32 ? 1 : kNanosPerDay / nanoseconds_of_tick(type);
}

Lane ticks_of(const Lane& lane, const plan::LogicalType& type) {
  return type.dtype == DType::date32 ? lane.as(kInt32).cast(kInt64) : lane.as(kInt64);
}

Lane from_ticks(const Lane& ticks, const plan::LogicalType& type) {
  return (type.dtype == DType::date32 ? ticks.cast(kInt32) : ticks).as(device_type(type));
}

Lane fits_ticks(const Lane& seconds, const Lane& rest, Int128 per_second) {
  constexpr Int128 kMost = (Int128{1} << 63) - 1;
  const Int128 top = kMost / per_second;
  const Int128 top_rest = kMost % per_second;
  const Lane high = either(seconds > top, both(equal(seconds, top), rest > top_rest));
  const Lane low = either(seconds < -top - 1, both(equal(seconds, -top - 1), rest < per_second - top_rest - 1));
  return opposite(either(high, low));
}

Calendar::Calendar(const Lane& days)
    : days_(days), era_(floored(days, kEraDays)), within_(as_date(days - era_ * kEraDays)) {}

Lane Calendar::year() const { return component(within_, datetime_component::YEAR).cast(kInt64) + era_ * 400; }
Lane Calendar::month() const { return component(within_, datetime_component::MONTH); }
Lane Calendar::day() const { return component(within_, datetime_component::DAY); }
Lane Calendar::weekday() const { return component(within_, datetime_component::WEEKDAY); }
Lane Calendar::quarter() const {
  const Context& context = days_.context();
  return {cudf::datetime::extract_quarter(within_.view(), context.stream, context.memory), within_};
}
Lane Calendar::ordinal_day() const {
  const Context& context = days_.context();
  return {cudf::datetime::day_of_year(within_.view(), context.stream, context.memory), within_};
}

Lane Calendar::iso_week() const {
  const Lane thursday = days_ - weekday().cast(kInt64) + 4;
  return quotient(Calendar{thursday}.ordinal_day().cast(kInt64) - 1, 7) + 1;
}
Lane Calendar::iso_year() const { return Calendar{days_ - weekday().cast(kInt64) + 4}.year(); }

Lane Calendar::month_number() const { return (year() - 1970) * 12 + month().cast(kInt64) - 1; }

Lane Calendar::plus_months(std::int64_t months) const {
  std::int64_t eras = months / static_cast<std::int64_t>(kEraMonths);
  std::int64_t rest = months % static_cast<std::int64_t>(kEraMonths);
  if (rest < 0) {
    rest += static_cast<std::int64_t>(kEraMonths);
    --eras;
  }
  Context& context = days_.context();
  const auto by = number_scalar(cudf::data_type{kInt32}, rest, context);
  const Lane moved{cudf::datetime::add_calendrical_months(within_.view(), *by, context.stream, context.memory), within_};
  return as_days(moved) + (era_ + eras) * kEraDays;
}

Lane first_of_month(const Lane& month_number) {
  const Lane era = floored(month_number, kEraMonths);
  const Lane rest = (month_number - era * kEraMonths).cast(kInt32);
  const Lane origin = (rest * 0).as(cudf::type_id::TIMESTAMP_DAYS);
  const Context& context = month_number.context();
  const Lane moved{cudf::datetime::add_calendrical_months(origin.view(), rest.view(), context.stream, context.memory), origin};
  return as_days(moved) + era * kEraDays;
}

Lane days_of_date(const Lane& year, const Lane& month, const Lane& day) {
  return first_of_month((year - 1970) * 12 + month - 1) + day - 1;
}

Lane is_date(const Lane& year, const Lane& month, const Lane& day) {
  const Lane in_year = both(month >= 1, month <= 12);
  const Lane number = (year - 1970) * 12 + select(in_year, month, constant(month, month.type(), 1)) - 1;
  const Lane length = first_of_month(number + 1) - first_of_month(number);
  return both(in_year, both(day >= 1, compare(day, Binary::LESS_EQUAL, length)));
}

}  // namespace warpframe::exec
