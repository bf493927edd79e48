// A backtracking matcher for the regular expressions of libcudf's page "Regex Features". What the page leaves open is
// anything: which of two alternatives wins, what a group that took no part gives.
#pragma once

#include <cudf/strings/regex/regex_program.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace warpframe::host {

class RegexProgram {
 public:
  /** @throws cudf::logic_error for a pattern that the page calls invalid */
  RegexProgram(std::string_view pattern, cudf::strings::regex_flags flags);

  int groups() const { return groups_; }
  using Span = std::optional<std::pair<std::size_t, std::size_t>>;
  /** Where the first match at or behind `from` and its groups are, as positions of characters; none: no match. */
  std::optional<std::vector<Span>> find(const std::vector<char32_t>& text, std::size_t from) const;

 private:
  friend class RegexParser;
  struct Node {
    enum Kind { set, any, start, end, concat, either, repeat, group } kind = concat;
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool negated = false;
    std::vector<Node> parts;
    int least = 0;
    int most = 0;
    bool lazy = false;
    int number = 0;
  };
  using Next = std::function<bool(std::size_t)>;
  struct State {
    const std::vector<char32_t>& text;
    std::vector<Span> spans;
  };
  bool match(const Node& node, State& state, std::size_t at, const Next& next) const;
  bool repeat(const Node& node, State& state, std::size_t at, int count, const Next& next) const;

  Node root_;
  int groups_ = 0;
  bool multiline_;
  bool dot_all_;
};

std::vector<char32_t> decoded(std::string_view text);
std::string encoded(const std::vector<char32_t>& text, std::size_t begin, std::size_t end);

}  // namespace warpframe::host
