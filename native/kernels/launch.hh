// The host half of every launch.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "kernels/types.hh"
#include "util/failure.hh"

namespace warpframe::kernels {

/** Turns a status into a Failure: ERR_OUT_OF_MEMORY, or ERR_DEVICE with CUDA's name and words. */
void check(cudaError_t status, const char* what);

/** Blocks of `size` that cover `count`. */
inline unsigned blocks_for(std::uint64_t count, std::uint64_t size) {
  const std::uint64_t blocks = (count + size - 1) / size;
  return static_cast<unsigned>(blocks == 0 ? 1 : blocks);
}

/** At most `most` blocks: the kernel strides over the rest. */
inline unsigned blocks_for(std::uint64_t count, std::uint64_t size, unsigned most) {
#if defined(WARPFRAME_CUDA_SIM)
  most = 3;  // so that small tests stride too
#endif
  const unsigned blocks = blocks_for(count, size);
  return blocks < most ? blocks : most;
}

#if !defined(WARPFRAME_CUDA_SIM)
/** Launches a kernel by its function, or by its name in the embedded images where `function` is null. */
cudaError_t launch_kernel(const char* name, const void* function, dim3 blocks, dim3 threads, std::size_t shared_bytes,
                          Stream stream, const void* argument);
#endif

}  // namespace warpframe::kernels

// WF_LAUNCH(kernel, blocks, threads, shared bytes, stream, argument): throws a Failure that names the kernel.
#if defined(WARPFRAME_CUDA_SIM)
#define WF_LAUNCH(name, blocks, threads, shared, stream, argument)                                                     \
  ::warpframe::kernels::check(                                                                                         \
      ::warpframe::sim::launch_kernel(#name, &name, (blocks), (threads), (shared), (stream), false, (argument)), #name)
#elif WF_DEVICE_HALF
#define WF_LAUNCH(name, blocks, threads, shared, stream, argument)                                              \
  do {                                                                                                          \
    void (*const wf_function)(std::remove_cv_t<std::remove_reference_t<decltype(argument)>>) = &name;           \
    ::warpframe::kernels::check(                                                                                \
        ::warpframe::kernels::launch_kernel(#name, reinterpret_cast<const void*>(wf_function), (blocks), (threads), \
                                            (shared), (stream), &(argument)),                                   \
        #name);                                                                                                 \
  } while (false)
#else
#define WF_LAUNCH(name, blocks, threads, shared, stream, argument)                                                    \
  ::warpframe::kernels::check(::warpframe::kernels::launch_kernel(#name, nullptr, (blocks), (threads), (shared),      \
                                                                  (stream), &(argument)),                             \
                              #name)
#endif
