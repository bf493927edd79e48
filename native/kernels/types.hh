// What the host and the device halves of every kernel share. Compiles with a C++ compiler, nvcc and NVRTC.
#pragma once

#if defined(__CUDACC_RTC__)
#include <cuda/std/cstddef>
#include <cuda/std/cstdint>
namespace std {
using cuda::std::int16_t;
using cuda::std::int32_t;
using cuda::std::int64_t;
using cuda::std::int8_t;
using cuda::std::size_t;
using cuda::std::uint16_t;
using cuda::std::uint32_t;
using cuda::std::uint64_t;
using cuda::std::uint8_t;
}  // namespace std
#else
#include <cstddef>
#include <cstdint>
#endif

/** CUDA's stream, whose header is not needed to pass one on. */
struct CUstream_st;

namespace warpframe::kernels {

using Stream = CUstream_st*;

/** What a value of a column is. Bool is one byte; decimal is 128 bits, times a power of ten. */
enum class Type : std::uint8_t { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, decimal128 };

/**
 * Values of one type in device memory. `mask` has a bit per row, lowest first, set where there is a value; null: no row is
 * null. A null's value is anything.
 */
struct Column {
  const void* data = nullptr;
  const std::uint32_t* mask = nullptr;
  std::uint64_t mask_offset = 0;  // the bit of row 0
  std::uint64_t rows = 0;
  Type type = Type::f64;
  std::int32_t decimal_scale = 0;  // digits behind the point
};

}  // namespace warpframe::kernels
