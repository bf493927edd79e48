// How the pretend GPU fails (host-cudf, not a GPU), for tests of what is made of it.
#pragma once

#include <cuda_runtime_api.h>

namespace warpframe::host::gpu {

/**
 * What the device fails with: the number of an error in the file that HOSTCUDF_FAULT names, from when that file appears,
 * or so many calls later as a second number says. An error that destroys a context stays; another is told once. Every entry
 * point of the runtime asks.
 */
cudaError_t fault();

}  // namespace warpframe::host::gpu
