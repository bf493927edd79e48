// With the argument `print`: reads one plan document a line and prints, one line each, what the parser made of it: its
// nodes, inputs first, with everything they hold; or the failure. tests/native/plan.test.ts compares that with the plan
// it wrote. Without an argument: documents that no plan is, each of which must be a failure.
#include <cstring>
#include <iostream>
#include <map>
#include <string>

#include "../../plan/nodes.hh"
#include "../../util/failure.hh"
#include "hostile.hh"

namespace {

using namespace warpframe::plan;

std::string text_json(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string bool_json(bool value) { return value ? "true" : "false"; }

template <typename T, typename Print>
std::string list_json(const std::vector<T>& items, Print print) {
  std::string out;
  for (const T& item : items) out += (out.empty() ? "" : ",") + print(item);
  return "[" + out + "]";
}

std::string names_json(const std::vector<std::string>& names) { return list_json(names, text_json); }

std::string options_json(const Json& json) {
  switch (json.kind()) {
    case Json::Kind::null: return "null";
    case Json::Kind::boolean: return bool_json(json.as_bool());
    case Json::Kind::number: {
      char text[40];
      std::snprintf(text, sizeof text, "%.17g", json.as_double());
      return text;
    }
    case Json::Kind::text: return text_json(json.as_text());
    case Json::Kind::list: return list_json(json.items(), options_json);
    case Json::Kind::object:
      return "{" + [&json] {
        std::string out;
        for (const auto& [name, value] : json.fields()) out += (out.empty() ? "" : ",") + text_json(name) + ":" + options_json(value);
        return out;
      }() + "}";
  }
  return "";
}

std::string schema_json(const Schema& schema) {
  return list_json(schema, [](const Field& field) {
    return "[" + text_json(field.name) + "," + text_json(type_text(field.type)) + "," + bool_json(field.nullable) + "]";
  });
}

/** Doubles by their bits, integers by their digits, bytes in hexadecimal. */
std::string literal_json(const Literal& literal, const LogicalType& type) {
  struct Print {
    const LogicalType& type;
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool value) const { return bool_json(value); }
    std::string operator()(Int128 value) const {
      std::string digits;
      const bool negative = value < 0;
      for (; value != 0; value /= 10) {
        const int digit = static_cast<int>(value % 10);
        digits.insert(digits.begin(), static_cast<char>('0' + (negative ? -digit : digit)));
      }
      return text_json((negative ? "-" : "") + (digits.empty() ? "0" : digits));
    }
    std::string operator()(double value) const {
      unsigned long long bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      char text[24];
      std::snprintf(text, sizeof text, "\"%016llx\"", bits);
      return text;
    }
    std::string operator()(const std::string& value) const {
      if (type.dtype != DType::binary) return text_json(value);
      std::string hex;
      for (const char c : value) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        hex += digits;
      }
      return text_json(hex);
    }
    std::string operator()(const std::vector<Literal>& values) const {
      return list_json(values, [this](const Literal& value) { return literal_json(value, type); });
    }
  };
  return std::visit(Print{type}, literal.value);
}

std::string expr_json(const ExprPtr& expr);

std::string key_json(const OrderKey& key) {
  return "[" + expr_json(key.expr) + "," + bool_json(key.descending) + "," + bool_json(key.nulls_first) + "]";
}
std::string named_json(const NamedExpr& e) { return "[" + text_json(e.name) + "," + expr_json(e.expr) + "]"; }

std::string expr_json(const ExprPtr& expr) {
  struct Print {
    const Expr& expr;
    std::string operator()(const Column& e) const { return "\"col\"," + text_json(e.name); }
    std::string operator()(const Constant& e) const { return "\"lit\"," + literal_json(e.literal, expr.type); }
    std::string operator()(const Call& e) const {
      return "\"call\"," + text_json(e.fn) + "," + list_json(e.args, expr_json) + "," + options_json(e.options);
    }
    std::string operator()(const Cast& e) const { return "\"cast\"," + expr_json(e.expr) + "," + bool_json(e.strict); }
    std::string operator()(const When& e) const {
      return "\"when\"," + list_json(e.branches, [](const Branch& b) { return "[" + expr_json(b.when) + "," + expr_json(b.then) + "]"; }) +
             "," + expr_json(e.otherwise);
    }
    std::string operator()(const Over& e) const {
      return "\"over\"," + expr_json(e.expr) + "," + list_json(e.partition_by, expr_json) + "," + list_json(e.order_by, key_json);
    }
  };
  return "[" + std::visit(Print{*expr}, expr->node) + "," + text_json(type_text(expr->type)) + "," + bool_json(expr->nullable) + "]";
}

