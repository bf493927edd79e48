// Expressions over the rows of a frame.
#pragma once

#include <string>

#include "../plan/expr.hh"
#include "value.hh"

namespace warpframe::exec {

/**
 * Evaluates a row-wise expression (windows included: they are handed to windows.cc).
 * @throws Failure with the code and sentence that the CPU engine has for the same input
 */
Value evaluate(const plan::Expr& expr, const Frame& input, Context& context);

/** One sentence that names libcudf's limit; empty where the expression can run. Touches no device. */
std::string why_not(const plan::Expr& expr);

}  // namespace warpframe::exec
