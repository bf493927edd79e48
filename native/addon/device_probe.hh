// Which CUDA devices there are, asked of the CUDA runtime inside the addon. libcuda is not linked, so this answers on
// every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace warpframe {

struct DeviceProperties {
  int id = 0;
  std::string name;
  std::uint64_t total_bytes = 0;
  int capability_major = 0;
  int capability_minor = 0;
  int multiprocessors = 0;
};

struct DeviceProbe {
  /** Built with CUDA, or for the host libcudf. Where false, nothing else is filled in. */
  bool built = false;
  /** Not a GPU: libcudf's host stand-in. */
  bool host = false;
  /** Of cudaGetDeviceCount, or of the call that failed; 0: success. */
  int code = 0;
  std::string code_name;
  /** Such as 13000; 0: no driver. */
  int driver_version = 0;
  int runtime_version = 0;
  std::vector<DeviceProperties> devices;
};

/** May start the driver, which takes up to a second: not for the JavaScript thread. */
DeviceProbe probe_devices();

}  // namespace warpframe
