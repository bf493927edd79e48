// Device half: reading a value of any numeric column.
#pragma once

#include "kernels/device.cuh"

#if WF_DEVICE_HALF
namespace warpframe::kernels {

__device__ inline bool is_value(const Column& c, std::uint64_t row) {
  if (c.mask == nullptr) return true;
  const std::uint64_t bit = c.mask_offset + row;
  return ((c.mask[bit >> 5] >> (bit & 31)) & 1u) != 0;
}

template <class T>
__device__ inline T item(const Column& c, std::uint64_t row) {
  return static_cast<const T*>(c.data)[row];
}

/** 10 to a power from 0 to 38, exact up to 22. */
__device__ inline double power_of_ten(int digits) {
  double result = 1;
  double base = 10;
  for (int n = digits; n > 0; n >>= 1) {
    if ((n & 1) != 0) result *= base;
    base *= base;
  }
  return result;
}

/** 128 bits in two's complement, low word first, as a double: rounded twice, so at most one unit off. */
__device__ inline double decimal_value(const Column& c, std::uint64_t row) {
  const std::uint64_t* const words = static_cast<const std::uint64_t*>(c.data) + 2 * row;
  std::uint64_t low = words[0];
  std::uint64_t high = words[1];
  const bool negative = (high >> 63) != 0;
  if (negative) {
    high = ~high + (low == 0 ? 1u : 0u);
    low = ~low + 1u;
  }
  const double size = static_cast<double>(high) * 18446744073709551616.0 + static_cast<double>(low);
  const double scaled = c.decimal_scale >= 0 ? size / power_of_ten(c.decimal_scale) : size * power_of_ten(-c.decimal_scale);
  return negative ? -scaled : scaled;
}

__device__ inline double number_at(const Column& c, std::uint64_t row) {
  switch (c.type) {
    case Type::boolean: return item<std::uint8_t>(c, row) != 0 ? 1.0 : 0.0;
    case Type::i8: return item<std::int8_t>(c, row);
    case Type::i16: return item<std::int16_t>(c, row);
    case Type::i32: return item<std::int32_t>(c, row);
    case Type::i64: return static_cast<double>(item<std::int64_t>(c, row));
    case Type::u8: return item<std::uint8_t>(c, row);
    case Type::u16: return item<std::uint16_t>(c, row);
    case Type::u32: return item<std::uint32_t>(c, row);
    case Type::u64: return static_cast<double>(item<std::uint64_t>(c, row));
    case Type::f32: return static_cast<double>(item<float>(c, row));
    case Type::f64: return item<double>(c, row);
    case Type::decimal128: return decimal_value(c, row);
  }
  return 0;
}

/** A whole number of an integer or Bool column; the host refuses other types, and u64 past 2⁶³ is no code. */
__device__ inline std::int64_t code_at(const Column& c, std::uint64_t row) {
  switch (c.type) {
    case Type::boolean: return item<std::uint8_t>(c, row) != 0 ? 1 : 0;
    case Type::i8: return item<std::int8_t>(c, row);
    case Type::i16: return item<std::int16_t>(c, row);
    case Type::i32: return item<std::int32_t>(c, row);
    case Type::i64: return item<std::int64_t>(c, row);
    case Type::u8: return item<std::uint8_t>(c, row);
    case Type::u16: return item<std::uint16_t>(c, row);
    case Type::u32: return item<std::uint32_t>(c, row);
    case Type::u64: return static_cast<std::int64_t>(item<std::uint64_t>(c, row));
    default: return -1;
  }
}

}  // namespace warpframe::kernels
#endif
