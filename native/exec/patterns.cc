#include "patterns.hh"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "case_table.hh"

namespace warpframe::exec {

namespace {

constexpr char32_t kMostCode = 0x10FFFF;
constexpr int kMostRepeats = 999;

/** What libcudf cannot do, thrown while a pattern is read. */
struct Limit {
  std::string sentence;
};
[[noreturn]] void limit(const std::string& what) { throw Limit{what}; }

using Range = std::pair<char32_t, char32_t>;
using Ranges = std::vector<Range>;

enum class Kind : std::uint8_t { empty, set, any, start, end, concat, either, repeat, group };

struct Node {
  Kind kind = Kind::empty;
  Ranges ranges;         // set
  bool negated = false;  // set
  std::vector<Node> parts;
  int least = 0;   // repeat
  int most = -1;   // repeat; −1: without end
  bool lazy = false;
  int number = 0;  // group
};

struct Flags {
  bool fold, lines, dot_all;
};

Ranges sorted(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges out;
  for (const Range& r : ranges) {
    if (!out.empty() && r.first <= out.back().second + 1) out.back().second = std::max(out.back().second, r.second);
    else out.push_back(r);
  }
  return out;
}

bool holds(const Ranges& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return r.first <= code && code <= r.second; });
}

/** With every code point that folds to the same: İ and ı fold to nothing but themselves. */
Ranges folded(Ranges ranges) {
  for (bool grown = true; grown;) {
    grown = false;
    Ranges more;
    for (const bool upper : {true, false}) {
      for (const CaseRun& run : case_runs(upper)) {
        for (std::int32_t i = 0; i < run.count; ++i) {
          const auto from = static_cast<char32_t>(run.first + i * run.step);
          const auto to = static_cast<char32_t>(static_cast<std::int32_t>(from) + run.shift);
          if (from == 0x130 || from == 0x131) continue;
          const bool has_from = holds(ranges, from);
          const bool has_to = holds(ranges, to);
          if (has_from && !has_to) more.emplace_back(to, to);
          if (has_to && !has_from) more.emplace_back(from, from);
        }
      }
    }
    if (more.empty()) break;
    grown = true;
    ranges.insert(ranges.end(), more.begin(), more.end());
    ranges = sorted(std::move(ranges));
  }
  return ranges;
}

Ranges complement(const Ranges& ranges) {
  Ranges out;
  char32_t next = 0;
  for (const Range& r : sorted(ranges)) {
    if (r.first > next) out.emplace_back(next, r.first - 1);
    next = r.second + 1;
  }
  if (next <= kMostCode) out.emplace_back(next, kMostCode);
  return out;
}

const Ranges kDigits = {{'0', '9'}};
const Ranges kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const Ranges kSpaces = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};

class Reader {
 public:
  Reader(std::string_view pattern, Flags flags) : codes_(code_points(pattern)), flags_(flags) {}

  Node read() {
    Node node = alternatives();
    if (at_ < codes_.size()) limit("has an unmatched parenthesis");
    return node;
  }
  int groups() const { return groups_; }

