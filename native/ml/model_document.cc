#include "model_document.hh"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../util/failure.hh"

namespace warpframe {
namespace {

constexpr int kMaxDepth = 64;

class Reader {
 public:
  Reader(const char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  virtual ~Reader() = default;
  virtual Value value(int depth) = 0;
  virtual void skip_padding() {}

  Value document() {
    skip_padding();
    Value root = value(0);
    skip_padding();
    if (at_ != size_) fail("more bytes follow the model");
    return root;
  }

 protected:
  [[noreturn]] void fail(const std::string& what) const {
    throw Failure("ERR_CORRUPT_FILE", "The model is not one of XGBoost's: at byte " + std::to_string(at_) + ", " + what);
  }
  void nest(int depth) const {
    if (depth > kMaxDepth) fail("it is nested too deeply");
  }
  char peek() const {
    if (at_ >= size_) fail("it ends too early");
    return bytes_[at_];
  }
  char take() {
    const char c = peek();
    ++at_;
    return c;
  }
  const char* take(std::size_t count) {
    if (count > size_ - at_) fail("it ends too early");
    const char* const start = bytes_ + at_;
    at_ += count;
    return start;
  }
  void add_field(Value& object, std::string key, Value member) {
    if (object.find(key)) fail("the key " + key + " is there twice");
    object.fields.emplace_back(std::move(key), std::move(member));
  }
  /** A list of numbers is kept as numbers; a mixed one is refused, because XGBoost has none. */
  void add_item(Value& list, Value item) {
    if (item.kind == Value::Kind::number && list.items.empty()) {
      list.numbers.push_back(item.number);
      return;
    }
    if (item.kind == Value::Kind::number || !list.numbers.empty()) fail("a list mixes numbers and other things");
    list.kind = Value::Kind::list;
    list.items.push_back(std::move(item));
  }

  const char* bytes_;
  std::size_t size_;
  std::size_t at_ = 0;
};

Value number_value(double number) {
  Value value;
  value.kind = Value::Kind::number;
  value.number = number;
  return value;
}
Value boolean_value(bool boolean) {
  Value value;
  value.kind = Value::Kind::boolean;
  value.number = boolean ? 1 : 0;
  return value;
}
Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::text;
  value.text = std::move(text);
  return value;
}
Value empty_list() {
  Value value;
  value.kind = Value::Kind::numbers;
  return value;
}

class UbjsonReader final : public Reader {
 public:
  using Reader::Reader;

  Value value(int depth) override {
    nest(depth);
    const char marker = take();
    switch (marker) {
      case 'Z': return {};
      case 'T': return boolean_value(true);
      case 'F': return boolean_value(false);
      case 'S': return text_value(string());
      case '[': return list(depth);
      case '{': return object(depth);
      default: return number_value(scalar(marker));
    }
  }

 private:
  template <typename T>
  T big_endian(const char* from) const {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) bits = bits << 8 | static_cast<std::uint8_t>(from[i]);
    T out;
    if constexpr (sizeof(T) == 8) {
      std::memcpy(&out, &bits, 8);
    } else if constexpr (sizeof(T) == 4) {
      const auto narrow = static_cast<std::uint32_t>(bits);
      std::memcpy(&out, &narrow, 4);
    } else {
      out = static_cast<T>(bits);
    }
    return out;
  }
  std::size_t width(char type) const {
    switch (type) {
      case 'i':
      case 'U': return 1;
      case 'I': return 2;
      case 'l':
      case 'd': return 4;
      case 'L':
      case 'D': return 8;
      default: fail(std::string("it has a value of the unknown type ") + (type >= ' ' && type <= '~' ? type : '?'));
    }
  }
  double scalar(char type, const char* from) const {
    switch (type) {
      case 'i': return static_cast<std::int8_t>(*from);
      case 'U': return static_cast<std::uint8_t>(*from);
      case 'I': return big_endian<std::int16_t>(from);
      case 'l': return big_endian<std::int32_t>(from);
      case 'L': return static_cast<double>(big_endian<std::int64_t>(from));
      case 'd': return big_endian<float>(from);
      default: return big_endian<double>(from);
    }
  }
  double scalar(char type) {
    const std::size_t bytes = width(type);
    return scalar(type, take(bytes));
  }
  /** Lengths are 64-bit, the only kind that XGBoost reads. */
  std::size_t length() {
    if (take() != 'L') fail("a length is not a 64-bit one");
    const auto count = big_endian<std::int64_t>(take(8));
    if (count < 0 || static_cast<std::uint64_t>(count) > size_ - at_) fail("a length passes the end");
    return static_cast<std::size_t>(count);
  }
  std::string string() {
    const std::size_t count = length();
    return {take(count), count};
  }
  Value list(int depth) {
    Value list = empty_list();
    if (peek() == '$') {
      take();
      const char type = take();
      const std::size_t bytes = width(type);
      if (take() != '#') fail("a typed list has no length");
      const std::size_t count = length();
      const char* from = count > (size_ - at_) / bytes ? (fail("a list passes the end"), nullptr) : take(count * bytes);
      list.numbers.reserve(count);
      for (std::size_t i = 0; i < count; ++i) list.numbers.push_back(scalar(type, from + i * bytes));
      return list;
    }
    if (peek() == '#') {
      take();
      const std::size_t count = length();
      for (std::size_t i = 0; i < count; ++i) add_item(list, value(depth + 1));
      return list;
    }
    while (peek() != ']') add_item(list, value(depth + 1));
    take();
    return list;
  }
  Value object(int depth) {
    Value object;
    object.kind = Value::Kind::object;
    while (peek() != '}') {
      std::string key = string();
      add_field(object, std::move(key), value(depth + 1));
    }
    take();
    return object;
  }
};

class JsonReader final : public Reader {
 public:
  using Reader::Reader;

