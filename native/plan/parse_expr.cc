#include <array>
#include <cmath>

#include "../util/failure.hh"
#include "parse.hh"

namespace warpframe::plan {

namespace {

[[noreturn]] void refuse(const std::string& sentence) { throw Failure("ERR_PARAMETER", sentence); }

const std::vector<Json>& list_of(const Json& json, const char* what) {
  if (json.kind() != Json::Kind::list) refuse(std::string("Expected ") + what + " in a plan to be a list.");
  return json.items();
}

std::string from_base64(const std::string& text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    std::uint32_t digit = 0;
    if (c >= 'A' && c <= 'Z') digit = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z') digit = static_cast<std::uint32_t>(c - 'a') + 26;
    else if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0') + 52;
    else if (c == '+') digit = 62;
    else if (c == '/') digit = 63;
    else if (c == '=') break;
    else refuse("A Binary literal in a plan is not base64.");
    bits = (bits << 6 | digit) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(static_cast<unsigned char>(bits >> count)));
    }
  }
  return bytes;
}

/** Digits with a sign, as BigInt prints them. */
Int128 integer_of(const std::string& text) {
  const bool negative = !text.empty() && text[0] == '-';
  std::size_t at = negative ? 1 : 0;
  if (at == text.size()) refuse("A literal in a plan has no digits.");
  Int128 value = 0;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') refuse("A literal in a plan is not a whole number: " + text.substr(0, 50) + ".");
    const Int128 digit = text[at] - '0';
    if (__builtin_mul_overflow(value, Int128{10}, &value) ||
        __builtin_add_overflow(value, negative ? -digit : digit, &value))
      refuse("A literal in a plan is past 128 bits: " + text.substr(0, 50) + ".");
  }
  return value;
}

double special_of(const std::string& text) {
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  if (text == "-0") return -0.0;
  refuse("A literal in a plan is not a Float64: " + text.substr(0, 50) + ".");
}

bool is_float(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

/** Values of the integers that the dtype holds; everything for the rest. */
void check_range(Int128 value, DType dtype) {
  struct Range { DType dtype; Int128 least, most; };
  constexpr Int128 one = 1;
  static constexpr std::array ranges{
      Range{DType::int8, -128, 127},           Range{DType::int16, -32768, 32767},
      Range{DType::int32, -(one << 31), (one << 31) - 1}, Range{DType::int64, -(one << 63), (one << 63) - 1},
      Range{DType::uint8, 0, 255},             Range{DType::uint16, 0, 65535},
      Range{DType::uint32, 0, (one << 32) - 1}, Range{DType::uint64, 0, (one << 64) - 1},
      Range{DType::date32, -(one << 31), (one << 31) - 1}, Range{DType::time, -(one << 63), (one << 63) - 1},
      Range{DType::datetime, -(one << 63), (one << 63) - 1}, Range{DType::duration, -(one << 63), (one << 63) - 1},
  };
  for (const Range& range : ranges)
    if (range.dtype == dtype && (value < range.least || value > range.most))
      refuse(std::string("A literal in a plan is past the range of ") + dtype_name(dtype) + ".");
}

LiteralValue whole(Int128 value, DType dtype) {
  check_range(value, dtype);
  return value;
}

/** What literalToJson wrote, as a value of the dtype. */
LiteralValue parse_literal(const Json& json, const LogicalType& type) {
  const DType dtype = type.dtype;
  switch (json.kind()) {
    case Json::Kind::null: return std::monostate{};
    case Json::Kind::boolean:
      if (dtype != DType::boolean) break;
      return json.as_bool();
    case Json::Kind::text:
      if (dtype != DType::utf8 && dtype != DType::categorical) break;
      return json.as_text();
    case Json::Kind::number:
      if (is_float(dtype)) return json.as_double();
      switch (dtype) {
        case DType::int8: case DType::int16: case DType::int32: case DType::int64:
        case DType::uint8: case DType::uint16: case DType::uint32: case DType::uint64:
        case DType::date32: case DType::time: case DType::datetime: case DType::duration: case DType::decimal:
          return whole(json.as_int64(), dtype);
        default: break;
      }
      break;
    case Json::Kind::list: {
      std::vector<Literal> items;
      items.reserve(json.items().size());
      for (const Json& item : json.items()) items.push_back({parse_literal(item, type)});
      return items;
    }
    case Json::Kind::object: {
      const std::string& written = json.at("dtype").as_text();
      const std::string& text = json.at("value").as_text();
      if (written != dtype_name(dtype)) break;
      if (is_float(dtype)) return special_of(text);
      if (dtype == DType::binary) return from_base64(text);
      return whole(integer_of(text), dtype);
    }
  }
  refuse("A literal in a plan is not a value of " + type_text(type) + ".");
}

OrderKey parse_key(const Json& json, const Schema& input) {
  return {.expr = parse_expr(json.at("expr"), input),
          .descending = json.at("descending").as_bool(),
          .nulls_first = json.at("nullsFirst").as_bool()};
}

std::vector<ExprPtr> parse_exprs(const Json& json, const Schema& input, const char* what) {
  std::vector<ExprPtr> exprs;
  for (const Json& item : list_of(json, what)) exprs.push_back(parse_expr(item, input));
  return exprs;
}

Column parse_column(const Json& json, const LogicalType& type, const Schema& input) {
  const std::string& name = json.at("name").as_text();
  const int place = find_field(input, name);
  if (place < 0) refuse("An expression of a plan reads a column \"" + name + "\" that its input does not have.");
  const LogicalType& have = input[static_cast<std::size_t>(place)].type;
  if (!(have == type))
    refuse("An expression of a plan reads the column \"" + name + "\" as " + type_text(type) + " but it is " + type_text(have) + ".");
  return {name};
}

}  // namespace

ExprPtr parse_expr(const Json& json, const Schema& input) {
  auto expr = std::make_shared<Expr>();
  const std::string& kind = json.at("node").as_text();
  expr->type = parse_type(json.at("type"));
  expr->nullable = json.at("nullable").as_bool();
  if (kind == "col") {
    expr->node = parse_column(json, expr->type, input);
  } else if (kind == "lit") {
    expr->node = Constant{{parse_literal(json.at("value"), expr->type)}};
  } else if (kind == "call") {
    const Json& options = json.at("options");
    if (options.kind() != Json::Kind::object) refuse("Expected the options of a call in a plan to be an object.");
    expr->node = Call{json.at("fn").as_text(), parse_exprs(json.at("args"), input, "the arguments of a call"), options};
  } else if (kind == "cast") {
    expr->node = Cast{parse_expr(json.at("expr"), input), json.at("strict").as_bool()};
  } else if (kind == "when") {
    When when;
    for (const Json& branch : list_of(json.at("branches"), "the branches of a when"))
      when.branches.push_back({parse_expr(branch.at("when"), input), parse_expr(branch.at("then"), input)});
    when.otherwise = parse_expr(json.at("otherwise"), input);
    expr->node = std::move(when);
  } else if (kind == "over") {
    Over over;
    over.expr = parse_expr(json.at("expr"), input);
    over.partition_by = parse_exprs(json.at("partitionBy"), input, "the partition keys of an over");
    for (const Json& key : list_of(json.at("orderBy"), "the order of an over")) over.order_by.push_back(parse_key(key, input));
    expr->node = std::move(over);
  } else {
    refuse("Unknown expression node \"" + kind + "\" in a plan.");
  }
  return expr;
}

}  // namespace warpframe::plan
