#include "kernels/arguments.hh"

#include <algorithm>
#include <array>
#include <cstdio>

namespace warpframe::kernels {
namespace {

struct TypeRow {
  Type type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<TypeRow, 12> kTypes{{{Type::boolean, "bool", 1},
                                          {Type::i8, "i8", 1},
                                          {Type::i16, "i16", 2},
                                          {Type::i32, "i32", 4},
                                          {Type::i64, "i64", 8},
                                          {Type::u8, "u8", 1},
                                          {Type::u16, "u16", 2},
                                          {Type::u32, "u32", 4},
                                          {Type::u64, "u64", 8},
                                          {Type::f32, "f32", 4},
                                          {Type::f64, "f64", 8},
                                          {Type::decimal128, "decimal128", 16}}};

std::string shown(const Parameter& p) {
  if (!p.text.empty()) return "'" + std::string(p.text) + "'";
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", p.number);
  return text;
}

}  // namespace

std::size_t bytes_of(Type type) { return kTypes[static_cast<std::size_t>(type)].bytes; }
std::string_view name_of(Type type) { return kTypes[static_cast<std::size_t>(type)].name; }
Type type_named(std::string_view name) {
  for (const TypeRow& row : kTypes)
    if (row.name == name) return row.type;
  throw Failure("ERR_DTYPE", "There is no array type '" + std::string(name) + "'.");
}

void Arguments::fail(const char* code, const std::string& sentence) const {
  throw Failure(code, "Kernel " + std::string(kernel_) + ": " + sentence);
}

const Parameter* Arguments::find(std::string_view name) const {
  call_.known.emplace_back(name);
  for (const Parameter& p : call_.parameters)
    if (p.name == name) return &p;
  return nullptr;
}

std::uint64_t Arguments::whole(std::string_view name, std::uint64_t least, std::uint64_t most) const {
  const Parameter* const p = find(name);
  const std::string expected = "'" + std::string(name) + "' must be a whole number in [" + std::to_string(least) + ", " +
                               std::to_string(most) + "]";
  if (p == nullptr) fail("ERR_PARAMETER", expected + "; there is none.");
  const double v = p->number;
  // Past 2⁵³ a double no longer says which whole number is meant.
  const bool fits = v >= 0 && v <= 9007199254740992.0 && std::floor(v) == v;
  if (!fits || static_cast<std::uint64_t>(v) < least || static_cast<std::uint64_t>(v) > most)
    fail("ERR_PARAMETER", expected + ". Got " + shown(*p) + ".");
  return static_cast<std::uint64_t>(v);
}

std::uint64_t Arguments::whole_or(std::string_view name, std::uint64_t least, std::uint64_t most,
                                  std::uint64_t otherwise) const {
  return find(name) == nullptr ? otherwise : whole(name, least, most);
}

std::int64_t Arguments::integer(std::string_view name) const {
  const double v = finite(name);
  if (std::floor(v) != v || std::fabs(v) > 9007199254740992.0)
    fail("ERR_PARAMETER", "'" + std::string(name) + "' must be a whole number. Got " + shown(*find(name)) + ".");
  return static_cast<std::int64_t>(v);
}

double Arguments::finite(std::string_view name) const {
  const Parameter* const p = find(name);
  const double v = p == nullptr ? std::numeric_limits<double>::quiet_NaN() : p->number;
  if (!std::isfinite(v))
    fail("ERR_PARAMETER", "'" + std::string(name) + "' must be a finite number. Got " + (p == nullptr ? "none" : shown(*p)) + ".");
  return v;
}

std::string_view Arguments::text(std::string_view name, std::span<const std::string_view> choices,
                                 std::string_view otherwise) const {
  const Parameter* const p = find(name);
  if (p == nullptr) return otherwise;
  std::string all;
  for (const std::string_view choice : choices) {
    if (choice == p->text) return choice;
    all += (all.empty() ? "'" : ", '") + std::string(choice) + "'";
  }
  fail("ERR_PARAMETER", "'" + std::string(name) + "' must be one of " + all + ". Got '" + std::string(p->text) + "'.");
}

const TableView& Arguments::table(std::size_t index, std::size_t least_columns) const {
  call_.tables_known = std::max(call_.tables_known, index + 1);
  if (index >= call_.tables.size())
    fail("ERR_PARAMETER", "wants " + std::to_string(index + 1) + " tables. Got " + std::to_string(call_.tables.size()) + ".");
  const TableView& view = call_.tables[index];
  if (view.columns.size() < least_columns)
    fail("ERR_SHAPE", "table " + std::to_string(index) + " must have " + std::to_string(least_columns) +
                          " columns at least. Got " + std::to_string(view.columns.size()) + ".");
  for (const Column& c : view.columns)
    if (c.rows != view.rows)
      fail("ERR_SHAPE", "the columns of table " + std::to_string(index) + " have " + std::to_string(c.rows) + " and " +
                            std::to_string(view.rows) + " rows.");
  return view;
}

const HostArray* Arguments::find_array(std::string_view name) const {
  call_.known.emplace_back(name);
  for (const HostArray& a : call_.arrays)
    if (a.name == name) return &a;
  return nullptr;
}

const HostArray& Arguments::array(std::string_view name, Type type, std::size_t length) const {
  const HostArray* const a = find_array(name);
  const std::string what = "array '" + std::string(name) + "'";
  if (a == nullptr) fail("ERR_PARAMETER", what + " is missing.");
  if (a->type != type)
    fail("ERR_DTYPE", what + " must be " + std::string(name_of(type)) + ". Got " + std::string(name_of(a->type)) + ".");
  if (length != kAnyLength && a->length != length)
    fail("ERR_SHAPE", what + " must have " + std::to_string(length) + " numbers. Got " + std::to_string(a->length) + ".");
  return *a;
}

const void* Arguments::uploaded(const HostArray& array) const {
  const std::size_t bytes = bytes_of(array.type) * array.length;
  if (bytes == 0) return nullptr;
  void* const data = call_.memory.allocate(bytes);
  call_.memory.upload(data, array.data, bytes);
  return data;
}

void Arguments::check_known(const char* what, std::string_view name) const {
  if (std::find(call_.known.begin(), call_.known.end(), name) == call_.known.end())
    fail("ERR_PARAMETER", "has no " + std::string(what) + " '" + std::string(name) + "'.");
}

void Arguments::check_codes(const Column& column, const char* what) const {
  if (column.type == Type::f32 || column.type == Type::f64 || column.type == Type::decimal128)
    fail("ERR_DTYPE", std::string(what) + " must be whole numbers. Got " + std::string(name_of(column.type)) + ".");
}

}  // namespace warpframe::kernels
