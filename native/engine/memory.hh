// Device memory of one device: RMM's stream-ordered pool below a limit, with figures, and with a way to make room.
#pragma once

#include "../exec/prelude.hh"

#include <cuda/memory_resource>
#include <rmm/aligned.hpp>
#include <rmm/error.hpp>
#include <rmm/mr/cuda_async_memory_resource.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace warpframe::engine {

/** An allocation that did not fit, after everything idle was moved away. */
struct OutOfDeviceMemory : rmm::out_of_memory {
  OutOfDeviceMemory(std::uint64_t requested, std::uint64_t used, std::uint64_t limit);
  std::uint64_t requested_bytes, used_bytes, limit_bytes;
};

/**
 * One per device, never destroyed: what libcudf allocates may outlive everything else. RMM has adaptors for each part;
 * they are one class here because the limit changes at run time and the error carries all three figures.
 */
class DeviceMemory {
 public:
  DeviceMemory(std::uint64_t initial_pool_bytes, std::uint64_t limit_bytes);

  void* allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment);
  void deallocate(cuda::stream_ref stream, void* pointer, std::size_t bytes, std::size_t alignment) noexcept;

  std::uint64_t used() const { return used_; }
  std::uint64_t peak() const { return peak_; }
  std::uint64_t limit() const;
  void set_limit(std::uint64_t bytes) { limit_ = bytes; }
  /** A lower limit for the length of a run; 0: none. Starts a new count of the run's peak. */
  void begin_run(std::uint64_t limit_bytes);
  std::uint64_t run_peak() const { return run_peak_; }

  /** Frees at least so many bytes, if it can. @returns whether it freed any. Called on the allocating thread. */
  std::function<bool(std::uint64_t)> make_room;

 private:
  void count(std::uint64_t bytes);
  rmm::mr::cuda_async_memory_resource pool_;
  std::atomic<std::uint64_t> used_{0}, peak_{0}, run_peak_{0}, limit_, run_limit_{0};
};

/** The memory as a resource of RMM's: a copyable name for it. */
class MemoryResource {
 public:
  explicit MemoryResource(DeviceMemory& memory) : memory_(&memory) {}
  void* allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment = rmm::CUDA_ALLOCATION_ALIGNMENT) {
    return memory_->allocate(stream, bytes, alignment);
  }
  void deallocate(cuda::stream_ref stream, void* pointer, std::size_t bytes,
                  std::size_t alignment = rmm::CUDA_ALLOCATION_ALIGNMENT) noexcept {
    memory_->deallocate(stream, pointer, bytes, alignment);
  }
  void* allocate_sync(std::size_t bytes, std::size_t alignment = rmm::CUDA_ALLOCATION_ALIGNMENT);
  void deallocate_sync(void* pointer, std::size_t bytes,
                       std::size_t alignment = rmm::CUDA_ALLOCATION_ALIGNMENT) noexcept;
  bool operator==(const MemoryResource& other) const noexcept { return memory_ == other.memory_; }
  friend void get_property(const MemoryResource&, cuda::mr::device_accessible) noexcept {}

 private:
  DeviceMemory* memory_;
};
static_assert(cuda::mr::resource_with<MemoryResource, cuda::mr::device_accessible>);

}  // namespace warpframe::engine
