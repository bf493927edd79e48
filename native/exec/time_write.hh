// Dates and times as text.
#pragma once

#include <string>

#include "arguments.hh"

namespace warpframe::exec {

/** `YYYY-MM-DD` of INT64 days; years outside 0 to 9999 with a sign and six digits. */
Lane date_text(const Lane& days);
/** `HH:MM:SS`, and a fraction of `digits` digits where it is not zero, of INT64 ticks since midnight. */
Lane clock_text(const Lane& ticks, int digits);
/** `P1DT2H3M4.5S` of INT64 ticks. */
Lane duration_text(const Lane& ticks, int digits);

/**
 * A strftime format of local INT64 ticks (days for Date32) of a dtype; `offset` is seconds ahead of UTC, for a zone.
 */
Lane formatted(const Lane& local, const plan::LogicalType& type, const std::string& format, const Lane* offset);

}  // namespace warpframe::exec
