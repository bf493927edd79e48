// The pretend GPU's memory, streams and events. One lock; what is "asynchronous" is bookkeeping.
#include "fake_gpu.hh"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <vector>

namespace warpframe::host {

void violate(const std::string& sentence) {
  std::fprintf(stderr, "host-cudf: %s\n", sentence.c_str());
  throw Violation("host-cudf: " + sentence);
}

namespace gpu {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{256} << 30;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kAlignment = 256;          // what rmm promises, and no more
constexpr unsigned char kFreshByte = 0xA5;       // in memory nobody wrote
constexpr unsigned char kUndeliveredByte = 0xCD; // on the host, before the stream is synchronised

struct Block {
  std::size_t bytes = 0;
  bool live = false;
  cudaStream_t writer = nullptr;
  std::uint64_t sequence = 0;  // of the last write
};

struct Stream {
  bool non_blocking = false;
  bool destroyed = false;
  std::uint64_t synchronized = 0;                // everything up to here is visible everywhere
  std::map<cudaStream_t, std::uint64_t> sees;    // by events: writes of others up to a sequence number
  std::deque<std::function<void()>> pending;
};

struct Event {
  cudaStream_t stream = nullptr;
  std::uint64_t sequence = 0;
};

const char* variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

struct Device {
  std::recursive_mutex lock;
  char* device = nullptr;
  char* host = nullptr;
  std::size_t top = kPage;
  std::size_t limit;
  std::size_t used = 0;
  std::size_t live = 0;
  std::map<const char*, Block> blocks;
  std::map<const char*, std::size_t> pinned;
  std::map<cudaStream_t, Stream> streams;
  std::map<std::uint64_t, Event> events;
  std::uint64_t sequence = 1;
  std::uintptr_t next_stream = 0x1000;
  std::uint64_t next_event = 0x100;
  int unlocked = 0;
  bool chaos;
  std::mt19937_64 random;

  Device()
      : limit(std::strtoull(variable("HOSTCUDF_BYTES", "4294967296"), nullptr, 10)),
        chaos(std::strcmp(variable("HOSTCUDF_CHAOS", "1"), "0") != 0),
        random(std::strtoull(variable("HOSTCUDF_SEED", "1"), nullptr, 10)) {
    const int file = memfd_create("host-cudf", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, static_cast<off_t>(kArenaBytes)) != 0) std::abort();
    device = map(file, PROT_NONE);
    host = map(file, PROT_READ | PROT_WRITE);
    close(file);
  }

  static char* map(int file, int protection) {
    void* at = mmap(nullptr, kArenaBytes, protection, MAP_SHARED | MAP_NORESERVE, file, 0);
    if (at == MAP_FAILED) std::abort();
    madvise(at, kArenaBytes, MADV_DONTDUMP);
    return static_cast<char*>(at);
  }

  char* alias(const void* address) const { return host + (static_cast<const char*>(address) - device); }

  /** The legacy default stream and every stream that is not non-blocking wait for each other. */
  bool ordered(cudaStream_t a, cudaStream_t b) {
    if (a == b) return true;
    const bool legacy = a == nullptr || b == nullptr || a == cudaStreamLegacy || b == cudaStreamLegacy;
    return legacy && !streams[a].non_blocking && !streams[b].non_blocking;
  }

  bool visible(const Block& block, cudaStream_t stream) {
    if (ordered(block.writer, stream)) return true;
    if (block.sequence <= streams[block.writer].synchronized) return true;
    const auto& sees = streams[stream].sees;
    const auto found = sees.find(block.writer);
    return found != sees.end() && block.sequence <= found->second;
  }

  Block& find(const void* address, std::size_t bytes, cudaStream_t stream, const char* what, bool writes) {
    const std::string subject = what;
    const char* at = static_cast<const char*>(address);
    if (!is_device(at)) violate(subject + ": not a device address");
    auto next = blocks.upper_bound(at);
    if (next == blocks.begin()) violate(subject + ": a device address outside every allocation");
    const auto found = std::prev(next);
    Block& block = found->second;
    const std::size_t offset = static_cast<std::size_t>(at - found->first);
    if (!block.live) violate(subject + ": device memory used after it was freed");
    if (offset > block.bytes || bytes > block.bytes - offset) {
      violate(subject + ": device access of " + std::to_string(bytes) + " bytes at offset " + std::to_string(offset) +
              " of an allocation of " + std::to_string(block.bytes));
    }
    if (streams[stream].destroyed) violate(subject + ": on a stream that was destroyed");
    if (!visible(block, stream)) {
      violate(subject + ": used on another stream than its last writer without a synchronisation");
    }
    if (writes) {
      block.writer = stream;
      block.sequence = ++sequence;
    }
    return block;
  }

