#include "value_check.hh"

#include <cstring>

#include "host_array.hh"

namespace warpframe::engine {
namespace {

/** The bytes that a character takes, by the table of well-formed sequences in the Unicode standard; 0: none starts here. */
std::size_t character(const unsigned char* at, std::size_t left) {
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // shorter forms
    if (first == 0xed) high = 0x9f;  // surrogates
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;  // beyond U+10FFFF
  }
  if (length == 0 || length > left || at[1] < low || at[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (at[i] < 0x80 || at[i] > 0xbf) return 0;
  return length;
}

bool is_present(const std::byte* validity, std::int64_t row) { return validity == nullptr || bit_at(validity, row); }

}  // namespace

bool is_utf8(const std::byte* bytes, std::size_t length) {
  const auto* const text = reinterpret_cast<const unsigned char*>(bytes);
  std::size_t at = 0;
  while (at < length) {
    // Most text is ASCII, eight bytes at a time.
    for (std::uint64_t word = 0; at + 8 <= length; at += 8) {
      std::memcpy(&word, text + at, 8);
      if ((word & 0x8080808080808080u) != 0) break;
    }
    for (const std::size_t stop = at + 8; at < length && at < stop;) {
      const std::size_t taken = character(text + at, length - at);
      if (taken == 0) return false;
      at += taken;
    }
  }
  return true;
}

std::int64_t first_not_utf8(const std::int32_t* offsets, std::int64_t rows, const std::byte* bytes,
                            const std::byte* validity) {
  const std::int32_t first = offsets[0];
  const std::int32_t last = offsets[rows];
  // All at once; then no row may begin inside a character.
  bool good = is_utf8(bytes, static_cast<std::size_t>(last - first));
  for (std::int64_t i = 0; good && i < rows; ++i)
    if (offsets[i] < last && (bytes[offsets[i] - first] & std::byte{0xc0}) == std::byte{0x80}) good = false;
  if (good) return -1;
  for (std::int64_t i = 0; i < rows; ++i)
    if (is_present(validity, i) &&
        !is_utf8(bytes + (offsets[i] - first), static_cast<std::size_t>(offsets[i + 1] - offsets[i])))
      return i;
  return -1;
}

std::int64_t first_too_wide(const __int128* values, std::int64_t rows, int precision, const std::byte* validity) {
  __int128 limit = 1;
  for (int i = 0; i < precision; ++i) limit *= 10;
  for (std::int64_t i = 0; i < rows; ++i) {
    __int128 value;
    std::memcpy(&value, values + i, sizeof value);  // host buffers are aligned for their words of eight bytes only
    if ((value >= limit || value <= -limit) && is_present(validity, i)) return i;
  }
  return -1;
}

}  // namespace warpframe::engine
