// What an engine takes for granted of rows and what comes from outside need not be: text is UTF-8, decimals fit their dtype.
#pragma once

#include <cstddef>
#include <cstdint>

namespace warpframe::engine {

bool is_utf8(const std::byte* bytes, std::size_t length);

/**
 * The first row whose text is not UTF-8, or -1. `bytes` is where the first row's text starts, whatever its offset;
 * `validity`: a bit a row, null where none is null. What lies under a null is not looked at.
 */
std::int64_t first_not_utf8(const std::int32_t* offsets, std::int64_t rows, const std::byte* bytes,
                            const std::byte* validity);

/** The first row whose unscaled value has more than `precision` digits, or -1. */
std::int64_t first_too_wide(const __int128* values, std::int64_t rows, int precision, const std::byte* validity);

}  // namespace warpframe::engine
