// strings/{find,case,slice,padding,strip,replace,combine,attributes,translate,split/split}.hpp
#include "strings_shared.hh"

#include <cudf/strings/attributes.hpp>
#include <cudf/strings/case.hpp>
#include <cudf/strings/combine.hpp>
#include <cudf/strings/find.hpp>
#include <cudf/strings/padding.hpp>
#include <cudf/strings/replace.hpp>
#include <cudf/strings/slice.hpp>
#include <cudf/strings/split/split.hpp>
#include <cudf/strings/strip.hpp>
#include <cudf/strings/translate.hpp>

#include <algorithm>
#include <map>

namespace warpframe::host {

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    out.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

std::string text_of(const cudf::string_scalar& scalar, Stream stream) {
  const Val value = value_of(scalar, stream);
  CUDF_EXPECTS(!value.null(), "Parameter must be a valid string.");
  return std::string(value.s());
}

namespace {

using Strings = cudf::strings_column_view;
using Test = bool (*)(std::string_view, std::string_view);

bool is_inside(std::string_view text, std::string_view target) { return text.find(target) != std::string_view::npos; }
bool is_start(std::string_view text, std::string_view target) { return text.substr(0, target.size()) == target; }
bool is_end(std::string_view text, std::string_view target) {
  return text.size() >= target.size() && text.substr(text.size() - target.size()) == target;
}

ColumnPtr search(const Strings& input, const cudf::string_scalar& target, Test test, Stream stream, Memory memory) {
  const std::string wanted = text_of(target, stream);
  return map_text(type_id::BOOL8, input, stream, memory, "find", [&](std::string_view text, size_type) { return Val::boolean(test(text, wanted)); });
}

/** `null_is_false`: a null target is found nowhere; otherwise it gives null. */
ColumnPtr search(const Strings& input, const Strings& targets, Test test, bool null_is_false, Stream stream, Memory memory) {
  CUDF_EXPECTS(input.size() == targets.size(), "strings and targets column must be the same size");
  const Col wanted(targets.parent(), stream, "find targets");
  return map_text(type_id::BOOL8, input, stream, memory, "find", [&](std::string_view text, size_type row) {
    if (!wanted.valid(row)) return null_is_false ? Val::boolean(false) : Val();
    return Val::boolean(test(text, wanted.at(row).s()));
  });
}

/** ASCII letters; other scripts are mapped by tables of libcudf's that are not here. */
ColumnPtr change_case(const Strings& input, char first, char last, Stream stream, Memory memory) {
  return map_text(type_id::STRING, input, stream, memory, "case", [&](std::string_view text, size_type) {
    std::string out(text);
    for (char& c : out) {
      if (static_cast<unsigned char>(c) >= 0x80) missing("case of letters beyond ASCII");
      if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
    }
    return Val::text(std::move(out));
  });
}

std::string slice_of(std::string_view text, std::int64_t start, std::int64_t stop, std::int64_t step) {
  const auto chars = characters(text);
  std::string out;
  for (std::int64_t i = start; i < std::min<std::int64_t>(stop, static_cast<std::int64_t>(chars.size())); i += step)
    out += chars[static_cast<std::size_t>(i)];
  return out;
}

}  // namespace
}  // namespace warpframe::host

