#include "slabs.hh"

#include <rmm/mr/pinned_host_memory_resource.hpp>

#include <bit>

namespace warpframe::engine {
namespace {

constexpr std::size_t kSmallest = std::size_t{64} << 10;

/** Sizes in steps of an eighth of a power of two: a block is used again by downloads of about its size. */
std::size_t capacity_for(std::size_t bytes) {
  if (bytes <= kSmallest) return kSmallest;
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

void free_block(PinnedBlock block) {
  rmm::mr::pinned_host_memory_resource{}.deallocate_sync(block.data, block.capacity);
}

}  // namespace

PinnedBlock SlabPool::take(std::size_t bytes) {
  const std::size_t capacity = capacity_for(bytes);
  std::vector<PinnedBlock> condemned;
  PinnedBlock found;
  {
    const std::lock_guard lock(mutex_);
    condemned.swap(condemned_);
    const auto fit = idle_.lower_bound(capacity);
    // Not one that is far too large: the next large download would miss it.
    if (fit != idle_.end() && fit->first <= capacity * 2) {
      found = {fit->second, fit->first};
      idle_bytes_ -= fit->first;
      live_bytes_ += fit->first;
      idle_.erase(fit);
    }
  }
  for (const PinnedBlock block : condemned) free_block(block);
  if (found.data) return found;
  found = {rmm::mr::pinned_host_memory_resource{}.allocate_sync(capacity), capacity};
  const std::lock_guard lock(mutex_);
  live_bytes_ += capacity;
  return found;
}

void SlabPool::give_back(PinnedBlock block) {
  const std::lock_guard lock(mutex_);
  live_bytes_ -= block.capacity;
  if (idle_bytes_ + block.capacity > keep_bytes_) {
    condemned_.push_back(block);
    return;
  }
  idle_bytes_ += block.capacity;
  idle_.emplace(block.capacity, block.data);
}

std::uint64_t SlabPool::live_bytes() const {
  const std::lock_guard lock(mutex_);
  return live_bytes_;
}

}  // namespace warpframe::engine
