#include "scan_predicate.hh"

#include <cudf/strings/string_view.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_dispatcher.hpp>

#include "literals.hh"

namespace warpframe::exec {
namespace {

using cudf::ast::ast_operator;
using plan::DType;

bool is_exact(const plan::LogicalType& type) {
  switch (type.dtype) {
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
    case DType::date32:
    case DType::datetime:
    case DType::utf8: return true;
    default: return false;
  }
}

struct Comparison {
  std::string_view name;
  ast_operator direct;
  ast_operator mirrored;  // with the constant on the left
};
constexpr Comparison kComparisons[] = {
    {"eq", ast_operator::EQUAL, ast_operator::EQUAL},
    {"lt", ast_operator::LESS, ast_operator::GREATER},
    {"lte", ast_operator::LESS_EQUAL, ast_operator::GREATER_EQUAL},
    {"gt", ast_operator::GREATER, ast_operator::LESS},
    {"gte", ast_operator::GREATER_EQUAL, ast_operator::LESS_EQUAL},
};

const Comparison* comparison_of(std::string_view name) {
  for (const Comparison& each : kComparisons) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

struct PushLiteral {
  PushedPredicate& out;
  cudf::scalar& value;

  template <typename T>
  const cudf::ast::expression* operator()() const {
    if constexpr (cudf::is_timestamp<T>()) {
      return &out.tree.push(cudf::ast::literal(static_cast<cudf::timestamp_scalar<T>&>(value)));
    } else if constexpr (cudf::is_index_type<T>()) {
      return &out.tree.push(cudf::ast::literal(static_cast<cudf::numeric_scalar<T>&>(value)));
    } else if constexpr (std::is_same_v<T, cudf::string_view>) {
      return &out.tree.push(cudf::ast::literal(static_cast<cudf::string_scalar&>(value)));
    } else {
      return nullptr;
    }
  }
};

/** Null where the comparison is not one of those. */
const cudf::ast::expression* push_comparison(const plan::Expr& expr, PushedPredicate& out,
                                             const std::function<std::optional<cudf::size_type>(const std::string&)>& column,
                                             Context& context) {
  const auto* call = std::get_if<plan::Call>(&expr.node);
  if (call == nullptr || call->args.size() != 2) return nullptr;
  const Comparison* comparison = comparison_of(call->fn);
  if (comparison == nullptr) return nullptr;
  const bool direct = std::holds_alternative<plan::Column>(call->args[0]->node);
  const plan::Expr& left = *call->args[direct ? 0 : 1];
  const plan::Expr& right = *call->args[direct ? 1 : 0];
  const auto* name = std::get_if<plan::Column>(&left.node);
  const auto* constant = std::get_if<plan::Constant>(&right.node);
  if (name == nullptr || constant == nullptr || !is_exact(left.type) || !(left.type == right.type)) return nullptr;
  if (std::holds_alternative<std::monostate>(constant->literal.value)) return nullptr;
  const std::optional<cudf::size_type> index = column(name->name);
  if (!index) return nullptr;
  out.literals.push_back(literal_scalar(constant->literal, right.type, context));
  cudf::scalar& value = *out.literals.back();
  const cudf::ast::expression* literal = cudf::type_dispatcher(value.type(), PushLiteral{out, value});
  if (literal == nullptr) return nullptr;
  const auto& reference = out.tree.push(cudf::ast::column_reference(*index));
  return &out.tree.push(cudf::ast::operation(direct ? comparison->direct : comparison->mirrored, reference, *literal));
}

void collect(const plan::Expr& expr, std::vector<const plan::Expr*>& parts) {
  const auto* call = std::get_if<plan::Call>(&expr.node);
  if (call == nullptr || call->fn != "and") {
    parts.push_back(&expr);
    return;
  }
  for (const plan::ExprPtr& each : call->args) collect(*each, parts);
}

}  // namespace

std::vector<const plan::Expr*> conjuncts(const plan::Expr& predicate) {
  std::vector<const plan::Expr*> parts;
  collect(predicate, parts);
  return parts;
}

std::unique_ptr<PushedPredicate> push_predicate(const plan::Expr& predicate,
                                                const std::function<std::optional<cudf::size_type>(const std::string&)>& column,
                                                Context& context) {
  auto out = std::make_unique<PushedPredicate>();
  for (const plan::Expr* part : conjuncts(predicate)) {
    const cudf::ast::expression* pushed = push_comparison(*part, *out, column, context);
    if (pushed == nullptr) continue;
    out->root = out->root == nullptr ? pushed : &out->tree.push(cudf::ast::operation(ast_operator::LOGICAL_AND, *out->root, *pushed));
  }
  if (out->root == nullptr) return nullptr;
  // The literals were copied on this stream; the reader may use others.
  context.stream.sync();
  return out;
}

}  // namespace warpframe::exec
