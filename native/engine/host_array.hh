// One Arrow array of the caller's, read with checks: sizes are known, so that nothing past a buffer is touched.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "../util/failure.hh"
#include "engine.h"

namespace warpframe::engine {

class HostArray {
 public:
  HostArray(const ArrowArray& array, const std::string& column) : array_(array), column_(column) {}

  std::int64_t length() const { return array_.length; }
  const std::string& column() const { return column_; }
  bool has_validity() const { return array_.n_buffers > 0 && array_.buffers[0] != nullptr; }
  bool has_dictionary() const { return array_.dictionary != nullptr; }
  HostArray dictionary() const { return {*array_.dictionary, column_}; }
  HostArray child(std::int64_t i) const {
    if (i >= array_.n_children) fail("a child array", "none");
    return {*array_.children[i], column_};
  }

  /** Elements [from, from + count) of a buffer. @throws Failure ERR_SHAPE when it has fewer */
  template <typename T>
  const T* elements(std::int64_t buffer, std::int64_t from, std::int64_t count) const {
    return static_cast<const T*>(bytes(buffer, (array_.offset + from) * static_cast<std::int64_t>(sizeof(T)),
                                       count * static_cast<std::int64_t>(sizeof(T))));
  }

  /** Bytes [from, from + count) of a buffer, whatever the array's offset. */
  const void* bytes(std::int64_t buffer, std::int64_t from, std::int64_t count) const {
    const std::int64_t size = buffer < array_.n_buffers && array_.buffers[buffer]
                                  ? static_cast<const std::int64_t*>(array_.private_data)[buffer]
                                  : 0;
    if (from < 0 || count < 0 || from + count > size)
      fail(std::to_string(from + count) + " bytes in buffer " + std::to_string(buffer), std::to_string(size));
    return count == 0 ? nullptr : static_cast<const std::byte*>(array_.buffers[buffer]) + from;
  }

  /** Bits [from, from + count) of a buffer; copied where they do not start on a byte. */
  const std::byte* bits(std::int64_t buffer, std::int64_t from, std::int64_t count, std::vector<std::byte>& copy) const {
    const std::int64_t first = array_.offset + from;
    const auto* const source =
        static_cast<const std::byte*>(bytes(buffer, first / 8, (first % 8 + count + 7) / 8));
    const int shift = static_cast<int>(first % 8);
    if (shift == 0) return source;
    copy.resize(static_cast<std::size_t>(count + 7) / 8);
    const std::int64_t last = (first % 8 + count + 7) / 8 - 1;
    for (std::size_t i = 0; i < copy.size(); ++i) {
      const std::byte next = static_cast<std::int64_t>(i) < last ? source[i + 1] : std::byte{0};
      copy[i] = source[i] >> shift | next << (8 - shift);
    }
    return copy.data();
  }

  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw Failure("ERR_SHAPE", "Expected " + expected + " for column \"" + column_ + "\" but it has " + got + ".");
  }

 private:
  const ArrowArray& array_;
  const std::string& column_;
};

inline bool bit_at(const std::byte* bits, std::int64_t i) {
  return (static_cast<unsigned>(bits[i / 8]) >> (i % 8) & 1U) != 0;
}

inline std::int64_t count_bits(const std::byte* bits, std::int64_t n) {
  std::int64_t count = 0;
  std::int64_t i = 0;
  for (; i + 64 <= n; i += 64) {
    std::uint64_t word;
    std::memcpy(&word, bits + i / 8, 8);
    count += std::popcount(word);
  }
  for (; i < n; ++i) count += bit_at(bits, i);
  return count;
}

}  // namespace warpframe::engine
