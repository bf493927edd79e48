// Strings in formulas: each function is one libcudf call.
#pragma once

#include <string>
#include <vector>

#include "lane.hh"

namespace warpframe::exec {

/** Integers in decimal, a minus before negative ones. */
Lane digits_of_integers(const Lane& a);
/** Integers that are not negative with zeros before them, `width` digits at least. */
Lane zero_filled(const Lane& a, int width);
/** The rows' texts one behind the other; null where one is null. */
Lane joined(const std::vector<Lane>& parts);
/** Code points [start, stop); a stop of −1: to the end. */
Lane slice_text(const Lane& a, int start, int stop);
/** Without these characters at the end, or the start. */
Lane without_last(const Lane& a, const std::string& chars);
Lane without_first(const Lane& a, const std::string& chars);
/** Whether a libcudf pattern is found. */
Lane matches_pattern(const Lane& a, const std::string& pattern);
/** What the groups of a libcudf pattern take; empty where the pattern matches and the group takes no part. */
std::vector<Lane> groups_of(const Lane& a, const std::string& pattern);
/** Digits, with a sign or none, as INT64; empty and null text is 0. At most 18 digits. */
Lane integer_of_digits(const Lane& a);
/** Digits without a sign as 128-bit integers; empty text is 0. At most 38 digits. */
Lane wide_of_digits(const Lane& a);
/** Code points of a text, INT32. */
Lane length_of(const Lane& a);
Lane equal_text(const Lane& a, const std::string& text);
/** A text of a short list, by its number (INT32). */
Lane pick_text(const Lane& number, const std::vector<std::string>& texts);
/** The place of a text in a short list, −1 where it is not there (INT64). */
Lane place_in(const Lane& a, const std::vector<std::string>& texts);

}  // namespace warpframe::exec