namespace cudf::strings {

namespace host = warpframe::host;
using host::Val;
using Strings = strings_column_view;
using Result = std::unique_ptr<column>;
using Stream = cuda::stream_ref;
using Memory = rmm::device_async_resource_ref;

Result contains(const Strings& input, const string_scalar& target, Stream stream, Memory mr) { return host::search(input, target, host::is_inside, stream, mr); }
Result contains(const Strings& input, const Strings& targets, Stream stream, Memory mr) { return host::search(input, targets, host::is_inside, true, stream, mr); }
Result starts_with(const Strings& input, const string_scalar& target, Stream stream, Memory mr) { return host::search(input, target, host::is_start, stream, mr); }
Result starts_with(const Strings& input, const Strings& targets, Stream stream, Memory mr) { return host::search(input, targets, host::is_start, false, stream, mr); }
Result ends_with(const Strings& input, const string_scalar& target, Stream stream, Memory mr) { return host::search(input, target, host::is_end, stream, mr); }
Result ends_with(const Strings& input, const Strings& targets, Stream stream, Memory mr) { return host::search(input, targets, host::is_end, false, stream, mr); }

Result to_lower(const Strings& input, Stream stream, Memory mr) { return host::change_case(input, 'A', 'Z', stream, mr); }
Result to_upper(const Strings& input, Stream stream, Memory mr) { return host::change_case(input, 'a', 'z', stream, mr); }

Result count_characters(const Strings& input, Stream stream, Memory mr) {
  return host::map_text(type_id::INT32, input, stream, mr, "count_characters", [](std::string_view text, size_type) {
    return Val::integer(static_cast<host::Int128>(host::characters(text).size()));
  });
}
Result count_bytes(const Strings& input, Stream stream, Memory mr) {
  return host::map_text(type_id::INT32, input, stream, mr, "count_bytes",
                        [](std::string_view text, size_type) { return Val::integer(static_cast<host::Int128>(text.size())); });
}

Result slice_strings(const Strings& input, std::optional<size_type> start, std::optional<size_type> stop, std::optional<size_type> step,
                     Stream stream, Memory mr) {
  const size_type from = start.value_or(0);
  const size_type by = step.value_or(1);
  // Positions before the start are not documented.
  if (from < 0 || stop.value_or(0) < 0 || by < 1) host::missing("slice_strings by negative positions");
  return host::map_text(type_id::STRING, input, stream, mr, "slice_strings", [&](std::string_view text, size_type) {
    return Val::text(host::slice_of(text, from, stop.value_or(std::numeric_limits<size_type>::max()), by));
  });
}

Result slice_strings(const Strings& input, const column_view& starts, const column_view& stops, Stream stream, Memory mr) {
  CUDF_EXPECTS(starts.size() == input.size() && stops.size() == input.size(), "Parameter starts must have the same number of rows as strings.");
  CUDF_EXPECTS(starts.type() == stops.type(), "Parameters starts and stops must be of the same type.");
  CUDF_EXPECTS(starts.null_count() == 0 && stops.null_count() == 0, "Parameters starts and stops must not contain nulls.");
  const host::Col from(starts, stream, "slice_strings");
  const host::Col to(stops, stream, "slice_strings");
  return host::map_text(type_id::STRING, input, stream, mr, "slice_strings", [&](std::string_view text, size_type row) {
    const auto begin = static_cast<std::int64_t>(from.at(row).i());
    const auto end = static_cast<std::int64_t>(to.at(row).i());
    if (begin < 0 || end < -1) host::missing("slice_strings by negative positions");
    return Val::text(host::slice_of(text, begin, end == -1 ? std::numeric_limits<size_type>::max() : end, 1));
  });
}

Result pad(const Strings& input, size_type width, side_type side, std::string_view fill, Stream stream, Memory mr) {
  CUDF_EXPECTS(host::characters(fill).size() == 1, "fill_char parameter must be a single character");
  return host::map_text(type_id::STRING, input, stream, mr, "pad", [&](std::string_view text, size_type) {
    const auto length = static_cast<size_type>(host::characters(text).size());
    if (length >= width) return Val::text(std::string(text));
    if (side == side_type::BOTH) host::missing("pad on both sides");
    std::string more;
    for (size_type i = length; i < width; ++i) more += fill;
    return Val::text(side == side_type::LEFT ? more + std::string(text) : std::string(text) + more);
  });
}

Result zfill(const Strings& input, size_type width, Stream stream, Memory mr) {
  return host::map_text(type_id::STRING, input, stream, mr, "zfill", [&](std::string_view text, size_type) {
    const auto length = static_cast<size_type>(host::characters(text).size());
    const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const std::string zeros(static_cast<std::size_t>(std::max(width - length, 0)), '0');
    return Val::text(std::string(text.substr(0, sign)) + zeros + std::string(text.substr(sign)));
  });
}

Result strip(const Strings& input, side_type side, const string_scalar& to_strip, Stream stream, Memory mr) {
  const std::string set = host::text_of(to_strip, stream);
  if (set.empty()) host::missing("strip of white space");
  const auto chars = host::characters(set);
  const auto goes = [&](std::string_view c) { return std::find(chars.begin(), chars.end(), c) != chars.end(); };
  return host::map_text(type_id::STRING, input, stream, mr, "strip", [&](std::string_view text, size_type) {
    auto kept = host::characters(text);
    if (side != side_type::RIGHT) kept.erase(kept.begin(), std::find_if_not(kept.begin(), kept.end(), goes));
    while (side != side_type::LEFT && !kept.empty() && goes(kept.back())) kept.pop_back();
    std::string out;
    for (const std::string_view c : kept) out += c;
    return Val::text(std::move(out));
  });
}

Result replace(const Strings& input, const string_scalar& target, const string_scalar& repl, size_type maxrepl, Stream stream, Memory mr) {
  const std::string from = host::text_of(target, stream);
  const std::string to = host::text_of(repl, stream);
  CUDF_EXPECTS(!from.empty(), "Parameter target must not be empty string.");
  return host::map_text(type_id::STRING, input, stream, mr, "replace", [&](std::string_view text, size_type) {
    std::string out;
    std::size_t at = 0;
    for (size_type n = 0; maxrepl < 0 || n < maxrepl; ++n) {
      const std::size_t found = text.find(from, at);
      if (found == std::string_view::npos) break;
      out += text.substr(at, found - at);
      out += to;
      at = found + from.size();
    }
    return Val::text(out + std::string(text.substr(at)));
  });
}

Result concatenate(const table_view& columns, const string_scalar& separator, const string_scalar& narep, separator_on_nulls,
                   Stream stream, Memory mr) {
  CUDF_EXPECTS(columns.num_columns() > 1, "At least two columns must be specified");
  const std::string between = host::text_of(separator, stream);
  if (!host::value_of(narep, stream).null()) host::missing("concatenate with a replacement of nulls");
  for (const column_view& c : columns) CUDF_EXPECTS(c.type().id() == type_id::STRING, "All columns must be of type string");
  const auto parts = host::cols(columns, stream, "concatenate");
  return host::make_rows(type_id::STRING, columns.num_rows(), stream, mr, [&](size_type row) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].valid(row)) return Val();
      out += (i > 0 ? between : "") + std::string(parts[i].at(row).s());
    }
    return Val::text(std::move(out));
  });
}

