#include "strings_pattern.hh"

#include "host.hh"

#include <algorithm>
#include <limits>

namespace warpframe::host {

std::vector<char32_t> decoded(std::string_view text) {
  std::vector<char32_t> codes;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = size == 1 ? first : first & (0x7Fu >> size);
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    codes.push_back(code);
    i += size;
  }
  return codes;
}

std::string encoded(const std::vector<char32_t>& text, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    const char32_t c = text[i];
    const auto add = [&](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (c < 0x80) add(c);
    else if (c < 0x800) add(0xC0 | c >> 6), add(0x80 | (c & 0x3F));
    else if (c < 0x10000) add(0xE0 | c >> 12), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
    else add(0xF0 | c >> 18), add(0x80 | (c >> 12 & 0x3F)), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
  }
  return out;
}

class RegexParser {
 public:
  using Node = RegexProgram::Node;
  explicit RegexParser(std::string_view pattern) : codes_(decoded(pattern)) {}

  Node parse() {
    Node node = alternatives();
    CUDF_EXPECTS(at_ == codes_.size(), "invalid regex pattern: unmatched )");
    return node;
  }
  int groups() const { return groups_; }

 private:
  bool more() const { return at_ < codes_.size(); }
  bool take(char32_t code) { return more() && codes_[at_] == code ? (++at_, true) : false; }

  Node alternatives() {
    Node node;
    node.kind = Node::either;
    do node.parts.push_back(sequence());
    while (take('|'));
    if (node.parts.size() == 1) return std::move(node.parts[0]);
    for (const Node& part : node.parts) CUDF_EXPECTS(!part.parts.empty(), "invalid regex pattern: empty alternative");
    // Which one wins is not documented.
    if (coin()) std::reverse(node.parts.begin(), node.parts.end());
    return node;
  }

  Node sequence() {
    Node node;
    while (more() && codes_[at_] != '|' && codes_[at_] != ')') node.parts.push_back(quantified());
    return node;
  }

  Node quantified() {
    Node node = atom();
    int least = 0;
    int most = std::numeric_limits<int>::max();
    if (take('*')) {
    } else if (take('+')) {
      least = 1;
    } else if (take('?')) {
      most = 1;
    } else if (!braces(least, most)) {
      return node;
    }
    Node outer;
    outer.kind = Node::repeat;
    outer.least = least;
    outer.most = most;
    outer.lazy = take('?');
    outer.parts.push_back(std::move(node));
    CUDF_EXPECTS(!more() || (codes_[at_] != '*' && codes_[at_] != '+'), "invalid regex pattern: quantifier of a quantifier");
    return outer;
  }

  bool braces(int& least, int& most) {
    if (!more() || codes_[at_] != '{') return false;
    std::size_t i = at_ + 1;
    const auto number = [&] {
      int value = -1;
      for (; i < codes_.size() && codes_[i] >= '0' && codes_[i] <= '9'; ++i)
        value = std::max(value, 0) * 10 + static_cast<int>(codes_[i] - '0');
      return value;
    };
    const int low = number();
    if (low < 0) return false;
    int high = low;
    if (i < codes_.size() && codes_[i] == ',') {
      ++i;
      high = number();
    }
    if (i >= codes_.size() || codes_[i] != '}') return false;
    CUDF_EXPECTS(low <= 999 && high <= 999, "invalid regex pattern: quantifier out of range");
    at_ = i + 1;
    least = low;
    if (high >= 0) most = high;
    return true;
  }

  static Node character(char32_t code) {
    Node node;
    node.kind = Node::set;
    node.ranges.emplace_back(code, code);
    return node;
  }

  static Node of(decltype(Node::kind) kind) {
    Node node;
    node.kind = kind;
    return node;
  }

  char32_t escape(bool in_class) {
    CUDF_EXPECTS(more(), "invalid regex pattern: \\ at the end");
    const char32_t c = codes_[at_++];
    switch (c) {
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'f': return '\f';
      case 'a': return 7;
      default: break;
    }
    const std::u32string allowed = in_class ? U"\\^-]" : U"[\\^$.|?*+(){}]";
    if (allowed.find(c) == std::u32string::npos) missing("this escape in a regular expression");
    return c;
  }

  Node atom() {
    const char32_t c = codes_[at_++];
    switch (c) {
      case '.': return of(Node::any);
      case '^': return of(Node::start);
      case '$': return of(Node::end);
      case '[': return char_class();
      case '(': return group();
      case '*':
      case '+':
      case '?': CUDF_FAIL("invalid regex pattern: nothing to repeat");
      case '\\':
        if (more() && (codes_[at_] == 'A' || codes_[at_] == 'Z')) {
          Node node = of(codes_[at_++] == 'A' ? Node::start : Node::end);
          node.lazy = true;  // of the whole text
          return node;
        }
        return character(escape(false));
      default: return character(c);
    }
  }

