// Errors of values that fail while a plan runs, in the words of the CPU engine.
#pragma once

#include "../util/failure.hh"
#include "lane.hh"

namespace warpframe::exec {

/** A result that its dtype does not hold, at the first row where `bad` is true. */
void fail_overflow(const Lane& bad, const plan::Expr& expr, const plan::LogicalType& type);
/** A strict cast of a value that its dtype does not hold, at the first row where `bad` is true. */
void fail_cast(const Lane& bad, const plan::Expr& cast, const Lane& operand);

/** One value as a cast to Utf8 gives it, cut to 60 characters; text in quotes. */
std::string shown_value(const Lane& lane, cudf::size_type row, const plan::LogicalType& type);
/** One value of a text lane. */
std::string text_at(const Lane& lane, cudf::size_type row);

}  // namespace warpframe::exec
