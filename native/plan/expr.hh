// Bound expressions: the six node kinds of ts/expr/nodes.ts.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "json.hh"
#include "types.hh"

namespace warpframe::plan {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

/** Unscaled decimals and 64-bit integers of both signs fit. */
using Int128 = __int128;

struct Literal;
/** monostate: null. Ticks of times, days of dates and unscaled decimals are Int128, as are all integers. */
using LiteralValue = std::variant<std::monostate, bool, Int128, double, std::string, std::vector<Literal>>;
struct Literal {
  LiteralValue value;
};

/** Nulls last in both directions unless nulls_first; NaN above all numbers. */
struct OrderKey {
  ExprPtr expr;
  bool descending = false;
  bool nulls_first = false;
};
struct NamedExpr {
  std::string name;
  ExprPtr expr;
};
struct Branch {
  ExprPtr when;
  ExprPtr then;
};

struct Column { std::string name; };
/** For a list of isIn or lookup the value is a list and the type the dtype of its elements. */
struct Constant { Literal literal; };
struct Call { std::string fn; std::vector<ExprPtr> args; Json options; };
/** Strict: a value that does not fit throws; otherwise it becomes null. */
struct Cast { ExprPtr expr; bool strict = true; };
struct When { std::vector<Branch> branches; ExprPtr otherwise; };
struct Over { ExprPtr expr; std::vector<ExprPtr> partition_by; std::vector<OrderKey> order_by; };

struct Expr {
  LogicalType type;
  bool nullable = true;
  std::variant<Column, Constant, Call, Cast, When, Over> node;
};

/** An expression for messages and traces, near to what a user would write: `c.a.add(c.b)`. */
std::string expr_text(const Expr& expr);

}  // namespace warpframe::plan