  void skip_padding() override {
    while (at_ < size_ && (bytes_[at_] == ' ' || bytes_[at_] == '\n' || bytes_[at_] == '\r' || bytes_[at_] == '\t')) ++at_;
  }

  Value value(int depth) override {
    nest(depth);
    switch (peek()) {
      case '{': return object(depth);
      case '[': return list(depth);
      case '"': return text_value(string());
      case 't': return word("true", boolean_value(true));
      case 'f': return word("false", boolean_value(false));
      case 'n': return word("null", {});
      case 'N': return word("NaN", number_value(std::numeric_limits<double>::quiet_NaN()));
      case 'I': return word("Infinity", number_value(std::numeric_limits<double>::infinity()));
      default: return number();
    }
  }

 private:
  Value word(std::string_view text, Value value) {
    if (std::string_view(take(text.size()), text.size()) != text) fail("it has an unknown word");
    return value;
  }
  Value number() {
    if (peek() == '-' && at_ + 1 < size_ && bytes_[at_ + 1] == 'I') {
      take();
      return word("Infinity", number_value(-std::numeric_limits<double>::infinity()));
    }
    double out = 0;
    const auto [end, error] = std::from_chars(bytes_ + at_, bytes_ + size_, out);
    // Its own words for what is not finite are not JSON's, and a bare point or sign is no number.
    const bool plain = error == std::errc() && std::isfinite(out) && end > bytes_ + at_ && end[-1] >= '0' && end[-1] <= '9';
    const char first = peek() == '-' && at_ + 1 < size_ ? bytes_[at_ + 1] : peek();
    if (!plain || first < '0' || first > '9') fail("it has something that is no value");
    at_ = static_cast<std::size_t>(end - bytes_);
    return number_value(out);
  }
  std::string string() {
    take();
    std::string out;
    for (;;) {
      const char c = take();
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < ' ') fail("a text has a control character");
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escaped = take();
      switch (escaped) {
        case '"':
        case '\\':
        case '/': out += escaped; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u':
          // The code point does not matter here, its four digits do.
          for (int i = 0; i < 4; ++i) {
            const char digit = take();
            if (!std::isxdigit(static_cast<unsigned char>(digit))) fail("a text has a broken escape");
            out += digit;
          }
          break;
        default: fail("a text has an unknown escape");
      }
    }
  }
  Value list(int depth) {
    take();
    Value list = empty_list();
    skip_padding();
    if (peek() == ']') {
      take();
      return list;
    }
    for (;;) {
      skip_padding();
      add_item(list, value(depth + 1));
      skip_padding();
      const char c = take();
      if (c == ']') return list;
      if (c != ',') fail("a list has no comma");
    }
  }
  Value object(int depth) {
    take();
    Value object;
    object.kind = Value::Kind::object;
    skip_padding();
    if (peek() == '}') {
      take();
      return object;
    }
    for (;;) {
      skip_padding();
      if (peek() != '"') fail("an object has no key");
      std::string key = string();
      skip_padding();
      if (take() != ':') fail("a key has no value");
      skip_padding();
      add_field(object, std::move(key), value(depth + 1));
      skip_padding();
      const char c = take();
      if (c == '}') return object;
      if (c != ',') fail("an object has no comma");
    }
  }
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, member] : fields) {
    if (name == key) return &member;
  }
  return nullptr;
}

Value parse_document(const char* bytes, std::size_t size) {
  if (size < 2 || bytes[0] != '{') throw Failure("ERR_CORRUPT_FILE", "The model is not one of XGBoost's: it does not begin with {");
  // As XGBoost tells them apart: a key in quotes is JSON, a length is UBJSON.
  std::size_t at = 1;
  while (at < size && std::isspace(static_cast<unsigned char>(bytes[at]))) ++at;
  if (at < size && bytes[at] == '"') return JsonReader(bytes, size).document();
  return UbjsonReader(bytes, size).document();
}

}  // namespace warpframe
