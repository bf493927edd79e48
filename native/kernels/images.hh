// Kernels that NVRTC compiled when the library was built: machine code per architecture, and PTX for later ones.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <span>

namespace warpframe::kernels {

struct Image {
  int architecture;  // 80 is sm_80
  bool is_ptx;
  const unsigned char* data;
  std::size_t bytes;
};

/** All kernels, once per architecture. Written by embed_kernels.cc when the library is built. */
std::span<const Image> embedded_images();

/**
 * The image a device of compute capability major.minor runs: the newest machine code of its major version that is not
 * newer than it, else PTX that is not newer; null: none.
 */
const Image* choose_image(std::span<const Image> images, int major, int minor);

/** The kernel of a name on the current device. Images are loaded at their first use and never unloaded. */
cudaError_t find_kernel(const char* name, const void** function);

}  // namespace warpframe::kernels
