// JSON text as a tree. Plans are small: a tree is enough.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpframe::plan {

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, text, list, object };

  /** @throws Failure ERR_PARAMETER that says at which byte the text goes wrong */
  static Json parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  /** The member of an object; null where there is none. */
  const Json* find(std::string_view key) const;
  /** The member of an object. @throws Failure ERR_PARAMETER that names the key */
  const Json& at(std::string_view key) const;
  /** The members of an object in order, and the items of a list. */
  const std::vector<std::pair<std::string, Json>>& fields() const { return fields_; }
  const std::vector<Json>& items() const { return items_; }

  /** Each throws Failure ERR_PARAMETER where the value is of another kind or does not fit. */
  bool as_bool() const;
  double as_double() const;
  std::int64_t as_int64() const;
  const std::string& as_text() const;

 private:
  friend class JsonReader;
  Kind kind_ = Kind::null;
  bool boolean_ = false;
  std::string text_;  // of a text; of a number its characters, so that 64-bit integers keep all digits
  std::vector<Json> items_;
  std::vector<std::pair<std::string, Json>> fields_;
};

}  // namespace warpframe::plan
