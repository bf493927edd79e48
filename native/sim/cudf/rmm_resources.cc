// rmm's compiled half: memory resources and the adaptors of our memory stack. The pool of the driver is the allocator
// itself: nothing is kept back.
#include <rmm/mr/cuda_async_memory_resource.hpp>
#include <rmm/mr/cuda_memory_resource.hpp>
#include <rmm/mr/limiting_resource_adaptor.hpp>
#include <rmm/mr/pinned_host_memory_resource.hpp>
#include <rmm/mr/statistics_resource_adaptor.hpp>

#include <rmm/aligned.hpp>
#include <rmm/error.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include "gpu/fake_gpu.hh"
#include "gpu/fault.hh"

namespace gpu = warpframe::host::gpu;

RMM_NAMESPACE_BEGIN
namespace mr {
namespace {

using Resource = cuda::mr::any_resource<cuda::mr::device_accessible>;

const cuda::stream_ref kDefaultStream{cudaStream_t{}};

/** A device that has failed allocates nothing. */
void check_alive() {
  if (const cudaError_t failed = gpu::fault(); failed != cudaSuccess)
    throw rmm::bad_alloc(std::string("host-cudf: ") + cudaGetErrorName(failed));
}

void* allocate_or_throw(cuda::stream_ref stream, std::size_t bytes) {
  check_alive();
  void* address = gpu::allocate(bytes, stream.get());
  if (address == nullptr) {
    throw rmm::out_of_memory("host-cudf: device memory ends (failed to allocate " + std::to_string(bytes) + " bytes)");
  }
  return address;
}
void* allocate_pinned_or_throw(std::size_t bytes) {
  check_alive();
  void* address = gpu::allocate_pinned(bytes);
  if (address == nullptr) throw rmm::bad_alloc("host-cudf: page-locked memory ends");
  return address;
}

device_async_resource_ref reference(const Resource& resource) {
  return device_async_resource_ref{const_cast<Resource&>(resource)};
}

}  // namespace

void* cuda_memory_resource::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t) {
  return allocate_or_throw(stream, bytes);
}
void cuda_memory_resource::deallocate(cuda::stream_ref stream, void* address, std::size_t, std::size_t) noexcept {
  gpu::release(address, stream.get());
}
void* cuda_memory_resource::allocate_sync(std::size_t bytes, std::size_t) { return allocate_or_throw(kDefaultStream, bytes); }
void cuda_memory_resource::deallocate_sync(void* address, std::size_t, std::size_t) noexcept {
  gpu::release(address, nullptr);
}
bool cuda_memory_resource::operator==(const cuda_memory_resource&) const noexcept { return true; }
bool cuda_memory_resource::operator!=(const cuda_memory_resource&) const noexcept { return false; }

void* pinned_host_memory_resource::allocate(cuda::stream_ref, std::size_t bytes, std::size_t) {
  return allocate_pinned_or_throw(bytes);
}
void pinned_host_memory_resource::deallocate(cuda::stream_ref, void* address, std::size_t, std::size_t) noexcept {
  gpu::release_pinned(address);
}
void* pinned_host_memory_resource::allocate_sync(std::size_t bytes, std::size_t) { return allocate_pinned_or_throw(bytes); }
void pinned_host_memory_resource::deallocate_sync(void* address, std::size_t, std::size_t) noexcept {
  gpu::release_pinned(address);
}
bool pinned_host_memory_resource::operator==(const pinned_host_memory_resource&) const noexcept { return true; }
bool pinned_host_memory_resource::operator!=(const pinned_host_memory_resource&) const noexcept { return false; }

cuda_async_view_memory_resource::cuda_async_view_memory_resource(cudaMemPool_t pool) : cuda_pool_handle_(pool) {}
cudaMemPool_t cuda_async_view_memory_resource::pool_handle() const noexcept { return cuda_pool_handle_; }
void* cuda_async_view_memory_resource::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t) {
  return bytes > 0 ? allocate_or_throw(stream, bytes) : nullptr;
}
void cuda_async_view_memory_resource::deallocate(cuda::stream_ref stream, void* address, std::size_t,
                                                 std::size_t) noexcept {
  if (address != nullptr) gpu::release(address, stream.get());
}
void* cuda_async_view_memory_resource::allocate_sync(std::size_t bytes, std::size_t alignment) {
  return allocate(kDefaultStream, bytes, alignment);
}
void cuda_async_view_memory_resource::deallocate_sync(void* address, std::size_t bytes, std::size_t alignment) noexcept {
  deallocate(kDefaultStream, address, bytes, alignment);
}
bool cuda_async_view_memory_resource::operator==(const cuda_async_view_memory_resource& other) const noexcept {
  return cuda_pool_handle_ == other.cuda_pool_handle_;
}
bool cuda_async_view_memory_resource::operator!=(const cuda_async_view_memory_resource& other) const noexcept {
  return !(*this == other);
}

