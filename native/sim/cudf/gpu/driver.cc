// The driver's entry points that CCCL looks up by name in libcuda.so.1: this library carries that name.
#include <cuda.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "fake_gpu.hh"
#include "fault.hh"

namespace gpu = warpframe::host::gpu;

namespace {

std::uint64_t id_of(CUevent event) { return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(event)); }

/** The numbers of both interfaces are the same. */
CUresult alive() { return static_cast<CUresult>(gpu::fault()); }

CUresult init(unsigned) { return CUDA_SUCCESS; }
CUresult driver_version(int* version) {
  *version = 13000;
  return CUDA_SUCCESS;
}
CUresult stream_synchronize(CUstream stream) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::synchronize(stream);
  return CUDA_SUCCESS;
}
CUresult stream_query(CUstream) { return alive(); }
CUresult stream_wait_event(CUstream stream, CUevent event, unsigned) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::wait_event(stream, id_of(event));
  return CUDA_SUCCESS;
}
CUresult stream_create(CUstream* stream, unsigned flags, int) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  *stream = gpu::create_stream((flags & CU_STREAM_NON_BLOCKING) != 0);
  return CUDA_SUCCESS;
}
CUresult stream_destroy(CUstream stream) {
  gpu::destroy_stream(stream);
  return CUDA_SUCCESS;
}
CUresult stream_priority(CUstream, int* priority) {
  *priority = 0;
  return CUDA_SUCCESS;
}
CUresult stream_id(CUstream stream, unsigned long long* id) {
  *id = reinterpret_cast<std::uintptr_t>(stream);
  return CUDA_SUCCESS;
}
CUresult stream_context(CUstream, CUcontext* context) {
  *context = reinterpret_cast<CUcontext>(std::uintptr_t{0x10});
  return CUDA_SUCCESS;
}
CUresult stream_device(CUstream, CUdevice* device) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult event_create(CUevent* event, unsigned) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  *event = reinterpret_cast<CUevent>(static_cast<std::uintptr_t>(gpu::create_event()));
  return CUDA_SUCCESS;
}
CUresult event_destroy(CUevent event) {
  gpu::destroy_event(id_of(event));
  return CUDA_SUCCESS;
}
CUresult event_record(CUevent event, CUstream stream) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::record_event(id_of(event), stream);
  return CUDA_SUCCESS;
}
CUresult event_synchronize(CUevent event) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::synchronize_event(id_of(event));
  return CUDA_SUCCESS;
}
CUresult event_query(CUevent) { return alive(); }
CUresult launch_host(CUstream stream, CUhostFn run, void* argument) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::enqueue(stream, run, argument);
  return CUDA_SUCCESS;
}
CUresult context_current(CUcontext* context) {
  *context = reinterpret_cast<CUcontext>(std::uintptr_t{0x10});
  return CUDA_SUCCESS;
}
CUresult context_push(CUcontext) { return CUDA_SUCCESS; }
CUresult context_pop(CUcontext* context) { return context_current(context); }
CUresult context_device(CUdevice* device) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult primary_retain(CUcontext* context, CUdevice) { return context_current(context); }
CUresult primary_release(CUdevice) { return CUDA_SUCCESS; }
CUresult device_get(CUdevice* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
CUresult device_count(int* count) {
  *count = 1;
  return CUDA_SUCCESS;
}
CUresult memcpy_async(CUdeviceptr target, CUdeviceptr source, std::size_t bytes, CUstream stream) {
  if (const CUresult failed = alive(); failed != CUDA_SUCCESS) return failed;
  gpu::copy(reinterpret_cast<void*>(target), reinterpret_cast<const void*>(source), bytes, stream);
  return CUDA_SUCCESS;
}

template <typename F>
void* entry(F* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CUresult cuGetProcAddress_v2(const char* name, void** function, int,
                                                                              cuuint64_t,
                                                                              CUdriverProcAddressQueryResult* status) {
  static const std::map<std::string, void*> table{
      {"cuInit", entry(init)},
      {"cuDriverGetVersion", entry(driver_version)},
      {"cuGetProcAddress", entry(cuGetProcAddress_v2)},
      {"cuStreamSynchronize", entry(stream_synchronize)},
      {"cuStreamQuery", entry(stream_query)},
      {"cuStreamWaitEvent", entry(stream_wait_event)},
      {"cuStreamCreateWithPriority", entry(stream_create)},
      {"cuStreamDestroy", entry(stream_destroy)},
      {"cuStreamGetPriority", entry(stream_priority)},
      {"cuStreamGetId", entry(stream_id)},
      {"cuStreamGetCtx", entry(stream_context)},
      {"cuStreamGetDevice", entry(stream_device)},
      {"cuEventCreate", entry(event_create)},
      {"cuEventDestroy", entry(event_destroy)},
      {"cuEventRecord", entry(event_record)},
      {"cuEventSynchronize", entry(event_synchronize)},
      {"cuEventQuery", entry(event_query)},
      {"cuLaunchHostFunc", entry(launch_host)},
      {"cuCtxGetCurrent", entry(context_current)},
      {"cuCtxPushCurrent", entry(context_push)},
      {"cuCtxPopCurrent", entry(context_pop)},
      {"cuCtxGetDevice", entry(context_device)},
      {"cuDevicePrimaryCtxRetain", entry(primary_retain)},
      {"cuDevicePrimaryCtxRelease", entry(primary_release)},
      {"cuDeviceGet", entry(device_get)},
      {"cuDeviceGetCount", entry(device_count)},
      {"cuMemcpyAsync", entry(memcpy_async)},
  };
  const auto found = table.find(name);
  *function = found == table.end() ? nullptr : found->second;
  if (status != nullptr) {
    *status = *function != nullptr ? CU_GET_PROC_ADDRESS_SUCCESS : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  }
  if (*function == nullptr) std::fprintf(stderr, "host-cudf: the driver's %s is not there\n", name);
  return *function != nullptr ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
