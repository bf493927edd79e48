// Device memory: one reserved range, handed out from its start and never twice while anything is allocated, so that what
// was freed stays recognisable. Between calls the range is closed; around each block lies a guard.
#include <sys/mman.h>

#include <cstdint>
#include <map>
#include <mutex>

#include "sim/cuda/memory.hh"
#include "sim/cuda/runtime.hh"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace warpframe::sim {
namespace {

constexpr std::size_t kReserved = std::size_t{1} << 36;
constexpr std::size_t kAlign = 256;
constexpr unsigned char kGuard = 0xcd;
constexpr unsigned char kFresh = 0xff;
constexpr int kInvalidValue = 1;
constexpr int kMemoryAllocation = 2;

struct Device {
  std::mutex mutex;
  char* base = nullptr;
  std::size_t used = 0;    // from the start, guards and freed blocks included
  std::size_t opened = 0;  // bytes that are readable while open
  int open = 0;
  std::size_t live = 0;
  std::size_t limit = std::size_t{8} << 30;
  std::map<char*, std::size_t> blocks;
  std::map<void*, std::size_t> pinned;
};

Device& device() {
  static auto* const one = new Device();
  return *one;
}

std::size_t rounded(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

void poison([[maybe_unused]] char* at, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(at, bytes);
#endif
}
void unpoison([[maybe_unused]] char* at, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(at, bytes);
#endif
}

void protect(Device& d) {
  constexpr std::size_t page = 4096;
  const std::size_t bytes = (d.used + page - 1) / page * page;
  if (d.open > 0 && bytes > d.opened) {
    mprotect(d.base + d.opened, bytes - d.opened, PROT_READ | PROT_WRITE);
    d.opened = bytes;
  }
  if (d.open == 0 && d.opened > 0) {
    mprotect(d.base, d.opened, PROT_NONE);
    d.opened = 0;
  }
}

bool guarded(const char* at, std::size_t bytes) {
#if !defined(__SANITIZE_ADDRESS__)  // there the guard is poisoned, and a write to it has been reported
  for (std::size_t i = 0; i < bytes; ++i)
    if (static_cast<unsigned char>(at[i]) != kGuard) return false;
#endif
  (void)at;
  (void)bytes;
  return true;
}

/** Where the guard of a block ends. */
std::size_t room_of(std::size_t bytes) { return rounded(bytes) + kAlign; }

}  // namespace

OpenMemory::OpenMemory() {
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  ++d.open;
  protect(d);
}
OpenMemory::~OpenMemory() {
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  --d.open;
  protect(d);
}

int allocate(void** place, std::size_t bytes) {
  *place = nullptr;
  if (bytes == 0) return 0;
  const OpenMemory open;
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  if (d.base == nullptr) {
    void* const range = mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) return kMemoryAllocation;
    d.base = static_cast<char*>(range);
  }
  if (bytes > d.limit - d.live || bytes > kReserved || d.used + room_of(bytes) + kAlign > kReserved) return kMemoryAllocation;
  if (d.used == 0) d.used = kAlign;  // a guard before the first block
  char* const at = d.base + d.used;
  d.used += room_of(bytes);
  protect(d);
  unpoison(at, room_of(bytes));
  std::memset(at, kFresh, bytes);
  std::memset(at + bytes, kGuard, room_of(bytes) - bytes);
  poison(at + bytes, room_of(bytes) - bytes);
  d.blocks[at] = bytes;
  d.live += bytes;
  *place = at;
  return 0;
}

int release(void* place) {
  if (place == nullptr) return 0;
  const OpenMemory open;
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  const auto block = d.blocks.find(static_cast<char*>(place));
  if (block == d.blocks.end()) return kInvalidValue;
  const std::size_t bytes = block->second;
  const bool whole = guarded(block->first + bytes, room_of(bytes) - bytes);
  poison(block->first, bytes);
  d.live -= bytes;
  d.blocks.erase(block);
  if (d.blocks.empty()) {
    madvise(d.base, d.opened, MADV_DONTNEED);
    d.used = 0;
  }
  return whole ? 0 : kGuardBroken;
}

bool within(const void* at, std::size_t bytes) {
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  const auto* const p = static_cast<const char*>(at);
  auto next = d.blocks.upper_bound(const_cast<char*>(p));
  if (next == d.blocks.begin()) return false;
  --next;
  return p + bytes <= next->first + next->second;
}

bool guards_whole() {
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  for (const auto& [at, bytes] : d.blocks)
    if (!guarded(at + bytes, room_of(bytes) - bytes)) return false;
  return true;
}

int allocate_pinned(void** place, std::size_t bytes) {
  *place = ::operator new(bytes, std::nothrow);
  if (*place == nullptr) return kMemoryAllocation;
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  d.pinned[*place] = bytes;
  return 0;
}

int release_pinned(void* place) {
  if (place == nullptr) return 0;
  {
    Device& d = device();
    const std::lock_guard lock(d.mutex);
    if (d.pinned.erase(place) == 0) return kInvalidValue;
  }
  ::operator delete(place);
  return 0;
}

bool is_pinned(const void* at) {
  Device& d = device();
  const std::lock_guard lock(d.mutex);
  auto next = d.pinned.upper_bound(const_cast<void*>(at));
  if (next == d.pinned.begin()) return false;
  --next;
  return static_cast<const char*>(at) < static_cast<const char*>(next->first) + next->second;
}

void set_memory_limit(std::size_t bytes) {
  const std::lock_guard lock(device().mutex);
  device().limit = bytes;
}
std::size_t memory_in_use() {
  const std::lock_guard lock(device().mutex);
  return device().live;
}
std::size_t memory_limit() {
  const std::lock_guard lock(device().mutex);
  return device().limit;
}

}  // namespace warpframe::sim