cuda_async_memory_resource::cuda_async_memory_resource(std::optional<std::size_t> initial,
                                                       std::optional<std::size_t> threshold,
                                                       std::optional<allocation_handle_type>)
    : shared_base(cuda::mr::make_shared_resource<detail::cuda_async_memory_resource_impl>(initial, threshold)) {}
cudaMemPool_t cuda_async_memory_resource::pool_handle() const noexcept { return get().pool_handle(); }

statistics_resource_adaptor::statistics_resource_adaptor(Resource upstream)
    : shared_base(cuda::mr::make_shared_resource<detail::statistics_resource_adaptor_impl>(std::move(upstream))) {}
device_async_resource_ref statistics_resource_adaptor::get_upstream_resource() const noexcept {
  return get().get_upstream_resource();
}
statistics_resource_adaptor::counter statistics_resource_adaptor::get_bytes_counter() const noexcept {
  return get().get_bytes_counter();
}
statistics_resource_adaptor::counter statistics_resource_adaptor::get_allocations_counter() const noexcept {
  return get().get_allocations_counter();
}
std::pair<statistics_resource_adaptor::counter, statistics_resource_adaptor::counter>
statistics_resource_adaptor::push_counters() {
  return get().push_counters();
}
std::pair<statistics_resource_adaptor::counter, statistics_resource_adaptor::counter>
statistics_resource_adaptor::pop_counters() {
  return get().pop_counters();
}

limiting_resource_adaptor::limiting_resource_adaptor(Resource upstream, std::size_t limit, std::size_t alignment)
    : shared_base(
          cuda::mr::make_shared_resource<detail::limiting_resource_adaptor_impl>(std::move(upstream), limit, alignment)) {}
device_async_resource_ref limiting_resource_adaptor::get_upstream_resource() const noexcept {
  return get().get_upstream_resource();
}
std::size_t limiting_resource_adaptor::get_allocated_bytes() const { return get().get_allocated_bytes(); }
std::size_t limiting_resource_adaptor::get_allocation_limit() const { return get().get_allocation_limit(); }

namespace detail {

cuda_async_memory_resource_impl::cuda_async_memory_resource_impl(std::optional<std::size_t>, std::optional<std::size_t>,
                                                                 std::optional<std::int32_t>, bool) {
  // A handle of its own: two pools are not equal.
  pool_ = cuda_async_view_memory_resource{reinterpret_cast<cudaMemPool_t>(this)};
}
cuda_async_memory_resource_impl::~cuda_async_memory_resource_impl() = default;
cudaMemPool_t cuda_async_memory_resource_impl::pool_handle() const noexcept { return pool_.pool_handle(); }
void* cuda_async_memory_resource_impl::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment) {
  return pool_.allocate(stream, bytes, alignment);
}
void cuda_async_memory_resource_impl::deallocate(cuda::stream_ref stream, void* address, std::size_t bytes,
                                                 std::size_t alignment) noexcept {
  pool_.deallocate(stream, address, bytes, alignment);
}
void* cuda_async_memory_resource_impl::allocate_sync(std::size_t bytes, std::size_t alignment) {
  return pool_.allocate_sync(bytes, alignment);
}
void cuda_async_memory_resource_impl::deallocate_sync(void* address, std::size_t bytes, std::size_t alignment) noexcept {
  pool_.deallocate_sync(address, bytes, alignment);
}

