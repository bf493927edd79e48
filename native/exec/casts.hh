// Casts between dtypes, as ts/expr/promote.ts has them at `canCast`.
#pragma once

#include "lane.hh"

namespace warpframe::exec {

/** @throws Failure ERR_CAST of a strict cast, with the first row that does not fit; otherwise such rows are null */
Value run_cast(const plan::Expr& cast, const Value& operand, const Frame& input, Context& context);
std::string why_not_cast(const plan::Expr& cast);

/** Every value as text, as a cast to Utf8 gives it. */
Lane cast_to_text(const Lane& lane, const plan::LogicalType& type);

}  // namespace warpframe::exec
