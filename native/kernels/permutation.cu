// A radix sort of (53-bit draw, row) pairs: seven passes of 8 bits from the lowest, each stable, so that rows stay in order
// among equal draws. A pass:
//   wf_radix_count    a block counts the digits of its tile        counts[digit][block]
//   wf_radix_scan     one block turns counts into first places     (exclusive prefix sum over digits, then blocks)
//   wf_radix_scatter  a block puts the items of its tile in place
// A tile is 2,048 items; each of the block's 8 warps has 256 of them in order, 32 at a time. Source: Satish, Harris and
// Garland, Designing efficient sorting algorithms for manycore GPUs (2009).
#include "kernels/permutation.cuh"

#include "kernels/philox_device.cuh"

namespace warpframe::kernels {
namespace radix {

constexpr unsigned kThreads = 256;
constexpr unsigned kWarps = kThreads / 32;
constexpr unsigned kRounds = 8;
constexpr unsigned kTile = kThreads * kRounds;
constexpr unsigned kDigits = 256;
constexpr unsigned kBits = 8;
constexpr unsigned kPasses = 7;
constexpr unsigned kScanThreads = 512;
constexpr unsigned kScanItems = 16;  // counts a thread has at a time
constexpr unsigned kMostBlocks = 1u << 20;

struct KeyArguments {
  std::uint32_t seed;
  std::uint64_t start;
  std::uint32_t rows;
  std::uint64_t* keys;
  std::uint32_t* order;
};
struct PassArguments {
  const std::uint64_t* keys;
  const std::uint32_t* order;
  std::uint64_t* next_keys;
  std::uint32_t* next_order;
  std::uint32_t* counts;
  std::uint32_t rows;
  std::uint32_t tiles;
  std::uint32_t shift;
};
struct PartArguments {
  const std::uint32_t* order;
  const std::uint32_t* cuts;
  std::uint32_t* part;
  std::uint32_t rows;
  std::uint32_t cut_count;
};

constexpr std::uint32_t tiles_of(std::uint32_t rows) { return rows / kTile + (rows % kTile != 0 ? 1 : 0); }

#if WF_DEVICE_HALF
/** Counts the digits of this warp's items into own[digit]; a lane with a digit that others have too lets the first count. */
__device__ inline void count_digits(const PassArguments& a, std::uint32_t first, std::uint32_t* own) {
  const unsigned lane = threadIdx.x % 32;
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t item = static_cast<std::uint64_t>(first) + round * 32 + lane;
    const unsigned digit = item < a.rows ? (a.keys[item] >> a.shift) & (kDigits - 1) : kDigits;
    const unsigned peers = __match_any_sync(~0u, digit);
    if (digit < kDigits && static_cast<unsigned>(__ffs(static_cast<int>(peers))) == lane + 1)
      own[digit] += static_cast<unsigned>(__popc(peers));
    __syncwarp();
  }
}
#endif

}  // namespace radix

#if WF_DEVICE_HALF
WF_KERNEL(wf_permutation_keys, radix::kThreads)(const radix::KeyArguments a) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * radix::kThreads;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * radix::kThreads + threadIdx.x; i < a.rows; i += step) {
    a.keys[i] = draw53(a.seed, a.start + i);
    a.order[i] = static_cast<std::uint32_t>(i);
  }
}

WF_KERNEL(wf_radix_count, radix::kThreads)(const radix::PassArguments a) {
  using namespace radix;
  WF_SHARED(std::uint32_t, counts, [kWarps][kDigits]);
  const unsigned warp = threadIdx.x / 32;
  for (unsigned w = 0; w < kWarps; ++w) counts[w][threadIdx.x] = 0;
  __syncthreads();
  count_digits(a, blockIdx.x * kTile + warp * (kTile / kWarps), counts[warp]);
  __syncthreads();
  std::uint32_t sum = 0;
  for (unsigned w = 0; w < kWarps; ++w) sum += counts[w][threadIdx.x];
  a.counts[static_cast<std::uint64_t>(threadIdx.x) * a.tiles + blockIdx.x] = sum;
}

// One block walks over all counts, 8,192 at a time: a thread adds up 16 neighbours, then a prefix sum by warps and over them.
WF_KERNEL(wf_radix_scan, radix::kScanThreads)(const radix::PassArguments a) {
  using namespace radix;
  WF_SHARED(std::uint32_t, sums, [kScanThreads / 32]);
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const std::uint64_t count = static_cast<std::uint64_t>(kDigits) * a.tiles;
  std::uint32_t before = 0;
  for (std::uint64_t first = 0; first < count; first += kScanThreads * kScanItems) {
    const std::uint64_t mine = first + threadIdx.x * kScanItems;
    std::uint32_t items[kScanItems];
    std::uint32_t own = 0;
#pragma unroll
    for (unsigned k = 0; k < kScanItems; ++k) {
      items[k] = mine + k < count ? a.counts[mine + k] : 0;
      own += items[k];
    }
    std::uint32_t upto = own;
    for (unsigned by = 1; by < 32; by *= 2) {
      const std::uint32_t other = __shfl_up_sync(~0u, upto, by);
      if (lane >= by) upto += other;
    }
    if (lane == 31) sums[warp] = upto;
    __syncthreads();
    std::uint32_t place = before + upto - own;
    for (unsigned w = 0; w < kScanThreads / 32; ++w) {
      if (w < warp) place += sums[w];
      before += sums[w];
    }
#pragma unroll
    for (unsigned k = 0; k < kScanItems; ++k) {
      if (mine + k < count) a.counts[mine + k] = place;
      place += items[k];
    }
    __syncthreads();
  }
}

