// strings/convert/*.hpp
#include "strings_shared.hh"

#include <cudf/strings/convert/convert_booleans.hpp>
#include <cudf/strings/convert/convert_fixed_point.hpp>
#include <cudf/strings/convert/convert_integers.hpp>
#include <cudf/utilities/traits.hpp>

#include <algorithm>

namespace warpframe::host {
namespace {

std::string digits_of(Int128 value) {
  using Bits = unsigned __int128;
  Bits size = value < 0 ? Bits{0} - static_cast<Bits>(value) : static_cast<Bits>(value);
  std::string out;
  do out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(size % 10)));
  while ((size /= 10) != 0);
  return value < 0 ? "-" + out : out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace
}  // namespace warpframe::host

namespace cudf::strings {

namespace host = warpframe::host;
using host::Int128;
using host::Val;

std::unique_ptr<column> from_integers(const column_view& integers, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_integral_not_bool(integers.type()), "Values for from_integers function must be an integral type.");
  const host::Col rows(integers, stream, "from_integers");
  return host::make_rows(type_id::STRING, rows.size(), stream, mr,
                         [&](size_type row) { return rows.valid(row) ? Val::text(host::digits_of(rows.at(row).i())) : Val(); });
}

/** Digits up to the first other character; what 64 bits do not hold is anything. */
std::unique_ptr<column> to_integers(const strings_column_view& input, data_type type, cuda::stream_ref stream,
                                    rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_integral_not_bool(type), "Output for to_integers function must be an integral type.");
  return host::map_text(type, input, stream, mr, "to_integers", [&](std::string_view text, size_type) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    Int128 value = 0;
    bool past = at >= text.size();
    for (; at < text.size() && host::is_digit(text[at]); ++at) {
      value = value * 10 + (text[at] - '0');
      past = past || value > INT64_MAX;
      if (past) break;
    }
    if (text.empty() || at < text.size()) past = true;  // text with anything else in it
    return Val::integer(past ? host::undefined() : text[0] == '-' ? -value : value);
  });
}

std::unique_ptr<column> from_booleans(const column_view& booleans, const string_scalar& yes, const string_scalar& no,
                                      cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(booleans.type().id() == type_id::BOOL8, "Input column must be boolean type");
  const host::Col rows(booleans, stream, "from_booleans");
  const std::string texts[] = {host::text_of(no, stream), host::text_of(yes, stream)};
  return host::make_rows(type_id::STRING, rows.size(), stream, mr,
                         [&](size_type row) { return rows.valid(row) ? Val::text(texts[rows.at(row).truth() ? 1 : 0]) : Val(); });
}

std::unique_ptr<column> from_fixed_point(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_fixed_point(input.type()), "Values for from_fixed_point function must be a decimal type.");
  const host::Col rows(input, stream, "from_fixed_point");
  const int places = -input.type().scale();
  return host::make_rows(type_id::STRING, rows.size(), stream, mr, [&](size_type row) {
    if (!rows.valid(row)) return Val();
    const Int128 value = rows.at(row).i();
    std::string digits = host::digits_of(value);
    if (places <= 0) return Val::text(value == 0 ? digits : digits + std::string(static_cast<std::size_t>(-places), '0'));
    const std::size_t sign = value < 0 ? 1 : 0;
    const auto wanted = static_cast<std::size_t>(places) + 1 + sign;
    if (digits.size() < wanted) digits.insert(sign, wanted - digits.size(), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
    return Val::text(std::move(digits));
  });
}

std::unique_ptr<column> to_fixed_point(const strings_column_view& input, data_type type, cuda::stream_ref stream,
                                       rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_fixed_point(type), "Output for to_fixed_point function must be a decimal type.");
  return host::map_text(type, input, stream, mr, "to_fixed_point", [&](std::string_view text, size_type) {
    const bool minus = !text.empty() && text[0] == '-';
    std::size_t at = minus || (!text.empty() && text[0] == '+') ? 1 : 0;
    Int128 value = 0;
    int places = 0;
    bool point = false;
    bool bad = at >= text.size();
    for (; at < text.size() && !bad; ++at) {
      if (text[at] == '.' && !point) {
        point = true;
      } else if (host::is_digit(text[at])) {
        if (point && places >= -type.scale()) continue;
        places += point ? 1 : 0;
        bad = __builtin_mul_overflow(value, Int128{10}, &value) || __builtin_add_overflow(value, Int128{text[at] - '0'}, &value);
      } else {
        bad = true;
      }
    }
    for (; places < -type.scale() && !bad; ++places) bad = __builtin_mul_overflow(value, Int128{10}, &value);
    return Val::integer(bad ? host::undefined() : minus ? -value : value);
  });
}

}  // namespace cudf::strings