 private:
  bool more() const { return at_ < codes_.size(); }
  char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < codes_.size() ? codes_[at_ + ahead] : U'\0'; }
  bool take(char32_t code) {
    if (!more() || codes_[at_] != code) return false;
    ++at_;
    return true;
  }

  Node alternatives() {
    Node node;
    node.kind = Kind::either;
    do node.parts.push_back(sequence());
    while (take('|'));
    return node.parts.size() == 1 ? std::move(node.parts[0]) : node;
  }

  Node sequence() {
    Node node;
    node.kind = Kind::concat;
    while (more() && peek() != '|' && peek() != ')') node.parts.push_back(repeated());
    if (node.parts.empty()) node.kind = Kind::empty;
    return node;
  }

  Node repeated() {
    Node node = atom();
    for (;;) {
      int least = 0;
      int most = -1;
      if (take('*')) {
      } else if (take('+')) {
        least = 1;
      } else if (take('?')) {
        most = 1;
      } else if (peek() != '{' || !counts(least, most)) {
        return node;
      }
      if (node.kind == Kind::start || node.kind == Kind::end || node.kind == Kind::empty) limit("repeats an anchor");
      Node outer;
      outer.kind = Kind::repeat;
      outer.least = least;
      outer.most = most;
      outer.lazy = take('?');
      if (peek() == '+') limit("has a possessive quantifier");
      outer.parts.push_back(std::move(node));
      node = std::move(outer);
    }
  }

  bool counts(int& least, int& most) {
    std::size_t i = at_ + 1;
    const auto number = [&]() -> std::optional<int> {
      int value = 0;
      const std::size_t begin = i;
      for (; i < codes_.size() && codes_[i] >= '0' && codes_[i] <= '9' && value < 100'000; ++i)
        value = value * 10 + static_cast<int>(codes_[i] - '0');
      return i == begin ? std::nullopt : std::optional{value};
    };
    const auto low = number();
    if (!low) return false;
    std::optional<int> high = low;
    if (i < codes_.size() && codes_[i] == ',') {
      ++i;
      high = number();
    }
    if (i >= codes_.size() || codes_[i] != '}') return false;
    at_ = i + 1;
    least = *low;
    most = high.value_or(-1);
    if (least > kMostRepeats || most > kMostRepeats) limit("repeats more than 999 times");
    return true;
  }

  Node atom() {
    const char32_t c = codes_[at_++];
    switch (c) {
      case '.': return any();
      case '^': return anchor(Kind::start);
      case '$': return anchor(Kind::end);
      case '[': return set();
      case '(': return group();
      case '\\': return escape();
      case '*':
      case '+':
      case '?': limit("has a quantifier with nothing before it");
      default: return of({{c, c}}, false);
    }
  }

  Node anchor(Kind kind) const {
    Node node;
    node.kind = kind;
    node.lazy = flags_.lines;
    return node;
  }

  Node any() const {
    if (!flags_.dot_all) return of({{'\n', '\n'}}, true, false);
    Node node;
    node.kind = Kind::any;
    return node;
  }

  Node of(Ranges ranges, bool negated) const { return of(std::move(ranges), negated, flags_.fold); }
  static Node of(Ranges ranges, bool negated, bool fold) {
    Node node;
    node.kind = Kind::set;
    node.ranges = fold ? folded(sorted(std::move(ranges))) : sorted(std::move(ranges));
    node.negated = negated;
    return node;
  }

  Node group() {
    Flags outer = flags_;
    Node node;
    if (take('?')) {
      if (peek() == 'P' || peek() == '<') limit("has a named group");
      bool on = true;
      while (more() && peek() != ':' && peek() != ')') {
        const char32_t flag = codes_[at_++];
        if (flag == '-') on = false;
        else if (flag == 'i') flags_.fold = on;
        else if (flag == 'm') flags_.lines = on;
        else if (flag == 's') flags_.dot_all = on;
        else limit("has a flag inside that is not i, m or s");
      }
      if (take(')')) return node;  // to the end of the group around it
      take(':');
      node = alternatives();
      Node wrapped;
      wrapped.kind = Kind::concat;
      wrapped.parts.push_back(std::move(node));
      node = std::move(wrapped);
    } else {
      const int number = ++groups_;
      Node inner = alternatives();
      node.kind = Kind::group;
      node.number = number;
      node.parts.push_back(std::move(inner));
    }
    if (!take(')')) limit("has an unmatched parenthesis");
    flags_ = outer;
    return node;
  }

  std::optional<Ranges> shorthand(char32_t c) const {
    switch (c) {
      case 'd': return kDigits;
      case 'w': return kWord;
      case 's': return kSpaces;
      case 'D': return complement(kDigits);
      case 'W': return complement(kWord);
      case 'S': return complement(kSpaces);
      default: return std::nullopt;
    }
  }

  char32_t hex() {
    std::size_t digits = 2;
    const bool braces = take('{');
    if (braces) digits = 8;
    char32_t value = 0;
    for (std::size_t i = 0; i < digits && more() && peek() != '}'; ++i) {
      const char32_t c = codes_[at_++];
      const char32_t lower = c | 0x20;
      value = value * 16 + (c >= '0' && c <= '9' ? c - '0' : lower - 'a' + 10);
    }
    if (braces) take('}');
    return value;
  }

  /** One character after a backslash that is no shorthand. */
  char32_t escaped(char32_t c) {
    switch (c) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      case 'f': return '\f';
      case 'v': return '\v';
      case 'a': return 7;
      case 'x': return hex();
      case 'p':
      case 'P': limit("has a Unicode property, which libcudf does not know");
      default:
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
          limit(std::string("has the escape \\") + static_cast<char>(c));
        return c;
    }
  }

  Node escape() {
    const char32_t c = more() ? codes_[at_++] : U'\\';
    if (const auto ranges = shorthand(c)) return of(*ranges, false);
    if (c == 'A' || c == 'z') {
      Node node;
      node.kind = c == 'A' ? Kind::start : Kind::end;
      return node;
    }
    if (c == 'b' || c == 'B') limit("has a word boundary, which in libcudf counts letters of every script");
    const char32_t code = escaped(c);
    return of({{code, code}}, false);
  }

  Node set() {
    const bool negated = take('^');
    Ranges ranges;
    bool first = true;
    for (; more() && (peek() != ']' || first); first = false) {
      if (peek() == '[' && peek(1) == ':') limit("has a named class");
      char32_t low = codes_[at_++];
      if (low == '\\') {
        const char32_t c = more() ? codes_[at_++] : U'\\';
        if (const auto some = shorthand(c)) {
          ranges.insert(ranges.end(), some->begin(), some->end());
          continue;
        }
        low = escaped(c);
      }
      char32_t high = low;
      if (peek() == '-' && at_ + 1 < codes_.size() && peek(1) != ']') {
        ++at_;
        high = codes_[at_++];
        if (high == '\\') high = escaped(more() ? codes_[at_++] : U'\\');
      }
      if (high < low) limit("has a range that ends before it begins");
      ranges.emplace_back(low, high);
    }
    if (!take(']')) limit("has an unmatched bracket");
    return of(std::move(ranges), negated);
  }

  std::vector<char32_t> codes_;
  Flags flags_;
  std::size_t at_ = 0;
  int groups_ = 0;
};

