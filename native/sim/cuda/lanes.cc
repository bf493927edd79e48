// Barriers, shared memory, warps.
#include "sim/cuda/lanes.hh"

#include "sim/cuda/schedule.hh"

namespace warpframe::sim {

thread_local Lane* current_lane = nullptr;

void fail(std::string message) {
  const Lane* const lane = current_lane;
  if (lane != nullptr) {
    const Size3 b = lane->block->index;
    const Size3 t = lane->thread;
    message += " (block " + std::to_string(b.x) + "," + std::to_string(b.y) + "," + std::to_string(b.z) + " thread " +
               std::to_string(t.x) + "," + std::to_string(t.y) + "," + std::to_string(t.z) + ")";
  }
  throw KernelError{std::move(message)};
}

void Barrier::arrive(const char* what) {
  Lane* const lane = current_lane;
  Grid& grid = *lane->block->grid;
  grid.progress.fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t before = generation.load(std::memory_order_relaxed);
  if (waiting.fetch_add(1, std::memory_order_acq_rel) + 1 == expected) {
    waiting.store(0, std::memory_order_relaxed);
    generation.store(before + 1, std::memory_order_release);
    wake(generation);
    return;
  }
  lane->waits_for = what;
  while (generation.load(std::memory_order_acquire) == before && !grid.stopped.load(std::memory_order_relaxed))
    wait_for(generation, before);
  if (grid.stopped.load(std::memory_order_relaxed)) throw LaneStopped{};
  lane->waits_for = nullptr;
}

void Block::start(Grid& of, unsigned long long number) {
  grid = &of;
  lanes = static_cast<unsigned>(of.threads.count());
  all.expected = lanes;
  warps = std::vector<Warp>((lanes + kWarpLanes - 1) / kWarpLanes);
  for (unsigned w = 0; w < warps.size(); ++w) {
    const unsigned left = lanes - w * kWarpLanes;
    warps[w].barrier.expected = left < kWarpLanes ? left : kWarpLanes;
  }
  const Size3 blocks = of.blocks;
  index = {static_cast<unsigned>(number % blocks.x), static_cast<unsigned>(number / blocks.x % blocks.y),
           static_cast<unsigned>(number / blocks.x / blocks.y)};
  shared_bytes = of.dynamic_shared_bytes;
  if (shared_bytes == 0) return;
  dynamic_shared = std::make_unique<char[]>(shared_bytes);
  std::memset(dynamic_shared.get(), 0xff, shared_bytes);
}

namespace {

/** @returns whether it fits */
bool find_shared(Block& block, const void* key, std::size_t bytes, void*& result) {
  const Unseen unseen;
  std::unique_ptr<char[]>& place = block.shared[key];
  if (!place) {
    place = std::make_unique<char[]>(bytes);
    std::memset(place.get(), 0xff, bytes);
    block.shared_bytes += bytes;
  }
  result = place.get();
  return block.shared_bytes <= kSharedBytes;
}

}  // namespace

void* shared_variable(const void* key, std::size_t bytes) {
  void* result = nullptr;
  if (!find_shared(*current_lane->block, key, bytes, result)) fail("The block needs more than 48 KiB of shared memory");
  return result;
}

void check_mask(unsigned mask, const char* what) {
  const unsigned lanes = warp_lanes();
  const unsigned whole = lanes == kWarpLanes ? kFullMask : (1u << lanes) - 1;
  if (mask != kFullMask && mask != whole) fail(std::string(what) + ": only whole warps are simulated");
}

void block_barrier() { current_lane->block->all.arrive("__syncthreads"); }

void warp_barrier(unsigned mask, const char* what) {
  check_mask(mask, what);
  warp().barrier.arrive(what);
}

void grid_barrier() {
  Grid& grid = *current_lane->block->grid;
  if (!grid.cooperative) fail("A grid-wide barrier outside a cooperative launch");
  grid.all.arrive("a grid-wide barrier");
}

void publish(std::uint64_t bits, unsigned mask, const char* what) {
  check_mask(mask, what);
  warp().exchange[lane_number()] = bits;
  warp().barrier.arrive(what);
}

std::uint64_t published(unsigned lane) {
  if (lane >= warp_lanes()) fail("A lane reads from a lane that the warp does not have");
  return warp().exchange[lane];
}

}  // namespace warpframe::sim
