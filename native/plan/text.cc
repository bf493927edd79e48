// Plans and expressions as text, as ts/plan/explain.ts and ts/expr/text.ts print them; expressions a little plainer.
#include <cmath>
#include <cstdio>

#include "nodes.hh"

namespace warpframe::plan {

namespace {

constexpr std::size_t kLongest = 160;
constexpr std::size_t kListed = 8;

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string column_text(const std::string& name) {
  bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9');
  for (const char c : name)
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$');
  return plain ? "c." + name : "c[" + quoted(name) + "]";
}

std::string digits_of(Int128 value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string out;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    out.insert(out.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return negative ? "-" + out : out;
}

std::string decimal_text(Int128 value, int scale) {
  std::string digits = digits_of(value < 0 ? -value : value);
  if (scale > 0) {
    while (digits.size() <= static_cast<std::size_t>(scale)) digits.insert(digits.begin(), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  }
  return value < 0 ? "-" + digits : digits;
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[40];
  for (int precision = 1; precision <= 17; ++precision) {
    std::snprintf(text, sizeof text, "%.*g", precision, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  return text;
}

std::string literal_text(const Literal& literal, const LogicalType& type) {
  struct Print {
    const LogicalType& type;
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(Int128 value) const {
      if (type.dtype == DType::decimal) return decimal_text(value, type.scale);
      const bool wide = type.dtype == DType::int64 || type.dtype == DType::uint64;
      return digits_of(value) + (wide ? "n" : "");
    }
    std::string operator()(double value) const { return double_text(value); }
    std::string operator()(const std::string& value) const { return quoted(value); }
    std::string operator()(const std::vector<Literal>& values) const {
      std::string out;
      for (std::size_t i = 0; i < values.size() && i < 5; ++i) out += (i == 0 ? "" : ", ") + literal_text(values[i], type);
      return "[" + out + (values.size() > 5 ? ", … " + std::to_string(values.size() - 5) + " more" : "") + "]";
    }
  };
  return std::visit(Print{type}, literal.value);
}

std::string operand_text(const Expr& expr) {
  const auto* constant = std::get_if<Constant>(&expr.node);
  return constant != nullptr ? literal_text(constant->literal, expr.type) : expr_text(expr);
}

std::string joined(const std::vector<ExprPtr>& exprs, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < exprs.size(); ++i) out += (i == from ? "" : ", ") + operand_text(*exprs[i]);
  return out;
}

struct PrintExpr {
  const LogicalType& type;
  std::string operator()(const Column& e) const { return column_text(e.name); }
  std::string operator()(const Constant& e) const { return "lit(" + literal_text(e.literal, type) + ")"; }
  std::string operator()(const Cast& e) const {
    return expr_text(*e.expr) + ".cast(" + type_text(type) + (e.strict ? ")" : ", { strict: false })");
  }
  std::string operator()(const Call& e) const {
    const bool free = e.args.empty() || e.fn == "corr" || e.fn == "cov" || e.fn == "coalesce" || e.fn == "concat";
    if (free) return e.fn + "(" + joined(e.args, 0) + ")";
    return expr_text(*e.args[0]) + "." + e.fn + "(" + joined(e.args, 1) + ")";
  }
  std::string operator()(const When& e) const {
    std::string out;
    for (const Branch& b : e.branches) out += (out.empty() ? "when(" : ".when(") + operand_text(*b.when) + ").then(" + operand_text(*b.then) + ")";
    const std::string last = operand_text(*e.otherwise);
    return last == "null" ? out : out + ".otherwise(" + last + ")";
  }
  std::string operator()(const Over& e) const {
    const std::string by = e.partition_by.size() == 1 ? operand_text(*e.partition_by[0]) : "[" + joined(e.partition_by, 0) + "]";
    std::string order;
    for (const OrderKey& key : e.order_by) order += (order.empty() ? "" : ", ") + operand_text(*key.expr);
    if (e.order_by.size() > 1) order = "[" + order + "]";
    return expr_text(*e.expr) + ".over(" + by + (order.empty() ? "" : ", { orderBy: " + order + " }") + ")";
  }
};

std::string cut(const Expr& expr) {
  std::string text = expr_text(expr);
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string count_text(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  const std::size_t shown = names.size() <= kListed ? names.size() : kListed - 1;
  for (std::size_t i = 0; i < shown; ++i) out += (i == 0 ? "" : ", ") + names[i];
  return shown == names.size() ? out : out + " and " + std::to_string(names.size() - shown) + " more";
}

std::string columns_text(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema) names.push_back(field.name);
  return listed(names);
}

std::string named_text(const std::vector<NamedExpr>& exprs) {
  std::vector<std::string> kept;
  std::vector<std::string> all;
  std::string computed;
  for (const NamedExpr& e : exprs) {
    const auto* column = std::get_if<Column>(&e.expr->node);
    const bool keeps = column != nullptr && column->name == e.name;
    const std::string text = keeps ? e.name : e.name + " = " + cut(*e.expr);
    all.push_back(text);
    if (keeps) kept.push_back(text);
    else computed += ", " + text;
  }
  if (kept.size() > kListed) return listed(kept) + computed;
  std::string out;
  for (const std::string& text : all) out += (out.empty() ? "" : ", ") + text;
  return out;
}

const char* how_text(JoinHow how) {
  constexpr const char* names[] = {"inner", "left", "right", "full", "semi", "anti", "cross"};
  return names[static_cast<int>(how)];
}

struct Label {
  const Schema& schema;
  std::string operator()(const Scan& p) const {
    std::string files = "no files";
    if (!p.files.empty()) {
      const std::string& path = p.files[0].path;
      files = p.files[0].kind == "bytes" ? "<bytes>" : path.substr(path.find_last_of("/\\") + 1);
      if (p.files.size() > 1) files += " and " + count_text(static_cast<std::int64_t>(p.files.size()) - 1) + " more";
    }
    std::string columns = columns_text(schema);
    if (schema.size() != p.file_schema.size())
      columns = std::to_string(schema.size()) + " of " + std::to_string(p.file_schema.size()) + " columns" + (columns.empty() ? "" : " (" + columns + ")");
    std::string out = "SCAN " + p.format + " " + files + ": " + columns;
    if (p.predicate != nullptr) out += "; skip unless " + cut(*p.predicate);
    if (p.limit) out += "; first " + count_text(*p.limit) + " rows";
    return out;
  }
  std::string operator()(const Table& p) const { return "TABLE " + count_text(p.rows) + " rows: " + columns_text(schema); }
  std::string operator()(const Project& p) const { return "PROJECT " + named_text(p.exprs); }
  std::string operator()(const Filter& p) const { return "FILTER " + cut(*p.predicate); }
  std::string operator()(const Aggregate& p) const {
    const std::string by = p.keys.empty() ? "" : "by " + named_text(p.keys) + (p.aggs.empty() ? "" : ": ");
    return "AGGREGATE " + by + named_text(p.aggs) + (p.maintain_order ? " (in order)" : "");
  }
  std::string operator()(const Join& p) const {
    std::string on;
    for (std::size_t i = 0; i < p.left_on.size(); ++i)
      on += (i == 0 ? "" : ", ") + (p.left_on[i] == p.right_on[i] ? p.left_on[i] : p.left_on[i] + " = " + p.right_on[i]);
    std::string notes = p.how == JoinHow::cross ? "" : p.build_left ? "build left" : "build right";
    if (p.nulls_equal) notes += notes.empty() ? "nulls equal" : ", nulls equal";
    if (p.maintain_order) notes += notes.empty() ? "in order" : ", in order";
    return std::string("JOIN ") + how_text(p.how) + (on.empty() ? "" : " on " + on) + (notes.empty() ? "" : " (" + notes + ")");
  }
  std::string operator()(const Sort& p) const {
    std::string keys;
    for (const OrderKey& key : p.keys) {
      const auto* column = std::get_if<Column>(&key.expr->node);
      keys += (keys.empty() ? "" : ", ") + (column != nullptr ? column->name : cut(*key.expr)) +
              (key.descending ? " descending" : "") + (key.nulls_first ? " nulls first" : "");
    }
    return "SORT " + keys + (p.limit ? " (first " + count_text(*p.limit) + ")" : "");
  }
  std::string operator()(const Slice& p) const {
    if (p.offset == 0) return p.length ? "HEAD " + count_text(*p.length) : "SLICE all";
    if (p.offset < 0 && !p.length) return "TAIL " + count_text(p.offset == INT64_MIN ? INT64_MAX : -p.offset);
    return "SLICE from " + std::to_string(p.offset) + (p.length ? ", " + count_text(*p.length) + " rows" : "");
  }
  std::string operator()(const Distinct& p) const {
    constexpr const char* keeps[] = {"", ", keep first", ", keep last", ", keep none"};
    return "DISTINCT" + (p.subset.empty() ? "" : " on " + listed(p.subset)) + keeps[static_cast<int>(p.keep)] +
           (p.maintain_order ? " (in order)" : "");
  }
  std::string operator()(const Union& p) const {
    return std::string("UNION ") + (p.horizontal ? "horizontal" : "vertical") + " of " + std::to_string(p.inputs.size());
  }
  std::string operator()(const Write& p) const { return "WRITE " + p.format + " " + p.path; }
};

}  // namespace

std::string expr_text(const Expr& expr) { return std::visit(PrintExpr{expr.type}, expr.node); }

std::string node_label(const Node& node) { return std::visit(Label{node.schema}, node.node); }

}  // namespace warpframe::plan
