// Philox 4×32-10 word by word, as its authors describe it.
#include <algorithm>
#include <array>
#include <numeric>

#include "kernels/reference/reference.hh"

namespace warpframe::kernels::reference {
namespace {

using Counter = std::array<std::uint32_t, 4>;

Counter philox(Counter c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = 0xD2511F53ull * c[0];
    const std::uint64_t right = 0xCD9E8D57ull * c[2];
    const Counter next{static_cast<std::uint32_t>(right >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(right),
                       static_cast<std::uint32_t>(left >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(left)};
    c = next;
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return c;
}

}  // namespace

double uniform(std::uint32_t seed, std::uint64_t index) {
  const Counter w =
      philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), 0, 0}, {seed, 0});
  return (w[0] * 2097152.0 + (w[1] >> 11)) / 9007199254740992.0;
}

std::vector<std::uint32_t> bootstrap(std::uint32_t seed, std::uint32_t sample, std::uint32_t rows, std::uint64_t draws) {
  std::vector<std::uint32_t> out(draws);
  for (std::uint64_t i = 0; i < draws; ++i) {
    const Counter w = philox({static_cast<std::uint32_t>(i / 4), sample, 0, 0}, {seed, 0});
    out[i] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(w[i % 4]) * rows >> 32);
  }
  return out;
}

std::vector<std::uint32_t> permutation(std::uint32_t seed, std::uint64_t start, std::uint32_t rows) {
  std::vector<double> draws(rows);
  for (std::uint32_t i = 0; i < rows; ++i) draws[i] = uniform(seed, start + i);
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return draws[a] < draws[b]; });
  return order;
}

}  // namespace warpframe::kernels::reference
