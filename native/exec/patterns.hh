// Regular expressions of plans (RE2 syntax, as ts/expr/regex.ts writes it) in libcudf's syntax, as far as libcudf's
// documentation says that both mean the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace warpframe::exec {

/** What a pattern is wanted for: how far its match reaches matters for all but `find`. */
enum class PatternUse : std::uint8_t { find, extract, replace };

struct Pattern {
  std::string text;    // libcudf's; groups are capturing where the plan's are
  bool dot_all = false;
  bool multiline = false;
  bool may_be_empty = false;  // it matches the empty text somewhere
  struct Group {
    bool optional = false;      // a match need not go through it
    bool may_be_empty = false;
  };
  std::vector<Group> groups;  // from group 1 on
  std::string why_not;        // not empty: a sentence that names libcudf's limit
};

/** `flags`: a subset of "ims". */
Pattern translate_pattern(std::string_view pattern, std::string_view flags, PatternUse use);

/** Code points of UTF-8 text, and back. */
std::vector<char32_t> code_points(std::string_view text);
std::string utf8(char32_t code);
std::string utf8(const std::vector<char32_t>& codes);

}  // namespace warpframe::exec
