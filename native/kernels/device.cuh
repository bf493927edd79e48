// The first include of every .cu file. Three front ends build the same source:
//   nvcc                   device and host half
//   NVRTC + C++ compiler   NVRTC takes the device half; WARPFRAME_CUDA_RTC marks the host half, where kernels are found by
//                          name in the embedded images (images.hh)
//   WARPFRAME_CUDA_SIM     both halves on the host, sim/cuda
#pragma once

#include "kernels/types.hh"

#if defined(__CUDACC_RTC__)
#define WF_DEVICE_HALF 1
#define WF_HOST_HALF 0
#elif defined(__CUDACC__)
#include <cuda_runtime.h>
#define WF_DEVICE_HALF 1
#define WF_HOST_HALF 1
#elif defined(WARPFRAME_CUDA_SIM)
#include "sim/cuda/cuda_runtime.h"
#define WF_DEVICE_HALF 1
#define WF_HOST_HALF 1
#elif defined(WARPFRAME_CUDA_RTC)
#include <cuda_runtime_api.h>
#define WF_DEVICE_HALF 0
#define WF_HOST_HALF 1
#else
#error "Kernels need nvcc, NVRTC, WARPFRAME_CUDA_RTC or WARPFRAME_CUDA_SIM"
#endif

// A kernel has one argument, a struct by value, and a name that is unique in the process. Its bounds are the threads of a
// block and, where the compiler would rather spill than use registers, how many blocks a processor should hold.
#define WF_KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(__VA_ARGS__) name

#if defined(WARPFRAME_CUDA_SIM)
/** A shared array of static size: WF_SHARED(float, tile, [32][33]). */
#define WF_SHARED(T, name, dims)           \
  static const char name##_key = 0;        \
  using name##_array = T dims;             \
  name##_array& name = *static_cast<name##_array*>(::warpframe::sim::shared_variable(&name##_key, sizeof(name##_array)))
/** The shared bytes that the launch asked for. */
#define WF_DYNAMIC_SHARED(T, name) \
  T* const name = reinterpret_cast<T*>(::warpframe::sim::current_lane->block->dynamic_shared.get())
#else
#define WF_SHARED(T, name, dims) __shared__ T name dims
#define WF_DYNAMIC_SHARED(T, name)                                 \
  extern __shared__ __align__(16) unsigned char wf_dynamic_shared[]; \
  T* const name = reinterpret_cast<T*>(wf_dynamic_shared)
#endif

#if WF_HOST_HALF
#include "kernels/launch.hh"
#endif
