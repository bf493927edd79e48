#include "faults.hh"

#include <cudf/copying.hpp>

#include "../plan/nodes.hh"
#include "arguments.hh"
#include "casts.hh"

namespace warpframe::exec {

namespace {

constexpr std::size_t kMostChars = 60;

/** JSON's form of a text. */
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          constexpr const char* hex = "0123456789abcdef";
          out += std::string("\\u00") + hex[static_cast<unsigned char>(c) >> 4] + hex[static_cast<unsigned char>(c) & 15];
        }
    }
  }
  return out + "\"";
}

std::string shortened(const std::string& text) {
  std::size_t chars = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (chars++ == kMostChars) return text.substr(0, i) + "…";
  }
  return text;
}

}  // namespace

std::string text_at(const Lane& lane, cudf::size_type row) {
  const Context& context = lane.context();
  const auto scalar = cudf::get_element(lane.view(), lane.single() ? 0 : row, context.stream, context.memory);
  const auto& text = static_cast<const cudf::string_scalar&>(*scalar);
  return text.is_valid(context.stream) ? text.to_string(context.stream) : "null";
}

std::string shown_value(const Lane& lane, cudf::size_type row, const plan::LogicalType& type) {
  const Lane at{column_of_integers({lane.single() ? 0 : row}, lane.context()), true, 1, lane.context()};
  const Lane one = look_up(lane.view(), at.cast(kInt32));
  const std::string text = shortened(text_at(cast_to_text(one, type), 0));
  return is_text(type) ? quoted(text) : text;
}

void fail_overflow(const Lane& bad, const plan::Expr& expr, const plan::LogicalType& type) {
  const auto row = first_where(bad);
  if (!row) return;
  const std::string fix = expr.type.dtype == DType::decimal
                              ? "Cast an operand to a Decimal of higher precision, or to Float64"
                              : "Cast an operand first";
  throw Failure("ERR_OVERFLOW", "The result of " + plan::expr_text(expr) + " in row " + std::to_string(bad.context().rows_before + *row) +
                                    " does not fit " + plan::type_text(type) + ". " + fix + ".");
}

void fail_cast(const Lane& bad, const plan::Expr& cast, const Lane& operand) {
  const auto row = first_where(bad);
  if (!row) return;
  const std::string target = plan::type_text(cast.type);
  throw Failure("ERR_CAST", "Cannot cast " +
                                shown_value(operand, *row, std::get<plan::Cast>(cast.node).expr->type) + " to " + target +
                                " in row " + std::to_string(bad.context().rows_before + *row) + " of " + plan::expr_text(cast) + ". Use cast(" + target +
                                ", { strict: false }) to make such values null.");
}

}  // namespace warpframe::exec