bool may_be_empty(const Node& node) {
  switch (node.kind) {
    case Kind::set:
    case Kind::any: return false;
    case Kind::concat: return std::all_of(node.parts.begin(), node.parts.end(), may_be_empty);
    case Kind::either: return std::any_of(node.parts.begin(), node.parts.end(), may_be_empty);
    case Kind::repeat: return node.least == 0 || may_be_empty(node.parts[0]);
    case Kind::group: return may_be_empty(node.parts[0]);
    default: return true;
  }
}

/** The code points a node can begin with; everything where it may be empty. */
Ranges first_codes(const Node& node) {
  const Ranges everything = {{0, kMostCode}};
  switch (node.kind) {
    case Kind::set: return node.negated ? complement(node.ranges) : node.ranges;
    case Kind::group: return first_codes(node.parts[0]);
    case Kind::repeat: return node.least == 0 ? everything : first_codes(node.parts[0]);
    case Kind::concat: {
      for (const Node& part : node.parts)
        if (part.kind != Kind::start) return first_codes(part);
      return everything;
    }
    case Kind::either: {
      Ranges all;
      for (const Node& part : node.parts) {
        const Ranges some = first_codes(part);
        all.insert(all.end(), some.begin(), some.end());
      }
      return sorted(std::move(all));
    }
    default: return everything;
  }
}

bool overlap(const Ranges& a, const Ranges& b) {
  return std::any_of(a.begin(), a.end(), [&](const Range& x) {
    return std::any_of(b.begin(), b.end(), [&](const Range& y) { return x.first <= y.second && y.first <= x.second; });
  });
}

/** What libcudf's documentation does not promise. `extent`: how far a match reaches matters. */
void check(const Node& node, bool extent, bool repeated, bool optional, Pattern& pattern) {
  switch (node.kind) {
    case Kind::empty: limit("has an empty group or alternative");
    case Kind::either:
      if (extent)
        for (std::size_t i = 0; i < node.parts.size(); ++i)
          for (std::size_t k = i + 1; k < node.parts.size(); ++k)
            if (overlap(first_codes(node.parts[i]), first_codes(node.parts[k])))
              limit("has alternatives that begin alike, of which libcudf does not say which one wins");
      for (const Node& part : node.parts) check(part, extent, repeated, true, pattern);
      return;
    case Kind::repeat:
      if (node.most != 1 && may_be_empty(node.parts[0])) limit("repeats what may be empty");
      check(node.parts[0], extent, repeated || node.most != 1, optional || node.least == 0, pattern);
      return;
    case Kind::group:
      if (extent && repeated) limit("has a group inside a repetition, of which libcudf does not say which round it keeps");
      pattern.groups[static_cast<std::size_t>(node.number - 1)] = {optional, may_be_empty(node.parts[0])};
      check(node.parts[0], extent, repeated, optional, pattern);
      return;
    default:
      for (const Node& part : node.parts) check(part, extent, repeated, optional, pattern);
  }
}