WF_KERNEL(wf_radix_scatter, radix::kThreads)(const radix::PassArguments a) {
  using namespace radix;
  WF_SHARED(std::uint32_t, places, [kWarps][kDigits]);
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  for (unsigned w = 0; w < kWarps; ++w) places[w][threadIdx.x] = 0;
  __syncthreads();
  const std::uint32_t first = blockIdx.x * kTile + warp * (kTile / kWarps);
  count_digits(a, first, places[warp]);
  __syncthreads();
  // Thread d: where digit d of each warp begins.
  std::uint32_t place = a.counts[static_cast<std::uint64_t>(threadIdx.x) * a.tiles + blockIdx.x];
  for (unsigned w = 0; w < kWarps; ++w) {
    const std::uint32_t here = places[w][threadIdx.x];
    places[w][threadIdx.x] = place;
    place += here;
  }
  __syncthreads();
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t item = static_cast<std::uint64_t>(first) + round * 32 + lane;
    const bool valid = item < a.rows;
    const std::uint64_t key = valid ? a.keys[item] : 0;
    const unsigned digit = valid ? (key >> a.shift) & (kDigits - 1) : kDigits;
    const unsigned peers = __match_any_sync(~0u, digit);
    const unsigned ahead = static_cast<unsigned>(__popc(peers & ((1u << lane) - 1)));
    const std::uint32_t base = valid ? places[warp][digit] : 0;
    __syncwarp();
    if (valid) {
      a.next_keys[base + ahead] = key;
      a.next_order[base + ahead] = a.order[item];
      if (ahead == 0) places[warp][digit] = base + static_cast<unsigned>(__popc(peers));
    }
    __syncwarp();
  }
}

WF_KERNEL(wf_parts_of_order, radix::kThreads)(const radix::PartArguments a) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * radix::kThreads;
  for (std::uint64_t k = static_cast<std::uint64_t>(blockIdx.x) * radix::kThreads + threadIdx.x; k < a.rows; k += step) {
    std::uint32_t low = 0;
    std::uint32_t high = a.cut_count;
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      if (a.cuts[middle] <= k)
        low = middle + 1;
      else
        high = middle;
    }
    a.part[a.order[k]] = low;
  }
}
#endif

#if WF_HOST_HALF
namespace {

/** Where scratch is cut: two lists of keys, the other list of rows, the counts. */
struct Scratch {
  std::size_t other_keys;
  std::size_t other_order;
  std::size_t counts;
  std::size_t bytes;
};
Scratch scratch_of(std::uint32_t rows) {
  const std::size_t n = (static_cast<std::size_t>(rows) + 3) / 4 * 4;
  const std::size_t counts = sizeof(std::uint32_t) * radix::kDigits * radix::tiles_of(rows);
  return {8 * n, 16 * n, 20 * n, 20 * n + counts};
}

}  // namespace

std::size_t permutation_scratch_bytes(std::uint32_t rows) { return scratch_of(rows).bytes; }

void permutation(Stream stream, std::uint32_t seed, std::uint64_t start, std::uint32_t rows, void* scratch,
                 std::uint32_t* order) {
  using namespace radix;
  if (rows == 0) return;
  const Scratch cut = scratch_of(rows);
  char* const base = static_cast<char*>(scratch);
  auto* keys = reinterpret_cast<std::uint64_t*>(base);
  auto* other_keys = reinterpret_cast<std::uint64_t*>(base + cut.other_keys);
  auto* const other_order = reinterpret_cast<std::uint32_t*>(base + cut.other_order);
  auto* const counts = reinterpret_cast<std::uint32_t*>(base + cut.counts);
  // An odd number of passes: what starts in scratch ends in `order`.
  static_assert(kPasses % 2 == 1);
  std::uint32_t* from = other_order;
  std::uint32_t* to = order;
  const KeyArguments drawn{seed, start, rows, keys, from};
  WF_LAUNCH(wf_permutation_keys, dim3(blocks_for(rows, kThreads, kMostBlocks)), dim3(kThreads), 0, stream, drawn);
  const std::uint32_t tiles = tiles_of(rows);
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    const PassArguments arguments{keys, from, other_keys, to, counts, rows, tiles, pass * kBits};
    WF_LAUNCH(wf_radix_count, dim3(tiles), dim3(kThreads), 0, stream, arguments);
    WF_LAUNCH(wf_radix_scan, dim3(1), dim3(kScanThreads), 0, stream, arguments);
    WF_LAUNCH(wf_radix_scatter, dim3(tiles), dim3(kThreads), 0, stream, arguments);
    std::swap(keys, other_keys);
    std::swap(from, to);
  }
}

void parts_of_order(Stream stream, const std::uint32_t* order, std::uint32_t rows, const std::uint32_t* cuts,
                    std::uint32_t cut_count, std::uint32_t* part) {
  using namespace radix;
  if (rows == 0) return;
  const PartArguments arguments{order, cuts, part, rows, cut_count};
  WF_LAUNCH(wf_parts_of_order, dim3(blocks_for(rows, kThreads, kMostBlocks)), dim3(kThreads), 0, stream, arguments);
}
#endif

}  // namespace warpframe::kernels
