// Page-locked host memory that downloads land in, and that JavaScript then reads in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace warpframe::engine {

/** A block and what it may hold. */
struct PinnedBlock {
  void* data = nullptr;
  std::size_t capacity = 0;
};

/**
 * Keeps released blocks for the next download: locking pages is slow, and freeing them may wait for the device, so that
 * happens only in take(), on the device's thread.
 */
class SlabPool {
 public:
  /** `keep_bytes`: the most that idle blocks may hold. */
  explicit SlabPool(std::uint64_t keep_bytes) : keep_bytes_(keep_bytes) {}
  PinnedBlock take(std::size_t bytes);
  /** On any thread. */
  void give_back(PinnedBlock block);
  std::uint64_t live_bytes() const;

 private:
  mutable std::mutex mutex_;
  std::multimap<std::size_t, void*> idle_;
  std::vector<PinnedBlock> condemned_;
  std::uint64_t idle_bytes_ = 0;
  std::uint64_t live_bytes_ = 0;
  std::uint64_t keep_bytes_;
};

}  // namespace warpframe::engine
