#include "ast.hh"

#include <cudf/ast/detail/expression_parser.hpp>
#include <cudf/transform.hpp>
#include <cudf/utilities/traits.hpp>

#include <algorithm>
#include <cmath>

namespace cudf::ast {

// The visitors belong to libcudf's own machine; ours walks the tree.
#define HOSTCUDF_NODE(name)                                                                                       \
  size_type name::accept(detail::expression_parser&) const { warpframe::host::missing(#name "::accept"); }       \
  std::reference_wrapper<const expression> name::accept(detail::expression_transformer&) const {                  \
    warpframe::host::missing(#name "::accept");                                                                   \
  }                                                                                                               \
  std::unique_ptr<cudf::detail::row_ir::node> name::accept(cudf::detail::row_ir::ast_converter&) const {          \
    warpframe::host::missing(#name "::accept");                                                                   \
  }
HOSTCUDF_NODE(literal)
HOSTCUDF_NODE(column_reference)
HOSTCUDF_NODE(operation)
HOSTCUDF_NODE(column_name_reference)

operation::operation(ast_operator op_, const expression& input) : op(op_), operands{input} {
  CUDF_EXPECTS(op >= ast_operator::IDENTITY, "The provided operator is not a unary operator.", std::invalid_argument);
}
operation::operation(ast_operator op_, const expression& left, const expression& right) : op(op_), operands{left, right} {
  CUDF_EXPECTS(op < ast_operator::IDENTITY, "The provided operator is not a binary operator.", std::invalid_argument);
}
bool operation::may_evaluate_null(const table_view& left, const table_view& right, cuda::stream_ref stream) const {
  return std::any_of(operands.begin(), operands.end(),
                     [&](const expression& each) { return each.may_evaluate_null(left, right, stream); });
}

}  // namespace cudf::ast

namespace warpframe::host {
namespace {

using cudf::ast::ast_operator;
using cudf::data_type;

bool is_comparison(ast_operator op) {
  switch (op) {
    case ast_operator::EQUAL:
    case ast_operator::NULL_EQUAL:
    case ast_operator::NOT_EQUAL:
    case ast_operator::LESS:
    case ast_operator::GREATER:
    case ast_operator::LESS_EQUAL:
    case ast_operator::GREATER_EQUAL: return true;
    default: return false;
  }
}
bool is_logic(ast_operator op) {
  return op == ast_operator::LOGICAL_AND || op == ast_operator::LOGICAL_OR || op == ast_operator::NULL_LOGICAL_AND ||
         op == ast_operator::NULL_LOGICAL_OR;
}

/** IEEE 754: NaN is unequal to everything. */
bool compares(ast_operator op, const Val& a, const Val& b) {
  const bool unordered = (a.kind() == Kind::real && std::isnan(a.d())) || (b.kind() == Kind::real && std::isnan(b.d()));
  if (unordered) return op == ast_operator::NOT_EQUAL;
  const int order = compare(a, b);
  switch (op) {
    case ast_operator::NOT_EQUAL: return order != 0;
    case ast_operator::LESS: return order < 0;
    case ast_operator::GREATER: return order > 0;
    case ast_operator::LESS_EQUAL: return order <= 0;
    case ast_operator::GREATER_EQUAL: return order >= 0;
    default: return order == 0;
  }
}

Val logic(ast_operator op, const Val& a, const Val& b) {
  const bool kleene = op == ast_operator::NULL_LOGICAL_AND || op == ast_operator::NULL_LOGICAL_OR;
  const bool is_and = op == ast_operator::LOGICAL_AND || op == ast_operator::NULL_LOGICAL_AND;
  const auto decides = [is_and](const Val& v) { return !v.null() && v.truth() != is_and; };
  if (kleene && (decides(a) || decides(b))) return Val::boolean(!is_and);
  if (a.null() || b.null()) return {};
  return Val::boolean(is_and ? a.truth() && b.truth() : a.truth() || b.truth());
}

Val real_arithmetic(ast_operator op, double x, double y) {
  switch (op) {
    case ast_operator::ADD: return Val::real(x + y);
    case ast_operator::SUB: return Val::real(x - y);
    case ast_operator::MUL: return Val::real(x * y);
    case ast_operator::DIV:
    case ast_operator::TRUE_DIV: return Val::real(x / y);
    case ast_operator::FLOOR_DIV: return Val::real(std::floor(x / y));
    case ast_operator::MOD: return Val::real(std::fmod(x, y));
    case ast_operator::PYMOD: return Val::real(std::fmod(std::fmod(x, y) + y, y));
    case ast_operator::POW: return Val::real(std::pow(x, y));
    default: missing("an operator of cudf::ast on floats");
  }
}

Val integer_arithmetic(ast_operator op, Int128 x, Int128 y) {
  const bool divides = op == ast_operator::DIV || op == ast_operator::FLOOR_DIV || op == ast_operator::MOD || op == ast_operator::PYMOD;
  if (divides && y == 0) return Val::integer(undefined());  // any value, and no trap
  switch (op) {
    case ast_operator::ADD: return Val::integer(x + y);
    case ast_operator::SUB: return Val::integer(x - y);
    case ast_operator::MUL: return Val::integer(x * y);
    case ast_operator::DIV: return Val::integer(x / y);
    case ast_operator::FLOOR_DIV: return Val::integer(x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0));
    case ast_operator::MOD: return Val::integer(x % y);
    case ast_operator::PYMOD: return Val::integer((x % y + y) % y);
    case ast_operator::BITWISE_AND: return Val::integer(x & y);
    case ast_operator::BITWISE_OR: return Val::integer(x | y);
    case ast_operator::BITWISE_XOR: return Val::integer(x ^ y);
    default: missing("an operator of cudf::ast on integers");
  }
}

/** Cut to the width of the node's type, as the device computes. */
Val fitted(const Val& value, data_type type) {
  if (value.null()) return value;
  switch (type.id()) {
    case type_id::FLOAT32: return Val::real(static_cast<float>(value.d()));
    case type_id::INT32: return Val::integer(static_cast<std::int32_t>(value.i()));
    case type_id::UINT32: return Val::integer(static_cast<std::uint32_t>(value.i()));
    case type_id::INT64: return Val::integer(static_cast<std::int64_t>(value.i()));
    case type_id::UINT64: return Val::integer(static_cast<std::uint64_t>(value.i()));
    case type_id::FLOAT64: return Val::real(value.d());
    default: return value;
  }
}

/** C++'s own promotion. */
data_type promoted(data_type type) {
  return cudf::is_integral(type) && cudf::size_of(type) < 4 ? data_type{type_id::INT32} : type;
}

}  // namespace

Ast::Ast(const cudf::ast::expression& root, const cudf::table_view& left, const cudf::table_view& right, Stream stream,
         std::vector<std::string> names)
    : left_(cols(left, stream, "cudf::ast")), right_(cols(right, stream, "cudf::ast")), stream_(stream), names_(std::move(names)) {
  Compiled compiled = compile(root);
  type_ = compiled.type;
  value_ = std::move(compiled.value);
}

Ast::Compiled Ast::column(size_type index, bool from_left) const {
  const auto& columns = from_left ? left_ : right_;
  CUDF_EXPECTS(index >= 0 && static_cast<std::size_t>(index) < columns.size(),
               "An AST column reference is out of range", std::out_of_range);
  const Col* source = &columns[static_cast<std::size_t>(index)];
  return {source->type().id, [source, from_left](size_type l, size_type r) { return source->at(from_left ? l : r); }};
}

Ast::Compiled Ast::compile(const cudf::ast::expression& node) const {
  if (const auto* reference = dynamic_cast<const cudf::ast::column_reference*>(&node)) {
    return column(reference->get_column_index(), reference->get_table_source() == cudf::ast::table_reference::LEFT);
  }
  if (const auto* named = dynamic_cast<const cudf::ast::column_name_reference*>(&node)) {
    const auto found = std::find(names_.begin(), names_.end(), named->get_column_name());
    CUDF_EXPECTS(found != names_.end(), "An AST refers to a column that is not there", std::invalid_argument);
    return column(static_cast<size_type>(found - names_.begin()), true);
  }
  if (const auto* constant = dynamic_cast<const cudf::ast::literal*>(&node)) {
    if (constant->is_scalar_column_view()) missing("cudf::ast::literal of a column");
    return {constant->get_data_type(), [value = value_of(constant->get_scalar(), stream_)](size_type, size_type) { return value; }};
  }
  const auto* operation = dynamic_cast<const cudf::ast::operation*>(&node);
  if (operation == nullptr) missing("a node of cudf::ast");
  return compile_operation(*operation);
}

Ast::Compiled Ast::compile_operation(const cudf::ast::operation& node) const {
  const ast_operator op = node.get_operator();
  Compiled a = compile(node.get_operands()[0].get());
  if (node.get_operands().size() == 2) {
    Compiled b = compile(node.get_operands()[1].get());
    CUDF_EXPECTS(a.type == b.type, "An AST expression was provided non-matching operand types.", cudf::data_type_error);
    if (is_comparison(op)) {
      return {data_type{type_id::BOOL8}, [op, x = a.value, y = b.value](size_type l, size_type r) {
                const Val p = x(l, r);
                const Val q = y(l, r);
                if (op == ast_operator::NULL_EQUAL && (p.null() || q.null())) return Val::boolean(p.null() && q.null());
                return p.null() || q.null() ? Val() : Val::boolean(compares(op, p, q));
              }};
    }
    if (is_logic(op)) {
      return {data_type{type_id::BOOL8},
              [op, x = a.value, y = b.value](size_type l, size_type r) { return logic(op, x(l, r), y(l, r)); }};
    }
    CUDF_EXPECTS(cudf::is_numeric(a.type), "AST arithmetic needs numbers", cudf::data_type_error);
    data_type type = promoted(a.type);
    if (op == ast_operator::TRUE_DIV && !cudf::is_floating_point(type)) type = data_type{type_id::FLOAT64};
    return {type, [op, type, x = a.value, y = b.value](size_type l, size_type r) {
              const Val p = x(l, r);
              const Val q = y(l, r);
              if (p.null() || q.null()) return Val();
              if (cudf::is_floating_point(type)) return fitted(real_arithmetic(op, p.d(), q.d()), type);
              return fitted(integer_arithmetic(op, p.i(), q.i()), type);
            }};
  }
  const auto unary = [&a](data_type type, auto compute) {
    return Compiled{type, [compute, x = a.value](size_type l, size_type r) {
                      const Val p = x(l, r);
                      return p.null() ? Val() : compute(p);
                    }};
  };
  switch (op) {
    case ast_operator::IDENTITY: return a;
    case ast_operator::IS_NULL:
      return {data_type{type_id::BOOL8}, [x = a.value](size_type l, size_type r) { return Val::boolean(x(l, r).null()); }};
    case ast_operator::NOT: return unary(data_type{type_id::BOOL8}, [](const Val& v) { return Val::boolean(!v.truth()); });
    case ast_operator::CAST_TO_INT64:
      return unary(data_type{type_id::INT64}, [](const Val& v) { return fitted(Val::integer(v.i()), data_type{type_id::INT64}); });
    case ast_operator::CAST_TO_UINT64:
      return unary(data_type{type_id::UINT64}, [](const Val& v) { return fitted(Val::integer(v.i()), data_type{type_id::UINT64}); });
    case ast_operator::CAST_TO_FLOAT64: return unary(data_type{type_id::FLOAT64}, [](const Val& v) { return Val::real(v.d()); });
    case ast_operator::ABS:
      return unary(a.type, [](const Val& v) {
        if (v.kind() == Kind::real) return Val::real(std::fabs(v.d()));
        return Val::integer(v.i() < 0 ? -v.i() : v.i());
      });
    case ast_operator::SQRT: return unary(a.type, [](const Val& v) { return Val::real(std::sqrt(v.d())); });
    default: missing("a unary operator of cudf::ast");
  }
}

}  // namespace warpframe::host

namespace cudf {

std::unique_ptr<column> compute_column(const table_view& table, const ast::expression& expression, cuda::stream_ref stream,
                                       rmm::device_async_resource_ref memory) {
  const warpframe::host::Ast ast(expression, table, table_view{}, stream);
  return warpframe::host::make_rows(ast.type(), table.num_rows(), stream, memory, [&](size_type row) { return ast.at(row); });
}

}  // namespace cudf
