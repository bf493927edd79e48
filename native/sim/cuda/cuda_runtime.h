// The subset of CUDA's device language and runtime interface that native/kernels uses, on the simulator. Names and
// meanings are CUDA's. Everything here has internal linkage or is a template: it can live beside another cudart.
#pragma once

#include <cmath>
#include <tuple>
#include <utility>

#include "sim/cuda/lanes.hh"
#include "sim/cuda/runtime.hh"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
  constexpr operator warpframe::sim::Size3() const { return {x, y, z}; }
};

#define threadIdx (warpframe::sim::current_lane->thread)
#define blockIdx (warpframe::sim::current_lane->block->index)
#define blockDim (warpframe::sim::current_lane->block->grid->threads)
#define gridDim (warpframe::sim::current_lane->block->grid->blocks)

// ---- barriers and warps

inline void __syncthreads() { warpframe::sim::block_barrier(); }
inline void __syncwarp(unsigned mask = ~0u) { warpframe::sim::warp_barrier(mask, "__syncwarp"); }
template <class T>
T __shfl_sync(unsigned mask, T value, unsigned source) {
  return warpframe::sim::exchange(value, source, mask, "__shfl_sync");
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by) {
  const unsigned lane = warpframe::sim::lane_number();
  return warpframe::sim::exchange(value, lane + by < 32 ? lane + by : lane, mask, "__shfl_down_sync");
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by) {
  const unsigned lane = warpframe::sim::lane_number();
  return warpframe::sim::exchange(value, lane >= by ? lane - by : lane, mask, "__shfl_up_sync");
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, unsigned with) {
  return warpframe::sim::exchange(value, warpframe::sim::lane_number() ^ with, mask, "__shfl_xor_sync");
}
template <class F>
unsigned warp_vote(unsigned mask, std::uint64_t bits, const char* what, F counts) {
  warpframe::sim::publish(bits, mask, what);
  unsigned result = 0;
  for (unsigned i = 0; i < warpframe::sim::warp_lanes(); ++i)
    result |= static_cast<unsigned>(counts(warpframe::sim::published(i))) << i;
  warpframe::sim::warp_barrier(mask, what);
  return result;
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return warp_vote(mask, predicate != 0, "__ballot_sync", [](std::uint64_t b) { return b != 0; });
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }
template <class T>
unsigned __match_any_sync(unsigned mask, T value) {
  const std::uint64_t own = warpframe::sim::bits_of(value);
  return warp_vote(mask, own, "__match_any_sync", [own](std::uint64_t b) { return b == own; });
}

// ---- arithmetic

inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(static_cast<unsigned>(v)); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((static_cast<unsigned long long>(a) * b) >> 32);
}
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }
inline float __uint_as_float(unsigned v) { return warpframe::sim::value_of<float>(v); }
inline unsigned __float_as_uint(float v) { return static_cast<unsigned>(warpframe::sim::bits_of(v)); }
template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}

// ---- memory order and atomics

inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void __threadfence_block() { __threadfence(); }
template <class T, class F>
T sim_atomic(T* p, F next) {
  T old;
  T want;
  __atomic_load(p, &old, __ATOMIC_RELAXED);
  do {
    want = next(old);
  } while (!__atomic_compare_exchange(p, &old, &want, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return old;
}
template <class T>
T atomicAdd(T* p, T v) {
  return sim_atomic(p, [v](T old) { return static_cast<T>(old + v); });
}
template <class T>
T atomicSub(T* p, T v) {
  return sim_atomic(p, [v](T old) { return static_cast<T>(old - v); });
}
template <class T>
T atomicMin(T* p, T v) {
  return sim_atomic(p, [v](T old) { return v < old ? v : old; });
}
template <class T>
T atomicMax(T* p, T v) {
  return sim_atomic(p, [v](T old) { return old < v ? v : old; });
}
template <class T>
T atomicAnd(T* p, T v) {
  return sim_atomic(p, [v](T old) { return old & v; });
}
template <class T>
T atomicOr(T* p, T v) {
  return sim_atomic(p, [v](T old) { return old | v; });
}
template <class T>
T atomicXor(T* p, T v) {
  return sim_atomic(p, [v](T old) { return old ^ v; });
}
template <class T>
T atomicExch(T* p, T v) {
  return sim_atomic(p, [v](T) { return v; });
}
template <class T>
T atomicCAS(T* p, T expected, T v) {
  return sim_atomic(p, [expected, v](T old) { return old == expected ? v : old; });
}

// ---- runtime

enum cudaError {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchFailure = 719
};
typedef cudaError cudaError_t;
enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum cudaDeviceAttr {
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76
};
typedef CUstream_st* cudaStream_t;
typedef CUevent_st* cudaEvent_t;
enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1 };

#define WARPFRAME_SIM_CALL [[maybe_unused]] static inline
#define WARPFRAME_SIM_STATUS(expression) static_cast<cudaError_t>(expression)

template <class T>
cudaError_t cudaMalloc(T** p, std::size_t bytes) {
  void* place = nullptr;
  const int code = warpframe::sim::allocate(&place, bytes);
  *p = static_cast<T*>(place);
  if (code != 0) warpframe::sim::set_last_error(code);
  return WARPFRAME_SIM_STATUS(code);
}
/** Waits for the device, as CUDA's does. */
WARPFRAME_SIM_CALL cudaError_t cudaFree(void* p) {
  const int earlier = warpframe::sim::synchronize_device();
  const int code = warpframe::sim::release(p);
  return WARPFRAME_SIM_STATUS(earlier != 0 ? earlier : code);
}
template <class T>
cudaError_t cudaMallocHost(T** p, std::size_t bytes) {
  void* place = nullptr;
  const int code = warpframe::sim::allocate_pinned(&place, bytes);
  *p = static_cast<T*>(place);
  return WARPFRAME_SIM_STATUS(code);
}
WARPFRAME_SIM_CALL cudaError_t cudaFreeHost(void* p) { return WARPFRAME_SIM_STATUS(warpframe::sim::release_pinned(p)); }
WARPFRAME_SIM_CALL cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                                               cudaStream_t stream = nullptr) {
  using warpframe::sim::Direction;
  const Direction way = kind == cudaMemcpyHostToDevice   ? Direction::to_device
                        : kind == cudaMemcpyDeviceToHost ? Direction::to_host
                        : kind == cudaMemcpyHostToHost   ? Direction::within_host
                                                         : Direction::within_device;
  return WARPFRAME_SIM_STATUS(warpframe::sim::copy(to, from, bytes, way, stream));
}
WARPFRAME_SIM_CALL cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const cudaError_t code = cudaMemcpyAsync(to, from, bytes, kind);
  return code != cudaSuccess ? code : WARPFRAME_SIM_STATUS(warpframe::sim::synchronize_default());
}
WARPFRAME_SIM_CALL cudaError_t cudaMemsetAsync(void* to, int byte, std::size_t bytes, cudaStream_t stream = nullptr) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::fill(to, byte, bytes, stream));
}
WARPFRAME_SIM_CALL cudaError_t cudaMemset(void* to, int byte, std::size_t bytes) { return cudaMemsetAsync(to, byte, bytes); }
WARPFRAME_SIM_CALL cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total) {
  *total = warpframe::sim::memory_limit();
  *available = *total - warpframe::sim::memory_in_use();
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  *stream = warpframe::sim::make_stream(flags != cudaStreamNonBlocking);
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, 0); }
WARPFRAME_SIM_CALL cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::destroy_stream(stream));
}
WARPFRAME_SIM_CALL cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::synchronize(stream));
}
WARPFRAME_SIM_CALL cudaError_t cudaDeviceSynchronize() { return WARPFRAME_SIM_STATUS(warpframe::sim::synchronize_device()); }
WARPFRAME_SIM_CALL cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = warpframe::sim::make_event();
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::destroy_event(event));
}
WARPFRAME_SIM_CALL cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::record(event, stream));
}
WARPFRAME_SIM_CALL cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned = 0) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::wait_event(stream, event));
}
WARPFRAME_SIM_CALL cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return WARPFRAME_SIM_STATUS(warpframe::sim::synchronize(event));
}
WARPFRAME_SIM_CALL cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t from, cudaEvent_t to) {
  *ms = warpframe::sim::elapsed_ms(from, to);
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaGetLastError() { return WARPFRAME_SIM_STATUS(warpframe::sim::last_error(true)); }
WARPFRAME_SIM_CALL cudaError_t cudaPeekAtLastError() { return WARPFRAME_SIM_STATUS(warpframe::sim::last_error(false)); }
WARPFRAME_SIM_CALL cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaGetDevice(int* id) {
  *id = 0;
  return cudaSuccess;
}
WARPFRAME_SIM_CALL cudaError_t cudaSetDevice(int id) { return id == 0 ? cudaSuccess : cudaErrorInvalidValue; }
WARPFRAME_SIM_CALL cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int) {
  *value = which == cudaDevAttrMultiProcessorCount ? 4 : which == cudaDevAttrComputeCapabilityMajor ? 8 : 0;
  return cudaSuccess;
}
WARPFRAME_SIM_CALL const char* cudaGetErrorName(cudaError_t code) {
  switch (code) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration: return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidResourceHandle: return "cudaErrorInvalidResourceHandle";
    case cudaErrorIllegalAddress: return "cudaErrorIllegalAddress";
    case cudaErrorLaunchFailure: return "cudaErrorLaunchFailure";
  }
  return "cudaErrorUnknown";
}
/** For a failure inside a kernel: which rule was broken, and where. */
WARPFRAME_SIM_CALL const char* cudaGetErrorString(cudaError_t code) {
  const bool inside = code == cudaErrorLaunchFailure || code == cudaErrorIllegalAddress;
  return inside && *warpframe::sim::failure_text() != 0 ? warpframe::sim::failure_text() : cudaGetErrorName(code);
}

namespace warpframe::sim {

/** Queues a kernel; arguments are copied now, and each lane gets its own copy, as on the device. */
template <class... P, class... A>
cudaError_t launch_kernel(const char* name, void (*kernel)(P...), dim3 blocks, dim3 threads, std::size_t shared_bytes,
                          cudaStream_t stream, bool cooperative, const A&... arguments) {
  return WARPFRAME_SIM_STATUS(
      launch(blocks, threads, shared_bytes, stream, cooperative, name,
             [kernel, pack = std::tuple<std::decay_t<P>...>(arguments...)] { std::apply(kernel, pack); }));
}

}  // namespace warpframe::sim
