// Device half: Philox 4×32-10. Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011).
#pragma once

#include "kernels/device.cuh"

#if WF_DEVICE_HALF
namespace warpframe::kernels {

struct Words4 {
  std::uint32_t x[4];
};

__device__ inline Words4 philox4x32(Words4 counter, std::uint32_t key) {
  std::uint32_t key0 = key;
  std::uint32_t key1 = 0;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xd2511f53u} * counter.x[0];
    const std::uint64_t product1 = std::uint64_t{0xcd9e8d57u} * counter.x[2];
    counter = {{static_cast<std::uint32_t>(product1 >> 32) ^ counter.x[1] ^ key0, static_cast<std::uint32_t>(product1),
                static_cast<std::uint32_t>(product0 >> 32) ^ counter.x[3] ^ key1, static_cast<std::uint32_t>(product0)}};
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return counter;
}

/** What position `index` of stream `seed` draws, times 2⁵³. */
__device__ inline std::uint64_t draw53(std::uint32_t seed, std::uint64_t index) {
  const Words4 counter{{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), 0, 0}};
  const Words4 w = philox4x32(counter, seed);
  return (static_cast<std::uint64_t>(w.x[0]) << 21) | (w.x[1] >> 11);
}

}  // namespace warpframe::kernels
#endif
