// Numbers that the host reads and writes. libcudf reads floats with a rounding of its own and writes at most ten digits, so
// what the device cannot read exactly, and the text of floats, makes a way over the host: text out, numbers in, or back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lane.hh"

namespace warpframe::exec {

/** The texts of a lane; none where it is null. Waits for the device. */
std::vector<std::optional<std::string>> download_texts(const Lane& lane);

/** Floats as the shortest text that reads back, with a point or an exponent. */
Lane text_of_floats(const Lane& lane);
/** Correctly rounded floats of number texts; null where there is no text. */
Lane floats_of_texts(const Lane& text, cudf::type_id type);
/** Unscaled decimals of number texts with an exponent, half away from zero; null for more than 38 digits. */
Lane decimals_of_texts(const Lane& text, int scale);

}  // namespace warpframe::exec
