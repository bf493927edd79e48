// Sums of columns times numbers: what linear models of rows are as an expression.
#pragma once

#include "arguments.hh"

namespace warpframe::exec {

/** A struct of sums, in the order of the arguments; each is null where an argument is, unless a model refuses that. */
Lane affine(const Arguments& args);

}  // namespace warpframe::exec