std::string set_character(char32_t code) {
  if (code == 0) limit("has the character 0");
  const bool special = code == '\\' || code == '^' || code == '-' || code == ']' || code == '[';
  return (special && code != '[' ? "\\" : "") + utf8(code);
}

std::string plain_character(char32_t code) {
  if (code == 0) limit("has the character 0");
  static const std::u32string kSpecial = U".^$*+?()[]{}|\\";
  return (kSpecial.find(code) != std::u32string::npos ? "\\" : "") + utf8(code);
}

class Printer {
 public:
  explicit Printer(Pattern& pattern) : pattern_(pattern) {}

  std::string print(const Node& node) {
    switch (node.kind) {
      case Kind::set: return set(node);
      case Kind::any: pattern_.dot_all = true; return ".";
      case Kind::start: return anchor(node, "^", "\\A");
      case Kind::end: return anchor(node, "$", "\\Z");
      case Kind::concat: {
        std::string out;
        for (const Node& part : node.parts) out += part.kind == Kind::either ? "(?:" + print(part) + ")" : print(part);
        return out;
      }
      case Kind::either: {
        std::string out;
        for (const Node& part : node.parts) out += (out.empty() ? "" : "|") + print(part);
        return out;
      }
      case Kind::group: return "(" + print(node.parts[0]) + ")";
      case Kind::repeat: return repeat(node);
      default: return "";
    }
  }

 private:
  std::string anchor(const Node& node, const char* line, const char* text) {
    if (!node.lazy) return text;
    pattern_.multiline = true;
    return line;
  }

  static std::string set(const Node& node) {
    Ranges ranges = node.ranges;
    bool negated = node.negated;
    // The shorter of a class and its opposite; one that begins at the character 0 can only be written as the opposite.
    if (!ranges.empty() && ranges[0].first == 0) {
      ranges = complement(ranges);
      negated = !negated;
    }
    if (ranges.empty()) {
      if (!negated) limit("has a class without characters");
      limit("has a class of all characters");
    }
    if (!negated && ranges.size() == 1 && ranges[0].first == ranges[0].second) return plain_character(ranges[0].first);
    std::string out = negated ? "[^" : "[";
    for (const Range& r : ranges) {
      out += set_character(r.first);
      if (r.second > r.first + 1) out += "-";
      if (r.second > r.first) out += set_character(r.second);
    }
    return out + "]";
  }

  std::string repeat(const Node& node) {
    const Node& part = node.parts[0];
    if (node.most == 0) return "";
    const bool bare = part.kind == Kind::set || part.kind == Kind::any || part.kind == Kind::group;
    std::string out = bare ? print(part) : "(?:" + print(part) + ")";
    if (node.least == 0 && node.most == -1) out += "*";
    else if (node.least == 1 && node.most == -1) out += "+";
    else if (node.least == 0 && node.most == 1) out += "?";
    else if (node.most == -1) out += "{" + std::to_string(node.least) + ",}";
    else if (node.least == node.most) {
      if (node.least == 1) return out;
      return out + "{" + std::to_string(node.least) + "}";
    } else {
      out += "{" + std::to_string(node.least) + "," + std::to_string(node.most) + "}";
    }
    return out + (node.lazy ? "?" : "");
  }

  Pattern& pattern_;
};

}  // namespace

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> codes;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = size == 1 ? first : first & (0x7Fu >> size);
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k)
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    codes.push_back(code);
    i += size;
  }
  return codes;
}

std::string utf8(char32_t code) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
  if (code < 0x10000) return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
  return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
}

std::string utf8(const std::vector<char32_t>& codes) {
  std::string text;
  for (const char32_t code : codes) text += utf8(code);
  return text;
}

Pattern translate_pattern(std::string_view source, std::string_view flags, PatternUse use) {
  Pattern pattern;
  const auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
  try {
    Reader reader{source, {has('i'), has('m'), has('s')}};
    const Node node = reader.read();
    pattern.groups.resize(static_cast<std::size_t>(reader.groups()));
    check(node, use != PatternUse::find, false, false, pattern);
    pattern.may_be_empty = may_be_empty(node);
    if (use == PatternUse::replace && pattern.may_be_empty)
      limit("may match the empty text, and libcudf does not say where it replaces that");
    pattern.text = Printer{pattern}.print(node);
  } catch (const Limit& reason) {
    pattern.why_not = "libcudf's regular expressions cannot take /" + std::string(source) + "/: it " + reason.sentence + ".";
  }
  return pattern;
}

}  // namespace warpframe::exec
