// Decimals: 128-bit integers at a scale. libcudf keeps scales but knows no precision: what passes it is found here.
#pragma once

#include "arguments.hh"

namespace warpframe::exec {

/** Unscaled integers: a Decimal lane without its scale. */
inline Lane unscaled(const Lane& lane) { return lane.as(cudf::data_type{cudf::type_id::DECIMAL128, 0}); }

/** Where a value has more than `precision` digits. */
Lane past_precision(const Lane& values, int precision);
/** Divides unscaled integers by 10^places and rounds half away from zero. */
Lane rounded_quotient(const Lane& values, int places);

Lane decimal_add(const Arguments& args);
Lane decimal_sub(const Arguments& args);
Lane decimal_mul(const Arguments& args);
Lane decimal_sign(const Arguments& args);
enum class Rounding : std::uint8_t { half_away, down, up };
/** To a multiple of 10^-decimals, at the same scale. */
Lane decimal_round(const Arguments& args, Rounding rounding, std::int64_t decimals);

}  // namespace warpframe::exec
