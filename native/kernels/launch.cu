// How a kernel is found and started, and how CUDA's status becomes a Failure.
#include "kernels/device.cuh"
#if defined(WARPFRAME_CUDA_RTC)
#include "kernels/images.hh"
#endif

#if WF_HOST_HALF
namespace warpframe::kernels {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  // The failure must not be what the next call of this thread reports.
  (void)cudaGetLastError();
  const std::string code = status == cudaErrorMemoryAllocation ? "ERR_OUT_OF_MEMORY" : "ERR_DEVICE";
  throw Failure(code, std::string(what) + " failed with " + cudaGetErrorName(status) + ": " + cudaGetErrorString(status) +
                          ".");
}

#if !defined(WARPFRAME_CUDA_SIM)
cudaError_t launch_kernel(const char* name, const void* function, dim3 blocks, dim3 threads, std::size_t shared_bytes,
                          Stream stream, const void* argument) {
#if defined(WARPFRAME_CUDA_RTC)
  const cudaError_t found = find_kernel(name, &function);
  if (found != cudaSuccess) return found;
#else
  (void)name;
#endif
  void* arguments[] = {const_cast<void*>(argument)};
  return cudaLaunchKernel(function, blocks, threads, arguments, shared_bytes, stream);
}
#endif

}  // namespace warpframe::kernels
#endif