  /** Finds room: up the arena first, then, once it is at its end, among addresses whose life is over. */
  char* room(std::size_t span) {
    for (int pass = 0; pass < 2; ++pass) {
      while (top + span <= kArenaBytes) {
        auto at = blocks.lower_bound(device + top);
        if (at != blocks.begin()) {
          const auto before = std::prev(at);
          const std::size_t end = static_cast<std::size_t>(before->first - device) + before->second.bytes;
          if (before->second.live && end > top) {
            top = (end + 2 * kPage - 1) & ~(kPage - 1);
            continue;
          }
        }
        bool free = true;
        while (at != blocks.end() && at->first < device + top + span) {
          if (at->second.live) {
            top = (static_cast<std::size_t>(at->first - device) + at->second.bytes + 2 * kPage - 1) & ~(kPage - 1);
            free = false;
            break;
          }
          at = blocks.erase(at);
        }
        if (free) return device + top;
      }
      top = kPage;
    }
    return nullptr;
  }
};

/** Never destroyed: frees may come while the process ends. */
Device& device() {
  static Device* one = new Device;
  return *one;
}

using Guard = std::lock_guard<std::recursive_mutex>;

}  // namespace

bool is_device(const void* address) {
  Device& d = device();
  const char* at = static_cast<const char*>(address);
  return at >= d.device && at < d.device + kArenaBytes;
}

bool chaos() { return device().chaos; }

std::uint64_t random() {
  Device& d = device();
  const Guard guard(d.lock);
  return d.random();
}

Usage usage() {
  Device& d = device();
  const Guard guard(d.lock);
  return {d.used, d.limit, d.live};
}

void* allocate(std::size_t bytes, cudaStream_t stream) {
  Device& d = device();
  const Guard guard(d.lock);
  if (bytes > d.limit || d.used > d.limit - bytes) return nullptr;
  // Whole pages, so that they can be given back; never at the start of one, so that nothing is aligned by luck.
  const std::size_t span = (bytes + kAlignment + 2 * kPage - 1) & ~(kPage - 1);
  char* base = d.room(span);
  if (base == nullptr) return nullptr;
  d.top += span;
  char* address = base + kAlignment;
  d.blocks[address] = Block{bytes, true, stream, ++d.sequence};
  d.used += bytes;
  ++d.live;
  if (d.chaos) std::memset(d.alias(address), kFreshByte, bytes);
  return address;
}

void release(void* address, cudaStream_t stream) {
  Device& d = device();
  const Guard guard(d.lock);
  Block& block = d.find(address, 0, stream, "free", true);
  if (d.blocks.find(static_cast<const char*>(address)) == d.blocks.end()) violate("free: not the start of an allocation");
  block.live = false;
  d.used -= block.bytes;
  --d.live;
  char* pages = d.alias(address) - kAlignment;
  madvise(pages, (block.bytes + kAlignment + kPage - 1) & ~(kPage - 1), MADV_REMOVE);
}

const void* read(const void* address, std::size_t bytes, cudaStream_t stream, const char* what) {
  if (bytes == 0) return address;
  Device& d = device();
  const Guard guard(d.lock);
  d.find(address, bytes, stream, what, false);
  return d.alias(address);
}

void* write(void* address, std::size_t bytes, cudaStream_t stream, const char* what) {
  if (bytes == 0) return address;
  Device& d = device();
  const Guard guard(d.lock);
  d.find(address, bytes, stream, what, true);
  return d.alias(address);
}

