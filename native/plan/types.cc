#include "types.hh"

#include <array>
#include <cctype>

#include "../util/failure.hh"
#include "parse.hh"

namespace warpframe::plan {

namespace {

struct Name {
  const char* text;
  DType dtype;
};
constexpr std::array kNames{
    Name{"Null", DType::null},           Name{"Bool", DType::boolean},
    Name{"Int8", DType::int8},           Name{"Int16", DType::int16},
    Name{"Int32", DType::int32},         Name{"Int64", DType::int64},
    Name{"UInt8", DType::uint8},         Name{"UInt16", DType::uint16},
    Name{"UInt32", DType::uint32},       Name{"UInt64", DType::uint64},
    Name{"Float32", DType::float32},     Name{"Float64", DType::float64},
    Name{"Utf8", DType::utf8},           Name{"Binary", DType::binary},
    Name{"Categorical", DType::categorical}, Name{"Date32", DType::date32},
    Name{"Time", DType::time},           Name{"Datetime", DType::datetime},
    Name{"Duration", DType::duration},   Name{"Decimal", DType::decimal},
    Name{"List", DType::list},           Name{"FixedSizeList", DType::fixed_size_list},
    Name{"Struct", DType::structure},
};

constexpr int kMostDigits = 38;

[[noreturn]] void refuse(const std::string& sentence) { throw Failure("ERR_PARAMETER", sentence); }

DType dtype_of(const std::string& name) {
  for (const Name& known : kNames)
    if (name == known.text) return known.dtype;
  refuse("Unknown dtype \"" + name + "\" in a plan.");
}

TimeUnit parse_unit(const Json& json) {
  const std::string& text = json.as_text();
  if (text == "ms") return TimeUnit::milliseconds;
  if (text == "us") return TimeUnit::microseconds;
  if (text == "ns") return TimeUnit::nanoseconds;
  refuse("Unknown time unit \"" + text + "\" in a plan.");
}

int parse_count(const Json& json, std::int64_t least, std::int64_t most, const char* what) {
  const std::int64_t value = json.as_int64();
  if (value < least || value > most) refuse("The " + std::string(what) + " " + std::to_string(value) + " of a dtype in a plan is not possible.");
  return static_cast<int>(value);
}

Field parse_item(const Json& json) {
  return {.name = "", .type = parse_type(json.at("type")), .nullable = json.at("nullable").as_bool()};
}

bool same_parts(const std::vector<Field>& a, const std::vector<Field>& b, bool names) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((names && a[i].name != b[i].name) || !(a[i].type == b[i].type)) return false;
  return true;
}

std::string item_text(const Field& item) {
  const std::string text = type_text(item.type);
  return item.nullable ? "nullable(" + text + ")" : text;
}

std::string property_text(const std::string& name) {
  bool plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  std::string quoted = "'";
  for (const char c : name) {
    plain = plain && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$');
    if (c == '\\' || c == '\'') quoted += '\\';
    quoted += c;
  }
  return plain ? name : quoted + "'";
}

}  // namespace

bool LogicalType::operator==(const LogicalType& other) const {
  if (dtype != other.dtype) return false;
  switch (dtype) {
    case DType::datetime: return unit == other.unit && zone == other.zone;
    case DType::duration: return unit == other.unit;
    case DType::decimal: return precision == other.precision && scale == other.scale;
    case DType::list: return same_parts(fields, other.fields, false);
    case DType::fixed_size_list: return length == other.length && same_parts(fields, other.fields, false);
    case DType::structure: return same_parts(fields, other.fields, true);
    default: return true;
  }
}

const char* dtype_name(DType dtype) {
  for (const Name& known : kNames)
    if (dtype == known.dtype) return known.text;
  return "?";
}

const char* unit_name(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::milliseconds: return "ms";
    case TimeUnit::microseconds: return "us";
    case TimeUnit::nanoseconds: return "ns";
  }
  return "?";
}

std::string type_text(const LogicalType& type) {
  const std::string name = dtype_name(type.dtype);
  switch (type.dtype) {
    case DType::datetime: {
      const std::string zone = type.zone.empty() ? "" : ", '" + type.zone + "'";
      return name + "('" + unit_name(type.unit) + "'" + zone + ")";
    }
    case DType::duration: return name + "('" + unit_name(type.unit) + "')";
    case DType::decimal: return name + "(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case DType::list: return name + "(" + item_text(type.fields.at(0)) + ")";
    case DType::fixed_size_list: return name + "(" + item_text(type.fields.at(0)) + ", " + std::to_string(type.length) + ")";
    case DType::structure: {
      std::string parts;
      for (const Field& field : type.fields) parts += (parts.empty() ? "" : ", ") + property_text(field.name) + ": " + item_text(field);
      return name + "({ " + parts + " })";
    }
    default: return name;
  }
}

int find_field(const Schema& schema, const std::string& name) {
  for (std::size_t i = 0; i < schema.size(); ++i)
    if (schema[i].name == name) return static_cast<int>(i);
  return -1;
}

LogicalType parse_type(const Json& json) {
  LogicalType type;
  const bool plain = json.kind() == Json::Kind::text;
  type.dtype = dtype_of(plain ? json.as_text() : json.at("dtype").as_text());
  switch (type.dtype) {
    case DType::datetime:
      type.unit = parse_unit(json.at("unit"));
      if (const Json& zone = json.at("zone"); !zone.is_null()) type.zone = zone.as_text();
      break;
    case DType::duration: type.unit = parse_unit(json.at("unit")); break;
    case DType::decimal:
      type.precision = parse_count(json.at("precision"), 1, kMostDigits, "precision");
      type.scale = parse_count(json.at("scale"), 0, type.precision, "scale");
      break;
    case DType::fixed_size_list:
      type.length = parse_count(json.at("length"), 0, INT32_MAX, "length");
      type.fields.push_back(parse_item(json.at("inner")));
      break;
    case DType::list: type.fields.push_back(parse_item(json.at("inner"))); break;
    case DType::structure: type.fields = parse_schema(json.at("fields")); break;
    default: break;
  }
  return type;
}

Schema parse_schema(const Json& json) {
  if (json.kind() != Json::Kind::list) refuse("Expected a schema in a plan to be a list of columns.");
  Schema schema;
  schema.reserve(json.items().size());
  for (const Json& item : json.items()) {
    Field field = parse_item(item);
    field.name = item.at("name").as_text();
    schema.push_back(std::move(field));
  }
  return schema;
}

}  // namespace warpframe::plan