template <typename T>
std::string maybe_json(const std::optional<T>& value) {
  return value ? std::to_string(*value) : "null";
}

std::string file_json(const FileSpec& file) {
  const std::string partition = list_json(file.partition, [](const auto& p) {
    return "[" + text_json(p.first) + "," + (p.second ? text_json(*p.second) : "null") + "]";
  });
  return "[" + text_json(file.kind) + "," + (file.kind == "bytes" ? std::to_string(file.id) : text_json(file.path)) + "," +
         std::to_string(file.size_bytes) + "," + partition + "," + maybe_json(file.rows) + "]";
}

struct PrintNode {
  std::string operator()(const Scan& p) const {
    return "\"scan\"," + text_json(p.format) + "," + list_json(p.files, file_json) + "," + schema_json(p.file_schema) + "," +
           options_json(p.options) + "," + (p.predicate ? expr_json(p.predicate) : "null") + "," + maybe_json(p.limit);
  }
  std::string operator()(const Table& p) const { return "\"table\"," + std::to_string(p.id) + "," + std::to_string(p.rows); }
  std::string operator()(const Project& p) const { return "\"project\"," + list_json(p.exprs, named_json); }
  std::string operator()(const Filter& p) const { return "\"filter\"," + expr_json(p.predicate); }
  std::string operator()(const Aggregate& p) const {
    return "\"aggregate\"," + list_json(p.keys, named_json) + "," + list_json(p.aggs, named_json) + "," + bool_json(p.maintain_order);
  }
  std::string operator()(const Join& p) const {
    return "\"join\"," + std::to_string(static_cast<int>(p.how)) + "," + names_json(p.left_on) + "," + names_json(p.right_on) + "," +
           bool_json(p.nulls_equal) + "," + bool_json(p.maintain_order) + "," + bool_json(p.build_left);
  }
  std::string operator()(const Sort& p) const { return "\"sort\"," + list_json(p.keys, key_json) + "," + maybe_json(p.limit); }
  std::string operator()(const Slice& p) const { return "\"slice\"," + std::to_string(p.offset) + "," + maybe_json(p.length); }
  std::string operator()(const Distinct& p) const {
    return "\"distinct\"," + names_json(p.subset) + "," + std::to_string(static_cast<int>(p.keep)) + "," + bool_json(p.maintain_order);
  }
  std::string operator()(const Union& p) const { return "\"union\"," + bool_json(p.horizontal); }
  std::string operator()(const Write& p) const {
    return "\"write\"," + text_json(p.format) + "," + text_json(p.path) + "," + options_json(p.options);
  }
};

/** Nodes are numbered inputs first; a node reached twice has one number. */
int number(const NodePtr& node, std::map<const Node*, int>& numbers, std::string& out) {
  if (const auto known = numbers.find(node.get()); known != numbers.end()) return known->second;
  std::string inputs;
  for (const NodePtr& input : inputs_of(*node)) inputs += (inputs.empty() ? "" : ",") + std::to_string(number(input, numbers, out));
  const int mine = static_cast<int>(numbers.size());
  numbers.emplace(node.get(), mine);
  out += (mine == 0 ? "" : ",") + ("{\"node\":[" + std::visit(PrintNode{}, node->node)) + "],\"inputs\":[" + inputs + "],\"schema\":" +
         schema_json(node->schema) + ",\"label\":" + text_json(node_label(*node)) + "}";
  return mine;
}

int print_all() {
  for (std::string line; std::getline(std::cin, line);) {
    std::string out;
    try {
      std::map<const Node*, int> numbers;
      number(parse_plan(line), numbers, out);
      std::cout << "[" << out << "]\n";
    } catch (const warpframe::Failure& failure) {
      std::cout << "{\"code\":" << text_json(failure.code) << ",\"message\":" << text_json(failure.message) << "}\n";
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  if (count > 1 && std::string(arguments[1]) == "print") return print_all();
  return warpframe::plan::refuse_hostile_documents();
}
