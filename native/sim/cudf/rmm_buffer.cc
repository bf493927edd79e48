// rmm's compiled half: errors, the device, streams, device_buffer.
#include <rmm/aligned.hpp>
#include <rmm/cuda_device.hpp>
#include <rmm/cuda_stream.hpp>
#include <rmm/cuda_stream_pool.hpp>
#include <rmm/cuda_stream_view.hpp>
#include <rmm/detail/cuda_memcpy.hpp>
#include <rmm/detail/runtime_shutdown.hpp>
#include <rmm/device_buffer.hpp>
#include <rmm/error.hpp>
#include <rmm/prefetch.hpp>
#include <rmm/process_is_exiting.hpp>

#include <cstdint>
#include <utility>

#include "gpu/fake_gpu.hh"

namespace gpu = warpframe::host::gpu;

RMM_NAMESPACE_BEGIN

bad_alloc::bad_alloc(const char* message) : _what(std::string(std::bad_alloc::what()) + ": " + message) {}
bad_alloc::bad_alloc(const std::string& message) : bad_alloc(message.c_str()) {}
const char* bad_alloc::what() const noexcept { return _what.c_str(); }
out_of_memory::out_of_memory(const char* message) : bad_alloc(std::string("out_of_memory: ") + message) {}
out_of_memory::out_of_memory(const std::string& message) : out_of_memory(message.c_str()) {}

cuda_device_id get_current_cuda_device() { return cuda_device_id{0}; }
int get_num_cuda_devices() { return 1; }
std::pair<std::size_t, std::size_t> available_device_memory() {
  const gpu::Usage usage = gpu::usage();
  return {usage.limit - usage.used, usage.limit};
}
std::size_t percent_of_free_device_memory(int percent) {
  return align_down(available_device_memory().first / 100 * static_cast<std::size_t>(percent), CUDA_ALLOCATION_ALIGNMENT);
}
cuda_set_device_raii::cuda_set_device_raii(cuda_device_id device) : old_device_(device), needs_reset_(false) {
  cudaSetDevice(device.value());
}
cuda_set_device_raii::~cuda_set_device_raii() noexcept = default;

bool is_pow2(std::size_t value) noexcept { return value != 0 && (value & (value - 1)) == 0; }
bool is_supported_alignment(std::size_t alignment) noexcept { return is_pow2(alignment); }
bool is_supported_base_resource_alignment(std::size_t alignment) noexcept {
  return is_pow2(alignment) && alignment <= CUDA_ALLOCATION_ALIGNMENT;
}
std::size_t align_down(std::size_t value, std::size_t alignment) noexcept { return value & ~(alignment - 1); }
std::size_t align_up(std::size_t value, std::size_t alignment) noexcept { return align_down(value + alignment - 1, alignment); }
bool is_aligned(std::size_t value, std::size_t alignment) noexcept { return (value & (alignment - 1)) == 0; }
bool is_pointer_aligned(void* address, std::size_t alignment) noexcept {
  return is_aligned(reinterpret_cast<std::uintptr_t>(address), alignment);
}

bool process_is_exiting() noexcept { return false; }
void prefetch(const void*, std::size_t, cuda_device_id, cuda::stream_ref) {}
namespace detail {
void register_process_exit_hook() noexcept {}
cudaError_t memcpy_async(void* target, const void* source, std::size_t bytes, cuda::stream_ref stream) {
  gpu::copy(target, source, bytes, stream.get());
  return cudaSuccess;
}
}  // namespace detail

cuda_stream_view::cuda_stream_view(cudaStream_t stream) noexcept : stream_(stream) {}
cuda_stream_view::cuda_stream_view(cuda::stream_ref stream) noexcept : stream_(stream.get()) {}
cudaStream_t cuda_stream_view::value() const noexcept { return stream_; }
cudaStream_t cuda_stream_view::get() const noexcept { return stream_; }
cuda_stream_view::operator cudaStream_t() const noexcept { return stream_; }
cuda_stream_view::operator cuda::stream_ref() const noexcept { return cuda::stream_ref{stream_}; }
bool cuda_stream_view::is_per_thread_default() const noexcept { return stream_ == cudaStreamPerThread; }
bool cuda_stream_view::is_default() const noexcept { return stream_ == nullptr || stream_ == cudaStreamLegacy; }
void cuda_stream_view::synchronize() const { gpu::synchronize(stream_); }
void cuda_stream_view::sync() const { gpu::synchronize(stream_); }
void cuda_stream_view::synchronize_no_throw() const noexcept { gpu::synchronize(stream_); }

cuda_stream::cuda_stream(cuda_stream::flags kind)
    : stream_(new cudaStream_t(gpu::create_stream(kind == cuda_stream::flags::non_blocking)), [](cudaStream_t* stream) {
        gpu::destroy_stream(*stream);
        delete stream;
      }) {}