Result translate(const Strings& input, const std::vector<std::pair<char_utf8, char_utf8>>& table, Stream stream, Memory mr) {
  const auto bytes = [](char_utf8 value) {
    std::string out;
    for (; value != 0; value >>= 8) out.insert(out.begin(), static_cast<char>(value & 0xFF));
    return out;
  };
  std::map<std::string, std::string, std::less<>> known;
  for (const auto& [from, to] : table) known[bytes(from)] = bytes(to);
  return host::map_text(type_id::STRING, input, stream, mr, "translate", [&](std::string_view text, size_type) {
    std::string out;
    for (const std::string_view c : host::characters(text)) {
      const auto found = known.find(c);
      out += found == known.end() ? std::string(c) : found->second;
    }
    return Val::text(std::move(out));
  });
}

Result split_record(const Strings& input, const string_scalar& delimiter, size_type maxsplit, Stream stream, Memory mr) {
  const std::string between = host::text_of(delimiter, stream);
  if (between.empty() || maxsplit > 0) host::missing("split_record at white space or a few times");
  return host::map_text(host::Type::list(type_id::STRING), input, stream, mr, "split_record", [&](std::string_view text, size_type) {
    std::vector<Val> items;
    for (std::size_t at = 0;;) {
      const std::size_t found = text.find(between, at);
      items.push_back(Val::text(std::string(text.substr(at, found == std::string_view::npos ? found : found - at))));
      if (found == std::string_view::npos) break;
      at = found + between.size();
    }
    return Val::list(std::move(items));
  });
}

}  // namespace cudf::strings
