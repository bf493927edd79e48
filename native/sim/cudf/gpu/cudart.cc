// The CUDA runtime's entry points that libcudf's headers, rmm's headers and our engine call, for the pretend GPU.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "fake_gpu.hh"
#include "fault.hh"

namespace gpu = warpframe::host::gpu;

namespace {

constexpr int kCudaVersion = 13000;
thread_local cudaError_t last_error = cudaSuccess;

cudaError_t result(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

cudaError_t allocated(void** out, void* address) {
  *out = address;
  return result(address != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}

/** What every call ends with once the device has failed. */
cudaError_t alive() { return result(gpu::fault()); }

cudaEvent_t event_of(std::uint64_t id) { return reinterpret_cast<cudaEvent_t>(static_cast<std::uintptr_t>(id)); }
std::uint64_t id_of(cudaEvent_t event) { return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(event)); }

int attribute(cudaDeviceAttr which) {
  switch (which) {
    case cudaDevAttrMemoryPoolsSupported: return 1;
    case cudaDevAttrComputeCapabilityMajor: return 9;
    case cudaDevAttrComputeCapabilityMinor: return 0;
    case cudaDevAttrMultiProcessorCount: return 2;
    case cudaDevAttrWarpSize: return 32;
    case cudaDevAttrMaxThreadsPerBlock: return 1024;
    case cudaDevAttrMaxSharedMemoryPerBlock: return 48 << 10;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: return 99 << 10;
    case cudaDevAttrUnifiedAddressing: return 1;
    default: return 0;
  }
}

}  // namespace

#define HOSTCUDF_API extern "C" __attribute__((visibility("default")))

HOSTCUDF_API cudaError_t cudaMalloc(void** out, std::size_t bytes) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return allocated(out, gpu::allocate(bytes, nullptr));
}
HOSTCUDF_API cudaError_t cudaFree(void* address) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  if (address != nullptr) gpu::release(address, nullptr);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMallocAsync(void** out, std::size_t bytes, cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return allocated(out, gpu::allocate(bytes, stream));
}
HOSTCUDF_API cudaError_t cudaMallocFromPoolAsync(void** out, std::size_t bytes, cudaMemPool_t, cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return allocated(out, gpu::allocate(bytes, stream));
}
HOSTCUDF_API cudaError_t cudaFreeAsync(void* address, cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  if (address != nullptr) gpu::release(address, stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMallocHost(void** out, std::size_t bytes) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return allocated(out, gpu::allocate_pinned(bytes));
}
HOSTCUDF_API cudaError_t cudaHostAlloc(void** out, std::size_t bytes, unsigned) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return allocated(out, gpu::allocate_pinned(bytes));
}
HOSTCUDF_API cudaError_t cudaFreeHost(void* address) {
  gpu::release_pinned(address);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  const gpu::Usage usage = gpu::usage();
  *free = usage.limit - usage.used;
  *total = usage.limit;
  return cudaSuccess;
}

HOSTCUDF_API cudaError_t cudaMemcpyAsync(void* target, const void* source, std::size_t bytes, cudaMemcpyKind,
                                         cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::copy(target, source, bytes, stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMemcpy(void* target, const void* source, std::size_t bytes, cudaMemcpyKind) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::copy(target, source, bytes, nullptr);
  gpu::synchronize(nullptr);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMemsetAsync(void* target, int value, std::size_t bytes, cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  if (bytes > 0) std::memset(gpu::write(target, bytes, stream, "cudaMemsetAsync"), value, bytes);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMemset(void* target, int value, std::size_t bytes) {
  return cudaMemsetAsync(target, value, bytes, nullptr);
}

HOSTCUDF_API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  *stream = gpu::create_stream((flags & cudaStreamNonBlocking) != 0);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, 0); }
HOSTCUDF_API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}
HOSTCUDF_API cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::destroy_stream(stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::synchronize(stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaStreamQuery(cudaStream_t) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaStreamGetId(cudaStream_t stream, unsigned long long* id) {
  *id = reinterpret_cast<std::uintptr_t>(stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::synchronize_all();
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t run, void* argument) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::enqueue(stream, run, argument);
  return cudaSuccess;
}

HOSTCUDF_API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  *event = event_of(gpu::create_event());
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, 0); }
HOSTCUDF_API cudaError_t cudaEventDestroy(cudaEvent_t event) {
  gpu::destroy_event(id_of(event));
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::record_event(id_of(event), stream);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::synchronize_event(id_of(event));
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaEventQuery(cudaEvent_t) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t, cudaEvent_t) {
  *ms = 0;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  if (const cudaError_t failed = alive(); failed != cudaSuccess) return failed;
  gpu::wait_event(stream, id_of(event));
  return cudaSuccess;
}

HOSTCUDF_API cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaSetDevice(int device) { return result(device == 0 ? cudaSuccess : cudaErrorInvalidDevice); }
HOSTCUDF_API cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int) {
  *value = attribute(which);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device != 0) return result(cudaErrorInvalidDevice);
  *properties = cudaDeviceProp{};
  std::strncpy(properties->name, "host-cudf, not a GPU", sizeof(properties->name) - 1);
  properties->totalGlobalMem = gpu::usage().limit;
  properties->major = attribute(cudaDevAttrComputeCapabilityMajor);
  properties->warpSize = attribute(cudaDevAttrWarpSize);
  properties->multiProcessorCount = attribute(cudaDevAttrMultiProcessorCount);
  properties->maxThreadsPerBlock = attribute(cudaDevAttrMaxThreadsPerBlock);
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaDriverGetVersion(int* version) {
  *version = kCudaVersion;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kCudaVersion;
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* out, const void* address) {
  *out = cudaPointerAttributes{};
  if (gpu::is_device(address)) {
    out->type = cudaMemoryTypeDevice;
    out->devicePointer = const_cast<void*>(address);
  } else if (gpu::is_pinned(address)) {
    out->type = cudaMemoryTypeHost;
    out->devicePointer = out->hostPointer = const_cast<void*>(address);
  } else {
    out->type = cudaMemoryTypeUnregistered;
  }
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = reinterpret_cast<cudaMemPool_t>(std::uintptr_t{0x10});
  return cudaSuccess;
}
HOSTCUDF_API cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
HOSTCUDF_API cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, std::size_t) { return cudaSuccess; }

HOSTCUDF_API cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
HOSTCUDF_API cudaError_t cudaPeekAtLastError() { return last_error; }
HOSTCUDF_API const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidDevice: return "cudaErrorInvalidDevice";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorECCUncorrectable: return "cudaErrorECCUncorrectable";
    case cudaErrorIllegalAddress: return "cudaErrorIllegalAddress";
    case cudaErrorLaunchTimeout: return "cudaErrorLaunchTimeout";
    case cudaErrorLaunchFailure: return "cudaErrorLaunchFailure";
    default: return "cudaErrorUnknown";
  }
}
HOSTCUDF_API const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "host-cudf, not a GPU: see the name of the error";
}
