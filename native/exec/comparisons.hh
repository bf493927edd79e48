// Comparisons and membership as the project has them: NaN equals itself and is above every number.
#pragma once

#include "arguments.hh"

namespace warpframe::exec {

/** Whether an expression is a literal that is a number, not NaN: comparisons with one need no test for NaN. */
bool is_number_literal(const plan::Expr& expr);

/** Values of one dtype; null where one is null. `op` is one of the six comparisons. */
Lane compare_values(Binary op, const Lane& a, const Lane& b, const plan::LogicalType& type, bool a_is_number = false,
                    bool b_is_number = false);

Lane equal_or_both_null(const Arguments& args);
Lane is_in(const Arguments& args);
Lane look_up_numbers(const Arguments& args);

}  // namespace warpframe::exec
