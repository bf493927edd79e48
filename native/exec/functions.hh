// The function table: one row for every function of ts/expr/functions.ts, compared with it by a test.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expressions.hh"

namespace warpframe::exec {

/** An elementwise function. Aggregates are rows of aggregates.cc, windows of windows.cc. */
struct Function {
  std::string_view name;
  /** `call` gives the options and, by `type`, the dtype of the result; args are its evaluated arguments. */
  Value (*run)(const plan::Expr& call, std::span<const Value> args, const Frame& input, Context& context);
  /** One sentence that names libcudf's limit for these arguments; empty: it runs. Null: it always runs. */
  std::string (*why_not)(const plan::Expr& call);
};

/** @returns null for an unknown name. The rows are in functions_<area>.cc, one list each. */
const Function* find_function(std::string_view name);
/** All rows, for the description and its test. */
std::span<const Function> value_functions();
std::span<const Function> text_functions();
std::span<const Function> time_functions();
std::span<const Function> list_functions();

}  // namespace warpframe::exec
