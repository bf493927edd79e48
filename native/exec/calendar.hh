// The proleptic Gregorian calendar over days of any 64-bit range. libcudf's own reaches the years ±32767 and gives parts
// in 16 bits, so days are split into eras of 400 years, which are 146,097 days and whole weeks: it is asked for the day
// within one, 1970 to 2369, and the eras are counted here.
#pragma once

#include "arguments.hh"

namespace warpframe::exec {

/** Nanoseconds of a tick of a Datetime, Duration or Time. */
Int128 nanoseconds_of_tick(const plan::LogicalType& type);
/** Ticks of a day; 1 for Date32. */
Int128 day_ticks(const plan::LogicalType& type);

/** Values of a Date32, Datetime, Time or Duration as INT64 days or ticks. */
Lane ticks_of(const Lane& lane, const plan::LogicalType& type);
/** Back again; days wrap to 32 bits. */
Lane from_ticks(const Lane& ticks, const plan::LogicalType& type);

/** Whether seconds × ticks_per_second + rest, 0 ≤ rest < ticks_per_second, stay within 64 bits. */
Lane fits_ticks(const Lane& seconds, const Lane& rest, Int128 ticks_per_second);

/** Days since 1970-01-01 (INT64), taken apart on demand. */
class Calendar {
 public:
  explicit Calendar(const Lane& days);
  Lane year() const;         // INT64
  Lane month() const;        // INT16 from here on
  Lane day() const;
  Lane quarter() const;
  Lane weekday() const;      // 1 = Monday
  Lane ordinal_day() const;
  /** ISO 8601: weeks start on Monday, week 1 holds the year's first Thursday. INT64. */
  Lane iso_week() const;
  Lane iso_year() const;
  /** Months since January 1970. */
  Lane month_number() const;
  /** Calendar months later, the day clipped to the month's last. INT64 days. */
  Lane plus_months(std::int64_t months) const;

 private:
  Lane days_;
  Lane era_;
  Lane within_;  // TIMESTAMP_DAYS
};

/** The first day of a month, counted from January 1970 (INT64). */
Lane first_of_month(const Lane& month_number);
/** Days of a date (INT64); any value for one that is not on the calendar. */
Lane days_of_date(const Lane& year, const Lane& month, const Lane& day);
/** Whether month and day are on the calendar of the year (INT64 lanes). */
Lane is_date(const Lane& year, const Lane& month, const Lane& day);

}  // namespace warpframe::exec