statistics_resource_adaptor_impl::statistics_resource_adaptor_impl(Resource upstream) : upstream_mr_(std::move(upstream)) {}
device_async_resource_ref statistics_resource_adaptor_impl::get_upstream_resource() const noexcept {
  return reference(upstream_mr_);
}
statistics_resource_adaptor_impl::counter statistics_resource_adaptor_impl::get_bytes_counter() const noexcept {
  const read_lock_t lock(mtx_);
  return counter_stack_.top().first;
}
statistics_resource_adaptor_impl::counter statistics_resource_adaptor_impl::get_allocations_counter() const noexcept {
  const read_lock_t lock(mtx_);
  return counter_stack_.top().second;
}
std::pair<statistics_resource_adaptor_impl::counter, statistics_resource_adaptor_impl::counter>
statistics_resource_adaptor_impl::push_counters() {
  const write_lock_t lock(mtx_);
  const auto top = counter_stack_.top();
  counter_stack_.emplace(counter{}, counter{});
  return top;
}
std::pair<statistics_resource_adaptor_impl::counter, statistics_resource_adaptor_impl::counter>
statistics_resource_adaptor_impl::pop_counters() {
  const write_lock_t lock(mtx_);
  if (counter_stack_.size() < 2) throw std::out_of_range("cannot pop the last allocated counter pair");
  const auto popped = counter_stack_.top();
  counter_stack_.pop();
  counter_stack_.top().first.add_counters_from_tracked_sub_block(popped.first);
  counter_stack_.top().second.add_counters_from_tracked_sub_block(popped.second);
  return popped;
}
void* statistics_resource_adaptor_impl::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment) {
  void* address = upstream_mr_.allocate(stream, bytes, alignment);
  const write_lock_t lock(mtx_);
  counter_stack_.top().first += static_cast<std::int64_t>(bytes);
  counter_stack_.top().second += 1;
  return address;
}
void statistics_resource_adaptor_impl::deallocate(cuda::stream_ref stream, void* address, std::size_t bytes,
                                                  std::size_t alignment) noexcept {
  upstream_mr_.deallocate(stream, address, bytes, alignment);
  const write_lock_t lock(mtx_);
  counter_stack_.top().first -= static_cast<std::int64_t>(bytes);
  counter_stack_.top().second -= 1;
}
void* statistics_resource_adaptor_impl::allocate_sync(std::size_t bytes, std::size_t alignment) {
  return allocate(kDefaultStream, bytes, alignment);
}
void statistics_resource_adaptor_impl::deallocate_sync(void* address, std::size_t bytes, std::size_t alignment) noexcept {
  deallocate(kDefaultStream, address, bytes, alignment);
}

limiting_resource_adaptor_impl::limiting_resource_adaptor_impl(Resource upstream, std::size_t limit,
                                                               std::size_t alignment)
    : upstream_mr_(std::move(upstream)), allocation_limit_(limit), allocated_bytes_(0), alignment_(alignment) {}
device_async_resource_ref limiting_resource_adaptor_impl::get_upstream_resource() const noexcept {
  return reference(upstream_mr_);
}
std::size_t limiting_resource_adaptor_impl::get_allocated_bytes() const { return allocated_bytes_; }
std::size_t limiting_resource_adaptor_impl::get_allocation_limit() const { return allocation_limit_; }
void* limiting_resource_adaptor_impl::allocate(cuda::stream_ref stream, std::size_t bytes, std::size_t alignment) {
  const std::size_t charged = rmm::align_up(bytes, alignment_);
  const std::size_t before = allocated_bytes_.fetch_add(charged);
  if (before + charged > allocation_limit_) {
    allocated_bytes_ -= charged;
    throw rmm::out_of_memory("Exceeded memory limit (failed to allocate " + std::to_string(bytes) + " bytes)");
  }
  try {
    return upstream_mr_.allocate(stream, bytes, alignment);
  } catch (...) {
    allocated_bytes_ -= charged;
    throw;
  }
}
void limiting_resource_adaptor_impl::deallocate(cuda::stream_ref stream, void* address, std::size_t bytes,
                                                std::size_t alignment) noexcept {
  upstream_mr_.deallocate(stream, address, bytes, alignment);
  allocated_bytes_ -= rmm::align_up(bytes, alignment_);
}
void* limiting_resource_adaptor_impl::allocate_sync(std::size_t bytes, std::size_t alignment) {
  return allocate(kDefaultStream, bytes, alignment);
}
void limiting_resource_adaptor_impl::deallocate_sync(void* address, std::size_t bytes, std::size_t alignment) noexcept {
  deallocate(kDefaultStream, address, bytes, alignment);
}

}  // namespace detail
}  // namespace mr
RMM_NAMESPACE_END
