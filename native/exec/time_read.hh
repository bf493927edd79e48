// Dates and times out of text: a libcudf pattern with one group a part, and what the parts amount to.
#pragma once

#include <string>
#include <vector>

#include "arguments.hh"

namespace warpframe::exec {

/** What a group of a pattern holds. `skip`: nothing. */
enum class Part : std::uint8_t {
  skip, year, short_year, month, month_name, day, ordinal, hour, hour_of_half, half_day, minute, second, fraction, offset
};

struct TimePattern {
  std::string pattern;       // libcudf's syntax, anchored at both ends
  std::vector<Part> groups;  // one a group
  std::string why_not;       // not empty: libcudf cannot read this format
};

/** A format with %F, %T and %R written out. */
std::string expanded(const std::string& format);

/** ISO 8601 as a cast of text takes it, and as toDatetime, toDate and toTime do. */
TimePattern cast_date_pattern();
TimePattern cast_datetime_pattern();
TimePattern cast_time_pattern();
TimePattern iso_datetime_pattern();
TimePattern iso_time_pattern();
/** A format of strftime directives; they take as many digits as they may, and never give one back. */
TimePattern format_pattern(const std::string& format);

/** Lanes over all rows; null text gives any value. */
struct ReadTime {
  Lane good;           // BOOL8: the text follows the pattern and names a real moment
  Lane year;           // INT64
  Lane days;           // INT64, since 1970-01-01
  Lane nanoseconds;    // INT64, since midnight
  Lane fraction_digits;  // digits of the fraction without zeros at its end
  Lane offset;         // INT64, seconds ahead of UTC; 0 where there is none
  Lane has_offset;     // BOOL8
  Lane offset_hours;   // INT64
  Lane offset_minutes;
};
ReadTime read_time(const Lane& text, const TimePattern& pattern);

}  // namespace warpframe::exec
