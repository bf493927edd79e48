// Windows and aggregates over the rows of a partition: what stands in an `over` node.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "../plan/expr.hh"
#include "value.hh"

namespace warpframe::exec {

/**
 * Evaluates an `over` node: a window call, or an aggregate whose value is repeated on the rows of its partition.
 * The rows of the result lie as those of `input`.
 */
Value evaluate_over(const plan::Expr& over, const Frame& input, Context& context);

/** One sentence that names libcudf's limit; empty where the `over` node can run. Touches no device. */
std::string why_not_over(const plan::Expr& over);

/** A window function, by its name in ts/expr/rows-groups.ts. */
struct WindowFunction {
  std::string_view name;
  /** One sentence that names libcudf's limit for this call; empty: it runs. Null: it always runs. */
  std::string (*why_not)(const plan::Expr& call);
};
/** All rows, for the description and its test. */
std::span<const WindowFunction> window_functions();

}  // namespace warpframe::exec
