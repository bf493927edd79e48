// Strings: the text rows of ts/expr/rows-text-time.ts. Positions are code points.
#include <cudf/aggregation.hpp>
#include <cudf/column/column_factories.hpp>
#include <cudf/reduction.hpp>
#include <cudf/strings/attributes.hpp>
#include <cudf/strings/case.hpp>
#include <cudf/strings/contains.hpp>
#include <cudf/strings/extract.hpp>
#include <cudf/strings/find.hpp>
#include <cudf/strings/findall.hpp>
#include <cudf/strings/padding.hpp>
#include <cudf/strings/regex/regex_program.hpp>
#include <cudf/strings/replace.hpp>
#include <cudf/strings/replace_re.hpp>
#include <cudf/strings/slice.hpp>
#include <cudf/strings/split/split.hpp>
#include <cudf/strings/strip.hpp>
#include <cudf/strings/translate.hpp>
#include <cudf/table/table.hpp>

#include "arguments.hh"
#include "case_table.hh"
#include "patterns.hh"
#include "texts.hh"

namespace warpframe::exec {

namespace {

using cudf::strings::side_type;

cudf::string_scalar scalar_of(const std::string& text, const Context& context) {
  return {text, true, context.stream, context.memory};
}

using ByScalar = std::unique_ptr<cudf::column> (*)(const cudf::strings_column_view&, const cudf::string_scalar&, cuda::stream_ref,
                                                   rmm::device_async_resource_ref);
using ByColumn = std::unique_ptr<cudf::column> (*)(const cudf::strings_column_view&, const cudf::strings_column_view&,
                                                   cuda::stream_ref, rmm::device_async_resource_ref);

/** libcudf gives false for a null target in some of these, and null in others: here it is null. */
template <ByScalar by_scalar, ByColumn by_column>
Lane search(const Arguments& args) {
  const Lane& a = args[0];
  const Lane& b = args[1];
  const Context& context = args.context;
  if (b.single() && !b.nullable()) {
    const auto target = b.scalar();
    return {by_scalar(a.text(), static_cast<const cudf::string_scalar&>(*target), context.stream, context.memory), a};
  }
  const Lane left = b.single() ? a : a.full();
  const Lane right = a.single() ? b : b.full();
  // A null target is no string that libcudf should look at.
  const Lane safe = with_default(right, *text_scalar("", args.context));
  const Lane found{by_column(left.full().text(), safe.full().text(), context.stream, context.memory), left.full()};
  return null_like(found, {&a, &b});
}

using Program = std::unique_ptr<cudf::strings::regex_program>;

Program program_of(const Pattern& pattern, const std::string& text) {
  std::uint32_t flags = cudf::strings::regex_flags::DEFAULT;
  if (pattern.dot_all) flags |= cudf::strings::regex_flags::DOTALL;
  if (pattern.multiline) flags |= cudf::strings::regex_flags::MULTILINE;
  return cudf::strings::regex_program::create(text, static_cast<cudf::strings::regex_flags>(flags));
}

Pattern pattern_of(const plan::Call& call, PatternUse use) {
  return translate_pattern(call.options.at("pattern").as_text(), call.options.at("flags").as_text(), use);
}

Lane matches(const Arguments& args) {
  const Pattern pattern = pattern_of(args.call, PatternUse::find);
  const Program program = program_of(pattern, pattern.text);
  return {cudf::strings::contains_re(args[0].text(), *program, args.context.stream, args.context.memory), args[0]};
}

std::vector<Lane> extracted(const Lane& a, const Pattern& pattern, const std::string& text) {
  const Program program = program_of(pattern, text);
  auto columns = cudf::strings::extract(a.text(), *program, a.context().stream, a.context().memory)->release();
  std::vector<Lane> lanes;
  for (auto& column : columns) lanes.emplace_back(std::move(column), a);
  return lanes;
}

Lane extract(const Arguments& args) {
  const Lane& a = args[0];
  const Pattern pattern = pattern_of(args.call, PatternUse::extract);
  const auto group = static_cast<std::size_t>(args.integer("group"));
  if (group > pattern.groups.size()) {
    const Lane none{null_column(args.expr.type, a.view().size(), args.context), a};
    return none;
  }
  // The whole match as a group around the others.
  const std::vector<Lane> groups = extracted(a, pattern, "(" + pattern.text + ")");
  const Lane& wanted = groups[group];
  if (group == 0 || !pattern.groups[group - 1].optional) return wanted;
  // A group that took no part is null, whether libcudf gives null or the empty text, which the group itself cannot take.
  return only_where(opposite(equal_text(wanted, "")), wanted);
}

/** A replacement in front of, between and behind all code points. */
Lane interleaved(const Lane& a, const std::string& replacement) {
  const Context& context = a.context();
  const Program program = cudf::strings::regex_program::create("(.)", cudf::strings::regex_flags::DOTALL);
  const Lane spread{cudf::strings::replace_with_backrefs(a.text(), *program, "${1}" + replacement, context.stream, context.memory), a};
  return joined({constant_text(a, replacement), spread});
}

Lane replace_text(const Arguments& args) {
  const Lane& a = args[0];
  const std::string& text = args.text("text");
  const std::string& replacement = args.text("replacement");
  const bool all = args.flag("all");
  if (text.empty()) return all ? interleaved(a, replacement) : joined({constant_text(a, replacement), a});
  return {cudf::strings::replace(a.text(), scalar_of(text, args.context), scalar_of(replacement, args.context), all ? -1 : 1,
                                 args.context.stream, args.context.memory),
          a};
}

/** Whether a replacement's text is text for libcudf too, where groups are written \1 or ${1}. */
bool is_plain_replacement(const std::string& text) { return text.find_first_of("\\$") == std::string::npos; }

Lane replace_regex(const Arguments& args) {
  const Lane& a = args[0];
  Pattern pattern = pattern_of(args.call, PatternUse::replace);
  const bool all = args.flag("all");
  const auto& parts = args.call.options.at("template").items();
  std::string plain;
  std::string with_groups;
  bool has_groups = false;
  for (const plan::Json& part : parts) {
    const bool group = part.kind() == plan::Json::Kind::number;
    has_groups = has_groups || group;
    with_groups += group ? "${" + std::to_string(part.as_int64()) + "}" : part.as_text();
    if (!group) plain += part.as_text();
  }
  const Context& context = args.context;
  if (!has_groups) {
    const auto most = all ? std::nullopt : std::optional<cudf::size_type>{1};
    const Program program = program_of(pattern, pattern.text);
    return {cudf::strings::replace_re(a.text(), *program, scalar_of(plain, context), most, context.stream, context.memory), a};
  }
  if (all) {
    const Program program = program_of(pattern, pattern.text);
    return {cudf::strings::replace_with_backrefs(a.text(), *program, with_groups, context.stream, context.memory), a};
  }
  // The first match alone: what is before it, its groups, and what is behind it.
  const std::string anything = ".*";
  pattern.dot_all = true;  // a dot of the plan's that stops at lines is written as a class
  const std::vector<Lane> groups = extracted(a, pattern, "\\A(" + anything + "?)(" + pattern.text + ")(" + anything + ")\\Z");
  const auto empty = text_scalar("", args.context);
  std::vector<Lane> pieces{groups.front()};
  for (const plan::Json& part : parts) {
    if (part.kind() != plan::Json::Kind::number) pieces.push_back(constant_text(a, part.as_text()));
    else pieces.push_back(with_default(groups[static_cast<std::size_t>(part.as_int64()) + 1], *empty));
  }
  pieces.push_back(groups.back());
  const Lane replaced = joined(pieces);
  return select(is_present(replaced), replaced, a);
}

template <bool upper>
Lane change_case(const Arguments& args) {
  const Lane& a = args[0];
  const Context& context = args.context;
  // Where every character is one byte, libcudf's mapping is that of ASCII.
  const Lane more = compare(Lane{cudf::strings::count_bytes(a.text(), context.stream, context.memory), a}, Binary::NOT_EQUAL, length_of(a));
  if (!first_where(more)) {
    auto mapped = upper ? cudf::strings::to_upper(a.text(), context.stream, context.memory)
                        : cudf::strings::to_lower(a.text(), context.stream, context.memory);
    return {std::move(mapped), a};
  }
  // libcudf's characters are the bytes of UTF-8 as one number.
  const auto packed = [](char32_t code) {
    cudf::char_utf8 value = 0;
    for (const char byte : utf8(code)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  };
  std::vector<std::pair<cudf::char_utf8, cudf::char_utf8>> table;
  for (const CaseRun& run : case_runs(upper))
    for (std::int32_t i = 0; i < run.count; ++i) {
      const std::int32_t code = run.first + i * run.step;
      table.emplace_back(packed(static_cast<char32_t>(code)), packed(static_cast<char32_t>(code + run.shift)));
    }
  return {cudf::strings::translate(a.text(), table, context.stream, context.memory), a};
}

Lane char_count(const Arguments& args) { return length_of(args[0]).cast(args.result()); }
Lane byte_count(const Arguments& args) {
  const Lane& a = args[0];
  return Lane{cudf::strings::count_bytes(a.text(), args.context.stream, args.context.memory), a}.cast(args.result());
}

template <side_type side>
Lane trimmed(const Arguments& args) {
  // Unicode's white space; libcudf's own set is ASCII's.
  static const std::string kSpaces = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
                                     "\u200a\u2028\u2029\u202f\u205f\u3000";
  const std::string chars = args.text_or_none("chars").value_or(kSpaces);
  if (chars.empty()) return args[0];
  return {cudf::strings::strip(args[0].text(), side, scalar_of(chars, args.context), args.context.stream, args.context.memory), args[0]};
}

/** A negative offset counts from the end; what would lie before the start is cut off. */
Lane slice(const Arguments& args) {
  const Lane& a = args[0];
  const std::int64_t offset = args.integer("offset");
  const plan::Json& option = args.call.options.at("length");
  const std::optional<std::int64_t> length = option.is_null() ? std::nullopt : std::optional{option.as_int64()};
  if (length && *length == 0) return null_like(constant_text(a, ""), {&a});
  if (offset >= 0) {
    const std::int64_t stop = length ? std::min<std::int64_t>(offset + *length, INT32_MAX) : -1;
    return slice_text(a, static_cast<int>(offset), static_cast<int>(stop));
  }
  const Lane chars = with_default(length_of(a), 0).cast(kInt64);
  const Lane start = chars + offset;
  const Lane stop = length ? start + *length : chars;
  const auto bounded = [](const Lane& position) { return select(position < 0, 0, position).cast(kInt32); };
  const cudf::column_view& text = a.view();
  return null_like(Lane{cudf::strings::slice_strings(cudf::strings_column_view{text}, bounded(start).view(), bounded(stop).view(),
                                                     args.context.stream, args.context.memory),
                        a},
                   {&a});
}

template <side_type side>
Lane padded(const Arguments& args) {
  return {cudf::strings::pad(args[0].text(), static_cast<cudf::size_type>(args.integer("length")), side, args.text("fill"),
                             args.context.stream, args.context.memory),
          args[0]};
}

Lane zero_padded(const Arguments& args) {
  return {cudf::strings::zfill(args[0].text(), static_cast<cudf::size_type>(args.integer("length")), args.context.stream,
                               args.context.memory),
          args[0]};
}

Lane concatenated(const Arguments& args) { return joined(args.lanes); }

Lane split(const Arguments& args) {
  const Lane& a = args[0];
  const std::string& separator = args.text("separator");
  if (!separator.empty())
    return {cudf::strings::split_record(a.text(), scalar_of(separator, args.context), -1, args.context.stream, args.context.memory), a};
  // Every code point.
  const Program program = cudf::strings::regex_program::create(".", cudf::strings::regex_flags::DOTALL);
  return {cudf::strings::findall(a.text(), *program, args.context.stream, args.context.memory), a};
}

std::string why_not_matches(const plan::Expr& call) {
  return pattern_of(std::get<plan::Call>(call.node), PatternUse::find).why_not;
}

std::string why_not_extract(const plan::Expr& expr) {
  const auto& call = std::get<plan::Call>(expr.node);
  const Pattern pattern = pattern_of(call, PatternUse::extract);
  const auto group = static_cast<std::size_t>(call.options.at("group").as_int64());
  if (!pattern.why_not.empty() || group == 0 || group > pattern.groups.size()) return pattern.why_not;
  const Pattern::Group& wanted = pattern.groups[group - 1];
  if (wanted.optional && wanted.may_be_empty)
    return "libcudf does not tell a group of a regular expression that took no part from one that took the empty text, which group " +
           std::to_string(group) + " of /" + call.options.at("pattern").as_text() + "/ may be either of.";
  return "";
}

std::string why_not_replace_text(const plan::Expr& expr) {
  const auto& options = std::get<plan::Call>(expr.node).options;
  const bool spread = options.at("text").as_text().empty() && options.at("all").as_bool();
  return spread && !is_plain_replacement(options.at("replacement").as_text())
             ? "libcudf has no way to write a backslash or a dollar sign into a replacement with groups, which replacing the empty text needs."
             : "";
}

std::string why_not_replace(const plan::Expr& expr) {
  const auto& call = std::get<plan::Call>(expr.node);
  const Pattern pattern = pattern_of(call, PatternUse::replace);
  if (!pattern.why_not.empty()) return pattern.why_not;
  if (!call.options.at("all").as_bool()) return "";
  bool groups = false;
  bool plain = true;
  for (const plan::Json& part : call.options.at("template").items()) {
    if (part.kind() != plan::Json::Kind::number) {
      plain = plain && is_plain_replacement(part.as_text());
      continue;
    }
    groups = true;
    const std::int64_t number = part.as_int64();
    if (number > 99) return "libcudf's replacements know the groups 1 to 99 of a regular expression.";
    if (number > 0 && pattern.groups[static_cast<std::size_t>(number - 1)].optional)
      return "libcudf does not say what a replacement has for a group that took no part in the match, as group " +
             std::to_string(number) + " of /" + call.options.at("pattern").as_text() + "/ may.";
  }
  return groups && !plain ? "libcudf has no way to write a backslash or a dollar sign into a replacement with groups." : "";
}

constexpr Function kRows[] = {
    {"contains", run_lanes<search<cudf::strings::contains, cudf::strings::contains>>, nullptr},
    {"startsWith", run_lanes<search<cudf::strings::starts_with, cudf::strings::starts_with>>, nullptr},
    {"endsWith", run_lanes<search<cudf::strings::ends_with, cudf::strings::ends_with>>, nullptr},
    {"matches", run_lanes<matches>, why_not_matches},
    {"extract", run_lanes<extract>, why_not_extract},
    {"replaceText", run_lanes<replace_text>, why_not_replace_text},
    {"replaceRegex", run_lanes<replace_regex>, why_not_replace},
    {"toUpperCase", run_lanes<change_case<true>>, nullptr},
    {"toLowerCase", run_lanes<change_case<false>>, nullptr},
    {"lenChars", run_lanes<char_count>, nullptr},
    {"lenBytes", run_lanes<byte_count>, nullptr},
    {"trim", run_lanes<trimmed<side_type::BOTH>>, nullptr},
    {"trimStart", run_lanes<trimmed<side_type::LEFT>>, nullptr},
    {"trimEnd", run_lanes<trimmed<side_type::RIGHT>>, nullptr},
    {"slice", run_lanes<slice>, nullptr},
    {"padStart", run_lanes<padded<side_type::LEFT>>, nullptr},
    {"padEnd", run_lanes<padded<side_type::RIGHT>>, nullptr},
    {"zfill", run_lanes<zero_padded>, nullptr},
    {"concat", run_lanes<concatenated>, nullptr},
    {"split", run_lanes<split>, nullptr},
};

}  // namespace

std::span<const Function> text_functions() { return kRows; }

}  // namespace warpframe::exec
