// The part of a scan's predicate that libcudf's Parquet reader can apply exactly.
#pragma once

#include "prelude.hh"

#include <cudf/ast/expressions.hpp>
#include <cudf/scalar/scalar.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../plan/expr.hh"
#include "context.hh"

namespace warpframe::exec {

/** The expression and what it refers to: libcudf's nodes keep references. */
struct PushedPredicate {
  cudf::ast::tree tree;
  std::vector<std::unique_ptr<cudf::scalar>> literals;
  const cudf::ast::expression* root = nullptr;
};

/**
 * Comparisons of a column with a constant, joined by `and`, whose answer is the same for libcudf and for us: integers,
 * dates, instants and text. Floats stay out (NaN is a number here), and so does everything that is true for a null.
 * Rows that the rest of the predicate would drop may stay: the filter above the scan is still there.
 * @param column the number of a column among those that are read; nullopt where it is not, or is stored otherwise
 */
std::unique_ptr<PushedPredicate> push_predicate(const plan::Expr& predicate,
                                                const std::function<std::optional<cudf::size_type>(const std::string&)>& column,
                                                Context& context);

/** The parts of a predicate that are joined by `and`. */
std::vector<const plan::Expr*> conjuncts(const plan::Expr& predicate);

}  // namespace warpframe::exec
