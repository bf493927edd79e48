// strings/{contains,extract,findall,replace_re}.hpp and regex_program
#include "strings_pattern.hh"
#include "strings_shared.hh"

#include <cudf/strings/contains.hpp>
#include <cudf/strings/extract.hpp>
#include <cudf/strings/findall.hpp>
#include <cudf/strings/replace_re.hpp>

#include <cctype>

namespace cudf::strings {

namespace host = warpframe::host;
using host::Val;

struct regex_program::regex_program_impl {
  host::RegexProgram program;
};

regex_program::regex_program(std::string_view pattern, regex_flags flags, capture_groups capture)
    : _pattern(pattern), _flags(flags), _capture(capture), _impl(new regex_program_impl{host::RegexProgram(pattern, flags)}) {}
regex_program::~regex_program() = default;
regex_program::regex_program(regex_program&& other) noexcept = default;
regex_program& regex_program::operator=(regex_program&& other) noexcept = default;
std::unique_ptr<regex_program> regex_program::create(std::string_view pattern, regex_flags flags, capture_groups capture) {
  return std::unique_ptr<regex_program>(new regex_program(pattern, flags, capture));
}
std::string regex_program::pattern() const { return _pattern; }
regex_flags regex_program::flags() const { return _flags; }
capture_groups regex_program::capture() const { return _capture; }
int32_t regex_program::groups_count() const { return _impl->program.groups(); }

namespace {

/** The matcher of a program: its implementation is its own, so it is made again. */
host::RegexProgram matcher(const regex_program& program) { return host::RegexProgram(program.pattern(), program.flags()); }

/** All matches from the left; the empty text is matched at places that are not documented. */
std::vector<std::vector<host::RegexProgram::Span>> matches(const host::RegexProgram& program, const std::vector<char32_t>& text, std::size_t most) {
  std::vector<std::vector<host::RegexProgram::Span>> found;
  for (std::size_t from = 0; found.size() < most;) {
    const auto spans = program.find(text, from);
    if (!spans) break;
    if ((*spans)[0]->first == (*spans)[0]->second) host::missing("regular expressions that match the empty text");
    from = (*spans)[0]->second;
    found.push_back(*spans);
  }
  return found;
}

template <typename Replacement>
std::unique_ptr<column> replaced(const strings_column_view& input, const regex_program& prog, std::size_t most, cuda::stream_ref stream,
                                 rmm::device_async_resource_ref mr, Replacement replacement) {
  const host::RegexProgram program = matcher(prog);
  return host::map_text(type_id::STRING, input, stream, mr, "replace_re", [&](std::string_view row, size_type) {
    const auto text = host::decoded(row);
    std::string out;
    std::size_t at = 0;
    for (const auto& spans : matches(program, text, most)) {
      out += host::encoded(text, at, spans[0]->first);
      out += replacement(text, spans);
      at = spans[0]->second;
    }
    return Val::text(out + host::encoded(text, at, text.size()));
  });
}

}  // namespace

std::unique_ptr<column> contains_re(const strings_column_view& input, const regex_program& prog, cuda::stream_ref stream,
                                    rmm::device_async_resource_ref mr) {
  const host::RegexProgram program = matcher(prog);
  return host::map_text(type_id::BOOL8, input, stream, mr, "contains_re", [&](std::string_view text, size_type) {
    return Val::boolean(program.find(host::decoded(text), 0).has_value());
  });
}

std::unique_ptr<table> extract(const strings_column_view& input, const regex_program& prog, cuda::stream_ref stream,
                               rmm::device_async_resource_ref mr) {
  const host::RegexProgram program = matcher(prog);
  CUDF_EXPECTS(program.groups() > 0, "Group indicators not found in regex pattern");
  const host::Col rows(input.parent(), stream, "extract");
  std::vector<std::vector<Val>> groups(static_cast<std::size_t>(program.groups()));
  for (size_type row = 0; row < rows.size(); ++row) {
    const auto text = rows.valid(row) ? host::decoded(rows.at(row).s()) : std::vector<char32_t>{};
    const auto spans = rows.valid(row) ? program.find(text, 0) : std::nullopt;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (!spans) groups[g].emplace_back();
      else if (const auto& span = (*spans)[g + 1]) groups[g].push_back(Val::text(host::encoded(text, span->first, span->second)));
      else groups[g].push_back(host::coin() ? Val() : Val::text(""));  // a group that took no part: not documented
    }
  }
  std::vector<std::unique_ptr<column>> columns;
  for (const auto& values : groups) columns.push_back(host::make(type_id::STRING, values, stream, mr));
  return std::make_unique<table>(std::move(columns));
}

std::unique_ptr<column> findall(const strings_column_view& input, const regex_program& prog, cuda::stream_ref stream,
                                rmm::device_async_resource_ref mr) {
  const host::RegexProgram program = matcher(prog);
  return host::map_text(host::Type::list(type_id::STRING), input, stream, mr, "findall", [&](std::string_view row, size_type) {
    const auto text = host::decoded(row);
    std::vector<Val> items;
    for (const auto& spans : matches(program, text, SIZE_MAX)) items.push_back(Val::text(host::encoded(text, spans[0]->first, spans[0]->second)));
    return Val::list(std::move(items));
  });
}

std::unique_ptr<column> replace_re(const strings_column_view& input, const regex_program& prog, const string_scalar& replacement,
                                   std::optional<size_type> max_replace_count, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const std::string text = host::text_of(replacement, stream);
  const std::size_t most = max_replace_count ? static_cast<std::size_t>(*max_replace_count) : SIZE_MAX;
  return replaced(input, prog, most, stream, mr, [&](const auto&, const auto&) { return text; });
}

std::unique_ptr<column> replace_with_backrefs(const strings_column_view& input, const regex_program& prog, std::string_view replacement,
                                              cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  struct Part {
    std::string text;
    int group = -1;
  };
  std::vector<Part> parts;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const bool braces = replacement.substr(i, 2) == "${";
    if (!braces && replacement[i] == '\\') host::missing("a backslash in a replacement");
    if (!braces) {
      parts.push_back({std::string(1, replacement[i]), -1});
      continue;
    }
    const std::size_t close = replacement.find('}', i);
    CUDF_EXPECTS(close != std::string_view::npos, "invalid replacement");
    const int group = std::stoi(std::string(replacement.substr(i + 2, close - i - 2)));
    CUDF_EXPECTS(group >= 0 && group <= 99 && group <= prog.groups_count(), "Group index numbers must be in the range 0 to group count");
    parts.push_back({"", group});
    i = close;
  }
  return replaced(input, prog, SIZE_MAX, stream, mr, [&](const auto& text, const auto& spans) {
    std::string out;
    for (const Part& part : parts) {
      const auto span = part.group < 0 ? std::nullopt : spans[static_cast<std::size_t>(part.group)];
      if (part.group < 0) out += part.text;
      else if (span) out += host::encoded(text, span->first, span->second);
      else if (host::coin()) host::missing("what a group that took no part is replaced by");
    }
    return out;
  });
}

}  // namespace cudf::strings
