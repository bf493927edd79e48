// Expressions over the rows of a frame.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "../plan/expr.hh"
#include "value.hh"

namespace warpframe::exec {

/**
 * Evaluates a row-wise expression (windows included: they are handed to windows.cc).
 * @throws Failure with the code and sentence that the CPU engine has for the same input
 */
Value evaluate(const plan::Expr& expr, const Frame& input, Context& context);

/** Several expressions over the same rows: what they have in common is computed once. */
std::vector<Value> evaluate_all(std::span<const plan::ExprPtr> exprs, const Frame& input, Context& context);

/** The direct inputs of an expression that are evaluated over the same rows; none for a window. */
std::vector<const plan::Expr*> inputs_of(const plan::Expr& expr);

/** One sentence that names libcudf's limit; empty where the expression can run. Touches no device. */
std::string why_not(const plan::Expr& expr);

}  // namespace warpframe::exec
