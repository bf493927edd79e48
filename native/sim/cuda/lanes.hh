// CUDA's threads on the host. A launch runs block by block; a block is one fiber per CUDA thread on the calling thread:
// deterministic, fit for a debugger, for AddressSanitizer, and for ThreadSanitizer, which takes each fiber for a thread and a
// missing barrier for a data race. Barriers are strict: one that some lanes never reach, also because they have left the
// kernel, is an error. Not modelled: time, weak memory order, lockstep, occupancy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace warpframe::sim {

inline constexpr unsigned kWarpLanes = 32;
inline constexpr unsigned kMostThreads = 1024;
/** What a block may have at most, static and dynamic together, without asking (as on every architecture). */
inline constexpr std::size_t kSharedBytes = 48 * 1024;
inline constexpr unsigned kFullMask = 0xffffffffu;

struct Size3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
  constexpr unsigned long long count() const { return static_cast<unsigned long long>(x) * y * z; }
};

/** A kernel that broke a rule: what cudaGetErrorString says after the launch. */
struct KernelError {
  std::string message;
};

/** Thrown through the lanes that can never go on, so that their stacks unwind. */
struct LaneStopped {};

/** Where `expected` lanes wait for each other. Arriving publishes a lane's writes, leaving it makes all of theirs seen. */
struct Barrier {
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<std::uint32_t> generation{0};
  std::uint32_t expected = 0;
  void arrive(const char* what);
};

struct Block;

struct Lane {
  Size3 thread;
  unsigned linear = 0;
  Block* block = nullptr;
  bool done = false;
  const char* waits_for = nullptr;
};

struct Warp {
  Barrier barrier;
  std::uint64_t exchange[kWarpLanes] = {};
};

/** State of a launch that all blocks share. */
struct Grid {
  Size3 blocks;
  Size3 threads;
  std::size_t dynamic_shared_bytes = 0;
  bool cooperative = false;
  Barrier all;  // of a cooperative launch
  std::atomic<std::uint64_t> progress{0};
  std::atomic<bool> stopped{false};
};

struct Block {
  Size3 index;
  Grid* grid = nullptr;
  unsigned lanes = 0;
  Barrier all;
  std::vector<Warp> warps;
  std::map<const void*, std::unique_ptr<char[]>> shared;  // exactly sized: AddressSanitizer sees overruns
  std::size_t shared_bytes = 0;
  std::unique_ptr<char[]> dynamic_shared;

  /** Before any lane runs. */
  void start(Grid& of, unsigned long long number);
};

extern thread_local Lane* current_lane;

/** The block's own copy of a shared variable, of unspecified content (all bits set). */
void* shared_variable(const void* key, std::size_t bytes);
[[noreturn]] void fail(std::string message);
void check_mask(unsigned mask, const char* what);
void block_barrier();
void warp_barrier(unsigned mask, const char* what);
void grid_barrier();
/** Publishes up to 8 bytes to the warp and waits for the others' to be there. */
void publish(std::uint64_t bits, unsigned mask, const char* what);
/** What a lane of this warp published; lanes beyond the block's end published nothing, which is an error to read. */
std::uint64_t published(unsigned lane);
inline unsigned lane_number() { return current_lane->linear % kWarpLanes; }
inline unsigned warp_lanes() {
  const unsigned first = current_lane->linear / kWarpLanes * kWarpLanes;
  const unsigned left = current_lane->block->lanes - first;
  return left < kWarpLanes ? left : kWarpLanes;
}
inline Warp& warp() { return current_lane->block->warps[current_lane->linear / kWarpLanes]; }

/** The order in which lanes and blocks take their turns: 0 ascending, else shuffled by the seed; at first that of the
 *  environment variable WARPFRAME_SIM_SEED. */
void set_schedule(std::uint32_t seed);

/** Runs a kernel body for every lane of every block. @throws KernelError */
void run_grid(Size3 blocks, Size3 threads, std::size_t dynamic_shared_bytes, bool cooperative, void (*body)(const void*),
              const void* argument);

template <class T>
std::uint64_t bits_of(T value) {
  static_assert(sizeof(T) <= 8, "A warp exchanges at most 8 bytes a lane");
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T>
T value_of(std::uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}
template <class T>
T exchange(T value, unsigned source, unsigned mask, const char* what) {
  publish(bits_of(value), mask, what);
  const T result = value_of<T>(published(source % kWarpLanes));
  warp_barrier(mask, what);
  return result;
}

}  // namespace warpframe::sim
