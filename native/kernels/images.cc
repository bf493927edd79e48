#include "kernels/images.hh"

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace warpframe::kernels {
namespace {

/** What has been loaded, by compute capability: handles of the library interface are good for all devices of one. */
struct Loaded {
  std::mutex mutex;
  std::map<int, cudaLibrary_t> libraries;
  std::map<std::pair<int, std::string>, const void*> kernels;
};

Loaded& loaded() {
  static auto* const one = new Loaded();
  return *one;
}

cudaError_t capability(int* major, int* minor) {
  int device = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status == cudaSuccess) status = cudaDeviceGetAttribute(major, cudaDevAttrComputeCapabilityMajor, device);
  if (status == cudaSuccess) status = cudaDeviceGetAttribute(minor, cudaDevAttrComputeCapabilityMinor, device);
  return status;
}

}  // namespace

const Image* choose_image(std::span<const Image> images, int major, int minor) {
  const int own = major * 10 + minor;
  const Image* best = nullptr;
  for (const Image& image : images) {
    const bool fits = image.architecture <= own && (image.is_ptx || image.architecture / 10 == major);
    if (!fits) continue;
    const bool better = best == nullptr || (best->is_ptx && !image.is_ptx) ||
                        (best->is_ptx == image.is_ptx && image.architecture > best->architecture);
    if (better) best = &image;
  }
  return best;
}

cudaError_t find_kernel(const char* name, const void** function) {
  int major = 0;
  int minor = 0;
  cudaError_t status = capability(&major, &minor);
  if (status != cudaSuccess) return status;
  const int own = major * 10 + minor;
  Loaded& all = loaded();
  const std::lock_guard lock(all.mutex);
  const auto known = all.kernels.find({own, name});
  if (known != all.kernels.end()) {
    *function = known->second;
    return cudaSuccess;
  }
  if (!all.libraries.contains(own)) {
    const Image* const image = choose_image(embedded_images(), major, minor);
    if (image == nullptr) return cudaErrorNoKernelImageForDevice;
    cudaLibrary_t library = nullptr;
    status = cudaLibraryLoadData(&library, image->data, nullptr, nullptr, 0, nullptr, nullptr, 0);
    if (status != cudaSuccess) return status;
    all.libraries[own] = library;
  }
  cudaKernel_t kernel = nullptr;
  status = cudaLibraryGetKernel(&kernel, all.libraries[own], name);
  if (status != cudaSuccess) return status;
  *function = reinterpret_cast<const void*>(kernel);
  all.kernels[{own, name}] = *function;
  return cudaSuccess;
}

}  // namespace warpframe::kernels
