#include "device_probe.hh"

#ifdef WARPFRAME_CUDA
#include <cuda_runtime_api.h>
#endif

namespace warpframe {

#ifdef WARPFRAME_CUDA

DeviceProbe probe_devices() {
  DeviceProbe probe;
  probe.built = true;
  const auto failed = [&](cudaError_t code) {
    probe.code = static_cast<int>(code);
    probe.code_name = cudaGetErrorName(code);
    // The failure must not be what the next call of this thread reports.
    cudaGetLastError();
    return code != cudaSuccess;
  };
  cudaRuntimeGetVersion(&probe.runtime_version);
  cudaDriverGetVersion(&probe.driver_version);
  int count = 0;
  if (failed(cudaGetDeviceCount(&count))) return probe;
  for (int id = 0; id < count; ++id) {
    cudaDeviceProp properties{};
    if (failed(cudaGetDeviceProperties(&properties, id))) return probe;
    probe.devices.push_back({id, properties.name, properties.totalGlobalMem, properties.major, properties.minor,
                             properties.multiProcessorCount});
  }
  return probe;
}

#elif defined(WARPFRAME_SIM)

DeviceProbe probe_devices() {
  DeviceProbe probe;
  probe.built = true;
  probe.host = true;
  probe.code_name = "cudaSuccess";
  probe.devices.push_back({0, "host-cudf, not a GPU", 0, 0, 0, 0});
  return probe;
}

#else

DeviceProbe probe_devices() { return {}; }

#endif

}  // namespace warpframe
