// A JSON or UBJSON document as far as XGBoost's models need it, read strictly: every length is held against the bytes
// that are there, and what two readers could understand differently (a key twice, an unusual number) is refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpframe {

struct Value {
  enum class Kind { null, boolean, number, text, numbers, list, object };
  Kind kind = Kind::null;
  double number = 0;  // a boolean is 0 or 1
  std::string text;
  std::vector<double> numbers;  // a list of numbers only; an empty list is this
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> fields;

  /** The member of an object, or null. */
  const Value* find(std::string_view key) const;
};

/** @throws Failure ERR_CORRUPT_FILE that says where the bytes go wrong */
Value parse_document(const char* bytes, std::size_t size);

}  // namespace warpframe
