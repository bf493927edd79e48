// What the string functions of the host libcudf share.
#pragma once

#include "host.hh"

#include <cudf/strings/strings_column_view.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace warpframe::host {

/** The characters of UTF-8 text, each as its bytes. */
std::vector<std::string_view> characters(std::string_view text);
/** The text of a valid string scalar. */
std::string text_of(const cudf::string_scalar& scalar, Stream stream);

/** One value a row; null where the string is. */
template <typename Value>
ColumnPtr map_text(const Type& type, const cudf::strings_column_view& input, Stream stream, Memory memory, const char* what,
                   Value value) {
  const Col rows(input.parent(), stream, what);
  return make_rows(type, rows.size(), stream, memory, [&](size_type row) { return rows.valid(row) ? value(rows.at(row).s(), row) : Val(); });
}

}  // namespace warpframe::host
