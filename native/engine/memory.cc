#include "memory.hh"

#include <optional>
#include <string>

namespace warpframe::engine {
namespace {

void raise(std::atomic<std::uint64_t>& peak, std::uint64_t value) {
  std::uint64_t known = peak;
  while (known < value && !peak.compare_exchange_weak(known, value)) {
  }
}

std::optional<std::size_t> some(std::uint64_t bytes) {
  return bytes == 0 ? std::nullopt : std::optional<std::size_t>(bytes);
}

}  // namespace

OutOfDeviceMemory::OutOfDeviceMemory(std::uint64_t requested, std::uint64_t used, std::uint64_t limit)
    : rmm::out_of_memory(std::to_string(requested) + " bytes requested with " + std::to_string(used) +
                         " in use and a limit of " + std::to_string(limit)),
      requested_bytes(requested),
      used_bytes(used),
      limit_bytes(limit) {}

DeviceMemory::DeviceMemory(std::uint64_t initial_pool_bytes, std::uint64_t limit_bytes)
    : pool_(some(initial_pool_bytes)), limit_(limit_bytes) {}

std::uint64_t DeviceMemory::limit() const {
  const std::uint64_t run = run_limit_;
  const std::uint64_t own = limit_;
  return run != 0 && run < own ? run : own;
}

void DeviceMemory::begin_run(std::uint64_t limit_bytes) {
  run_limit_ = limit_bytes;
  run_peak_ = used_.load();
}

void DeviceMemory::count(std::uint64_t bytes) {
  const std::uint64_t now = used_ += bytes;
  raise(peak_, now);
  raise(run_peak_, now);
}

void* DeviceMemory::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment) {
  for (;;) {
    if (used_ + bytes <= limit()) {
      try {
        void* const pointer = pool_.allocate(stream, bytes, alignment);
        count(bytes);
        return pointer;
      } catch (const rmm::out_of_memory&) {
        // The device is full although the limit is not: others use it too.
        if (!make_room || !make_room(bytes)) throw OutOfDeviceMemory(bytes, used_, limit());
        continue;
      }
    }
    if (!make_room || !make_room(used_ + bytes - limit())) throw OutOfDeviceMemory(bytes, used_, limit());
  }
}

void DeviceMemory::deallocate(cuda::stream_ref stream, void* pointer, std::size_t bytes,
                              std::size_t alignment) noexcept {
  pool_.deallocate(stream, pointer, bytes, alignment);
  used_ -= bytes;
}

void* MemoryResource::allocate_sync(std::size_t bytes, std::size_t alignment) {
  const cuda::stream_ref stream = cudf::get_default_stream();
  void* const pointer = memory_->allocate(stream, bytes, alignment);
  stream.sync();
  return pointer;
}

void MemoryResource::deallocate_sync(void* pointer, std::size_t bytes, std::size_t alignment) noexcept {
  memory_->deallocate(cudf::get_default_stream(), pointer, bytes, alignment);
}

}  // namespace warpframe::engine