bool cuda_stream::is_valid() const { return stream_ != nullptr; }
cudaStream_t cuda_stream::value() const { return *stream_; }
cuda_stream::operator cudaStream_t() const noexcept { return *stream_; }
cuda_stream_view cuda_stream::view() const { return cuda_stream_view{*stream_}; }
cuda_stream::operator cuda_stream_view() const { return cuda_stream_view{*stream_}; }
cuda_stream::operator cuda::stream_ref() const noexcept { return cuda::stream_ref{*stream_}; }
void cuda_stream::synchronize() const { gpu::synchronize(*stream_); }
void cuda_stream::synchronize_no_throw() const noexcept { gpu::synchronize(*stream_); }

cuda_stream_pool::cuda_stream_pool(std::size_t size, cuda_stream::flags flags) {
  for (std::size_t i = 0; i < size; ++i) streams_.emplace_back(flags);
}
cuda::stream_ref cuda_stream_pool::get_stream() const noexcept { return streams_[next_stream++ % streams_.size()]; }
cuda::stream_ref cuda_stream_pool::get_stream(std::size_t id) const { return streams_[id % streams_.size()]; }
std::size_t cuda_stream_pool::get_pool_size() const noexcept { return streams_.size(); }

using Resource = cuda::mr::any_resource<cuda::mr::device_accessible>;

device_buffer::device_buffer() : _mr(mr::get_current_device_resource_ref()) {}
device_buffer::device_buffer(std::size_t size, cuda::stream_ref stream, Resource resource)
    : _stream(stream), _mr(std::move(resource)) {
  allocate_async(size);
  _size = size;
}
device_buffer::device_buffer(std::size_t size, std::size_t alignment, cuda::stream_ref stream, Resource resource)
    : device_buffer(size, stream, std::move(resource)) {
  if (!is_pow2(alignment)) throw rmm::invalid_argument("the alignment is not a power of two");
}
device_buffer::device_buffer(const void* source, std::size_t size, cuda::stream_ref stream, Resource resource)
    : device_buffer(size, stream, std::move(resource)) {
  copy_async(source, size);
}
device_buffer::device_buffer(const void* source, std::size_t size, std::size_t alignment, cuda::stream_ref stream,
                             Resource resource)
    : device_buffer(size, alignment, stream, std::move(resource)) {
  copy_async(source, size);
}
device_buffer::device_buffer(const device_buffer& other, cuda::stream_ref stream, Resource resource)
    : device_buffer(other.data(), other.size(), stream, std::move(resource)) {}
device_buffer::device_buffer(device_buffer&& other) noexcept
    : _data(std::exchange(other._data, nullptr)),
      _size(std::exchange(other._size, 0)),
      _alignment(other._alignment),
      _capacity(std::exchange(other._capacity, 0)),
      _stream(other._stream),
      _mr(other._mr),
      _device(other._device) {}
device_buffer& device_buffer::operator=(device_buffer&& other) noexcept {
  if (this == &other) return *this;
  deallocate_async();
  _data = std::exchange(other._data, nullptr);
  _size = std::exchange(other._size, 0);
  _alignment = other._alignment;
  _capacity = std::exchange(other._capacity, 0);
  _stream = other._stream;
  _mr = other._mr;
  _device = other._device;
  return *this;
}
device_buffer::~device_buffer() noexcept { deallocate_async(); }

void device_buffer::allocate_async(std::size_t bytes) {
  _capacity = bytes;
  _data = bytes > 0 ? _mr.allocate(_stream, bytes, _alignment) : nullptr;
}
void device_buffer::deallocate_async() noexcept {
  if (_data != nullptr) _mr.deallocate(_stream, _data, _capacity, _alignment);
  _data = nullptr;
  _size = _capacity = 0;
}
void device_buffer::copy_async(const void* source, std::size_t bytes) { gpu::copy(_data, source, bytes, _stream.get()); }

void device_buffer::reserve(std::size_t capacity, cuda::stream_ref stream) {
  set_stream(stream);
  if (capacity <= _capacity) return;
  device_buffer larger(capacity, stream, _mr);
  gpu::copy(larger._data, _data, _size, stream.get());
  larger._size = _size;
  *this = std::move(larger);
}
void device_buffer::resize(std::size_t size, cuda::stream_ref stream) {
  reserve(size, stream);
  _size = size;
}
void device_buffer::shrink_to_fit(cuda::stream_ref stream) {
  set_stream(stream);
  if (_size == _capacity) return;
  device_buffer smaller(_data, _size, stream, _mr);
  *this = std::move(smaller);
}

RMM_NAMESPACE_END