  Node group() {
    if (take('?')) {
      CUDF_EXPECTS(take(':'), "invalid regex pattern: unsupported group");
      Node inner = alternatives();
      CUDF_EXPECTS(take(')'), "invalid regex pattern: unmatched (");
      CUDF_EXPECTS(inner.kind != Node::concat || !inner.parts.empty(), "invalid regex pattern: empty group");
      return inner;
    }
    Node node = of(Node::group);
    node.number = ++groups_;
    node.parts.push_back(alternatives());
    CUDF_EXPECTS(take(')'), "invalid regex pattern: unmatched (");
    CUDF_EXPECTS(node.parts[0].kind != Node::concat || !node.parts[0].parts.empty(), "invalid regex pattern: empty group");
    return node;
  }

  Node char_class() {
    Node node = of(Node::set);
    node.negated = take('^');
    while (more() && codes_[at_] != ']') {
      char32_t low = codes_[at_++];
      if (low == '\\') low = escape(true);
      char32_t high = low;
      if (take('-')) {
        CUDF_EXPECTS(more() && codes_[at_] != ']', "invalid regex pattern: incomplete range");
        high = codes_[at_++];
        if (high == '\\') high = escape(true);
      }
      node.ranges.emplace_back(low, high);
    }
    CUDF_EXPECTS(take(']') && !node.ranges.empty(), "invalid regex pattern: empty or unmatched class");
    return node;
  }

  std::vector<char32_t> codes_;
  std::size_t at_ = 0;
  int groups_ = 0;
};

RegexProgram::RegexProgram(std::string_view pattern, cudf::strings::regex_flags flags)
    : multiline_(cudf::strings::is_multiline(flags)), dot_all_(cudf::strings::is_dotall(flags)) {
  RegexParser parser(pattern);
  root_ = parser.parse();
  groups_ = parser.groups();
}

bool RegexProgram::match(const Node& node, State& state, std::size_t at, const Next& next) const {
  const auto& text = state.text;
  switch (node.kind) {
    case Node::set: {
      if (at == text.size()) return false;
      const bool inside = std::any_of(node.ranges.begin(), node.ranges.end(), [&](const auto& r) { return r.first <= text[at] && text[at] <= r.second; });
      return inside != node.negated && next(at + 1);
    }
    case Node::any: return at < text.size() && (dot_all_ || text[at] != '\n') && next(at + 1);
    case Node::start: return (at == 0 || (multiline_ && !node.lazy && text[at - 1] == '\n')) && next(at);
    case Node::end: return (at == text.size() || (multiline_ && !node.lazy && text[at] == '\n')) && next(at);
    case Node::concat: {
      const std::function<bool(std::size_t, std::size_t)> from = [&](std::size_t part, std::size_t place) {
        if (part == node.parts.size()) return next(place);
        return match(node.parts[part], state, place, [&, part](std::size_t end) { return from(part + 1, end); });
      };
      return from(0, at);
    }
    case Node::either:
      return std::any_of(node.parts.begin(), node.parts.end(), [&](const Node& part) { return match(part, state, at, next); });
    case Node::repeat: return repeat(node, state, at, 0, next);
    default: {
      const auto index = static_cast<std::size_t>(node.number);
      const Span before = state.spans[index];
      if (match(node.parts[0], state, at, [&](std::size_t end) {
            const Span outer = state.spans[index];
            state.spans[index] = std::pair{at, end};
            if (next(end)) return true;
            state.spans[index] = outer;
            return false;
          }))
        return true;
      state.spans[index] = before;
      return false;
    }
  }
}

bool RegexProgram::repeat(const Node& node, State& state, std::size_t at, int count, const Next& next) const {
  const auto again = [&] {
    return count < node.most && match(node.parts[0], state, at, [&](std::size_t end) { return end != at && repeat(node, state, end, count + 1, next); });
  };
  if (count < node.least) return again();
  return node.lazy ? next(at) || again() : again() || next(at);
}

std::optional<std::vector<RegexProgram::Span>> RegexProgram::find(const std::vector<char32_t>& text, std::size_t from) const {
  for (std::size_t at = from; at <= text.size(); ++at) {
    State state{text, std::vector<Span>(static_cast<std::size_t>(groups_) + 1)};
    std::size_t end = 0;
    if (match(root_, state, at, [&](std::size_t stop) { return end = stop, true; })) {
      state.spans[0] = std::pair{at, end};
      return state.spans;
    }
  }
  return std::nullopt;
}

}  // namespace warpframe::host
