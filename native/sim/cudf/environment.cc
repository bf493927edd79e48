// What libcudf's inline code asks its library for: streams, pinned memory, copies, switches.
#include <variant>

#include <cudf/column/column_view.hpp>
#include <cudf/context.hpp>
#include <cudf/detail/utilities/cuda.hpp>
#include <cudf/detail/utilities/cuda_memcpy.hpp>
#include <cudf/detail/utilities/host_memory.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/utilities/default_stream.hpp>
#include <cudf/utilities/pinned_memory.hpp>
#include <cudf/utilities/prefetch.hpp>

#include <rmm/mr/pinned_host_memory_resource.hpp>

#include <new>

#include "gpu/fake_gpu.hh"

namespace gpu = warpframe::host::gpu;

namespace cudf {

const cuda::stream_ref get_default_stream() { return cuda::stream_ref{cudaStream_t{}}; }
bool is_ptds_enabled() { return false; }

namespace {

rmm::mr::pinned_host_memory_resource& default_pinned() {
  static rmm::mr::pinned_host_memory_resource resource;
  return resource;
}
rmm::host_device_async_resource_ref& pinned() {
  static rmm::host_device_async_resource_ref current{default_pinned()};
  return current;
}

/** Ordinary memory behind the interface of a resource. */
class Pageable {
 public:
  void* allocate(cuda::stream_ref, std::size_t bytes, std::size_t alignment = alignof(std::max_align_t)) {
    return allocate_sync(bytes, alignment);
  }
  void deallocate(cuda::stream_ref, void* address, std::size_t bytes,
                  std::size_t alignment = alignof(std::max_align_t)) noexcept {
    deallocate_sync(address, bytes, alignment);
  }
  void* allocate_sync(std::size_t bytes, std::size_t = alignof(std::max_align_t)) { return ::operator new(bytes); }
  void deallocate_sync(void* address, std::size_t, std::size_t = alignof(std::max_align_t)) noexcept {
    ::operator delete(address);
  }
  bool operator==(const Pageable&) const noexcept { return true; }
  friend constexpr void get_property(const Pageable&, cuda::mr::host_accessible) noexcept {}
};

}  // namespace

rmm::host_device_async_resource_ref set_pinned_memory_resource(rmm::host_device_async_resource_ref resource) {
  return std::exchange(pinned(), resource);
}
rmm::host_device_async_resource_ref get_pinned_memory_resource() { return pinned(); }
bool config_default_pinned_memory_resource(const pinned_mr_options&) { return true; }

namespace {
std::size_t kernel_pinned_copy_threshold = 0;
std::size_t host_as_pinned_threshold = 0;
}  // namespace
void set_kernel_pinned_copy_threshold(std::size_t threshold) { kernel_pinned_copy_threshold = threshold; }
std::size_t get_kernel_pinned_copy_threshold() { return kernel_pinned_copy_threshold; }
void set_allocate_host_as_pinned_threshold(std::size_t threshold) { host_as_pinned_threshold = threshold; }
std::size_t get_allocate_host_as_pinned_threshold() { return host_as_pinned_threshold; }

void enable_jit_cache(bool) {}
void clear_jit_cache() {}

namespace prefetch {
namespace detail {
std::atomic_bool& enabled() {
  static std::atomic_bool on{false};
  return on;
}
std::atomic_bool& debug() {
  static std::atomic_bool on{false};
  return on;
}
void prefetch(const void*, std::size_t, cuda::stream_ref, rmm::cuda_device_id) {}
cudaError_t prefetch_noexcept(const void*, std::size_t, cuda::stream_ref, rmm::cuda_device_id) noexcept { return cudaSuccess; }
}  // namespace detail
void enable() noexcept { detail::enabled() = true; }
void disable() noexcept { detail::enabled() = false; }
void enable_debugging() noexcept { detail::debug() = true; }
void disable_debugging() noexcept { detail::debug() = false; }
}  // namespace prefetch

namespace detail {

void initialize(init_flags) {}

void cuda_memcpy_async_impl(void* target, const void* source, std::size_t bytes, host_memory_kind, cuda::stream_ref stream) {
  gpu::copy(target, source, bytes, stream.get());
}
cudaError_t memcpy_async(void* target, const void* source, std::size_t bytes, cuda::stream_ref stream) {
  gpu::copy(target, source, bytes, stream.get());
  return cudaSuccess;
}
cudaError_t memcpy_batch_async(void* const* targets, const void* const* sources, const std::size_t* sizes,
                               std::size_t count, cuda::stream_ref stream) {
  for (std::size_t i = 0; i < count; ++i) gpu::copy(targets[i], sources[i], sizes[i], stream.get());
  return cudaSuccess;
}

rmm::host_async_resource_ref get_pageable_memory_resource() {
  static Pageable resource;
  return resource;
}

}  // namespace detail
}  // namespace cudf