void copy(void* target, const void* source, std::size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return;
  Device& d = device();
  const Guard guard(d.lock);
  const bool from_device = is_device(source);
  const void* from = from_device ? read(source, bytes, stream, "source of a copy") : source;
  if (is_device(target)) {
    std::memmove(write(target, bytes, stream, "target of a copy"), from, bytes);
    return;
  }
  if (!d.chaos || !from_device) {
    std::memmove(target, from, bytes);
    return;
  }
  std::vector<char> snapshot(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
  std::memset(target, kUndeliveredByte, bytes);
  d.streams[stream].pending.push_back(
      [target, snapshot = std::move(snapshot)] { std::memcpy(target, snapshot.data(), snapshot.size()); });
}

void enqueue(cudaStream_t stream, void (*run)(void*), void* argument) {
  Device& d = device();
  const Guard guard(d.lock);
  d.streams[stream].pending.push_back([run, argument] { run(argument); });
}

namespace {

void deliver(Device& d, cudaStream_t stream) {
  Stream& s = d.streams[stream];
  while (!s.pending.empty()) {
    const auto next = std::move(s.pending.front());
    s.pending.pop_front();
    next();
  }
  s.synchronized = d.sequence;
}

}  // namespace

void synchronize(cudaStream_t stream) {
  Device& d = device();
  const Guard guard(d.lock);
  if (d.streams[stream].destroyed) violate("synchronize: a stream that was destroyed");
  deliver(d, stream);
  if (stream != nullptr && stream != cudaStreamLegacy) return;
  for (auto& [other, state] : d.streams) {
    if (!state.non_blocking && !state.destroyed) deliver(d, other);
  }
}

void synchronize_all() {
  Device& d = device();
  const Guard guard(d.lock);
  for (auto& [stream, state] : d.streams) deliver(d, stream);
}

void* allocate_pinned(std::size_t bytes) {
  Device& d = device();
  void* address = std::aligned_alloc(kAlignment, (bytes + kAlignment) & ~(kAlignment - 1));
  if (address == nullptr) return nullptr;
  if (d.chaos) std::memset(address, kFreshByte, bytes);
  const Guard guard(d.lock);
  d.pinned[static_cast<const char*>(address)] = bytes;
  return address;
}

void release_pinned(void* address) {
  if (address == nullptr) return;
  Device& d = device();
  const Guard guard(d.lock);
  if (d.pinned.erase(static_cast<const char*>(address)) == 0) violate("cudaFreeHost: not page-locked memory");
  std::free(address);
}

bool is_pinned(const void* address) {
  Device& d = device();
  const Guard guard(d.lock);
  auto next = d.pinned.upper_bound(static_cast<const char*>(address));
  if (next == d.pinned.begin()) return false;
  const auto found = std::prev(next);
  return static_cast<const char*>(address) < found->first + found->second;
}

cudaStream_t create_stream(bool non_blocking) {
  Device& d = device();
  const Guard guard(d.lock);
  d.next_stream += 0x10;
  const auto stream = reinterpret_cast<cudaStream_t>(d.next_stream);
  d.streams[stream].non_blocking = non_blocking;
  return stream;
}

void destroy_stream(cudaStream_t stream) {
  Device& d = device();
  const Guard guard(d.lock);
  deliver(d, stream);
  d.streams[stream].destroyed = true;
}

std::uint64_t create_event() {
  Device& d = device();
  const Guard guard(d.lock);
  d.events[++d.next_event] = Event{};
  return d.next_event;
}

void destroy_event(std::uint64_t event) {
  Device& d = device();
  const Guard guard(d.lock);
  d.events.erase(event);
}

void record_event(std::uint64_t event, cudaStream_t stream) {
  Device& d = device();
  const Guard guard(d.lock);
  d.events[event] = Event{stream, d.sequence};
}

void wait_event(cudaStream_t stream, std::uint64_t event) {
  Device& d = device();
  const Guard guard(d.lock);
  const auto found = d.events.find(event);
  if (found == d.events.end()) violate("cudaStreamWaitEvent: an event that was destroyed");
  const Event& at = found->second;
  auto& sees = d.streams[stream].sees;
  sees[at.stream] = std::max(sees[at.stream], at.sequence);
  for (const auto& [writer, sequence] : d.streams[at.stream].sees) sees[writer] = std::max(sees[writer], sequence);
}

void synchronize_event(std::uint64_t event) {
  Device& d = device();
  const Guard guard(d.lock);
  const auto found = d.events.find(event);
  if (found == d.events.end()) violate("cudaEventSynchronize: an event that was destroyed");
  deliver(d, found->second.stream);
}

Unlocked::Unlocked() {
  Device& d = device();
  const Guard guard(d.lock);
  if (d.unlocked++ == 0 && mprotect(d.device, kArenaBytes, PROT_READ | PROT_WRITE) != 0) std::abort();
}

Unlocked::~Unlocked() {
  Device& d = device();
  const Guard guard(d.lock);
  if (--d.unlocked == 0 && mprotect(d.device, kArenaBytes, PROT_NONE) != 0) std::abort();
}

}  // namespace gpu
}  // namespace warpframe::host

namespace {
thread_local std::vector<warpframe::host::gpu::Unlocked*> unlocked;
}
extern "C" __attribute__((visibility("default"))) void hostcudf_unlock() {
  unlocked.push_back(new warpframe::host::gpu::Unlocked);
}
extern "C" __attribute__((visibility("default"))) void hostcudf_lock() {
  delete unlocked.back();
  unlocked.pop_back();
}
