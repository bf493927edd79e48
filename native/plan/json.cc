#include "json.hh"

#include <charconv>
#include <cmath>

#include "../util/failure.hh"

namespace warpframe::plan {

namespace {

/** Levels of lists and objects: the parsers that follow recurse too, and stacks end. */
constexpr int kMostLevels = 1000;

[[noreturn]] void refuse(const std::string& sentence) { throw Failure("ERR_PARAMETER", sentence); }

const char* kind_text(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null: return "null";
    case Json::Kind::boolean: return "a boolean";
    case Json::Kind::number: return "a number";
    case Json::Kind::text: return "a string";
    case Json::Kind::list: return "a list";
    case Json::Kind::object: return "an object";
  }
  return "nothing";
}

[[noreturn]] void wrong_kind(const char* expected, const Json& got) {
  refuse(std::string("Expected ") + expected + " in a plan but received " + kind_text(got.kind()) + ".");
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

}  // namespace

/** One pass over the text (RFC 8259). */
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json document() {
    Json json = value(0);
    skip_space();
    if (at_ != text_.size()) fail("the text goes on behind its end");
    return json;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    refuse("The JSON of a plan is not valid at byte " + std::to_string(at_) + ": " + what + ".");
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void expect(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("expected " + std::string(word));
    at_ += word.size();
  }

  Json value(int level) {
    if (level > kMostLevels) fail("more than " + std::to_string(kMostLevels) + " levels of lists and objects");
    skip_space();
    if (at_ == text_.size()) fail("the text ends too early");
    Json json;
    switch (text_[at_]) {
      case '{': object(json, level); break;
      case '[': list(json, level); break;
      case '"':
        json.kind_ = Json::Kind::text;
        json.text_ = string();
        break;
      case 't':
        expect("true");
        json.kind_ = Json::Kind::boolean;
        json.boolean_ = true;
        break;
      case 'f':
        expect("false");
        json.kind_ = Json::Kind::boolean;
        break;
      case 'n': expect("null"); break;
      default:
        json.kind_ = Json::Kind::number;
        json.text_ = number();
    }
    return json;
  }

  void object(Json& json, int level) {
    json.kind_ = Json::Kind::object;
    ++at_;
    skip_space();
    if (peek() == '}') {
      ++at_;
      return;
    }
    while (true) {
      skip_space();
      if (peek() != '"') fail("expected a name in quotes");
      std::string name = string();
      skip_space();
      expect(":");
      json.fields_.emplace_back(std::move(name), value(level + 1));
      skip_space();
      if (peek() == '}') break;
      expect(",");
    }
    ++at_;
  }

  void list(Json& json, int level) {
    json.kind_ = Json::Kind::list;
    ++at_;
    skip_space();
    if (peek() == ']') {
      ++at_;
      return;
    }
    while (true) {
      json.items_.push_back(value(level + 1));
      skip_space();
      if (peek() == ']') break;
      expect(",");
    }
    ++at_;
  }

  std::string number() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (!is_digit(peek())) fail("expected a value");
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    return std::string(text_.substr(start, at_ - start));
  }

  void digits() {
    if (!is_digit(peek())) fail("expected a digit");
    while (is_digit(peek())) ++at_;
  }

  std::uint32_t hex4() {
    std::uint32_t point = 0;
    const char* first = text_.data() + at_;
    if (text_.size() - at_ < 4) fail("an escape ends too early");
    const auto [end, error] = std::from_chars(first, first + 4, point, 16);
    if (error != std::errc() || end != first + 4) fail("expected four hexadecimal digits");
    at_ += 4;
    return point;
  }

  std::string string() {
    std::string out;
    ++at_;
    while (true) {
      if (at_ == text_.size()) fail("a string has no end");
      const char c = text_[at_];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      ++at_;
      if (c == '\\') {
        escape(out);
      } else {
        out.push_back(c);
      }
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"': case '\\': case '/': out.push_back(c); return;
      case 'b': out.push_back('\b'); return;
      case 'f': out.push_back('\f'); return;
      case 'n': out.push_back('\n'); return;
      case 'r': out.push_back('\r'); return;
      case 't': out.push_back('\t'); return;
      case 'u': break;
      default: fail("an unknown escape");
    }
    std::uint32_t point = hex4();
    if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      const std::size_t before = at_;
      at_ += 2;
      const std::uint32_t low = hex4();
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = before;
      }
    }
    // Half a surrogate pair is no character: what Node's encoder writes for it.
    if (point >= 0xD800 && point < 0xE000) point = 0xFFFD;
    append_utf8(out, point);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Json Json::parse(std::string_view text) { return JsonReader(text).document(); }

const Json* Json::find(std::string_view key) const {
  // The last one counts, as in JavaScript.
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field)
    if (field->first == key) return &field->second;
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (kind_ != Kind::object) wrong_kind("an object", *this);
  const Json* found = find(key);
  if (found == nullptr) refuse("Expected \"" + std::string(key) + "\" in a plan but it is missing.");
  return *found;
}

bool Json::as_bool() const {
  if (kind_ != Kind::boolean) wrong_kind("a boolean", *this);
  return boolean_;
}

double Json::as_double() const {
  if (kind_ != Kind::number) wrong_kind("a number", *this);
  double value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (error != std::errc() || end != text_.data() + text_.size())
    refuse("Expected a number in a plan that Float64 holds but received " + text_.substr(0, 40) + ".");
  return value;
}

std::int64_t Json::as_int64() const {
  if (kind_ != Kind::number) wrong_kind("a whole number", *this);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  if (error == std::errc() && end == text_.data() + text_.size()) return value;
  // 1e3 is a whole number too.
  const double wide = as_double();
  if (wide != std::trunc(wide) || std::fabs(wide) >= 0x1p63)
    refuse("Expected a whole number in a plan but received " + text_.substr(0, 40) + ".");
  return static_cast<std::int64_t>(wide);
}

const std::string& Json::as_text() const {
  if (kind_ != Kind::text) wrong_kind("a string", *this);
  return text_;
}

}  // namespace warpframe::plan
