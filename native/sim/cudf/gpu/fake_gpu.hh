// A pretend GPU (host-cudf, not a GPU). Device addresses are reserved without access, so that host code that follows
// one dies at that line; the host library reaches the bytes through a second mapping of the same memory. Every access
// is checked against a table of allocations: bounds, use after free, and the stream that wrote last.
//
// Environment, read once: HOSTCUDF_SEED (1), HOSTCUDF_CHAOS (1; 0 switches poison, shuffles and late copies off),
// HOSTCUDF_BYTES (device memory, 4 GiB).
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace warpframe::host {

/** A misuse of the device: a defect of the caller, whatever the caller makes of the exception. */
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** Prints the sentence and throws it. */
[[noreturn]] void violate(const std::string& sentence);

namespace gpu {

bool is_device(const void* address);
/** @returns null over the limit. Fresh bytes are poison. */
void* allocate(std::size_t bytes, cudaStream_t stream);
void release(void* address, cudaStream_t stream);
/**
 * The host's alias of a device range.
 * @throws Violation for an address outside every allocation, past its end, after its end of life, or last written on
 * another stream without a synchronisation or an event in between
 */
const void* read(const void* address, std::size_t bytes, cudaStream_t stream, const char* what);
void* write(void* address, std::size_t bytes, cudaStream_t stream, const char* what);

/** Copies in any direction. Copies to the host are delivered when the stream is synchronised, not before. */
void copy(void* target, const void* source, std::size_t bytes, cudaStream_t stream);
/** Delivers the stream's copies and makes its writes visible to every stream. */
void synchronize(cudaStream_t stream);
void synchronize_all();
/** Runs a host function once everything before it on the stream is delivered. */
void enqueue(cudaStream_t stream, void (*run)(void*), void* argument);

/** Page-locked memory of the host. */
void* allocate_pinned(std::size_t bytes);
void release_pinned(void* address);
bool is_pinned(const void* address);

cudaStream_t create_stream(bool non_blocking);
void destroy_stream(cudaStream_t stream);
std::uint64_t create_event();
void destroy_event(std::uint64_t event);
void record_event(std::uint64_t event, cudaStream_t stream);
/** Later work of the stream sees what was before the event. */
void wait_event(cudaStream_t stream, std::uint64_t event);
void synchronize_event(std::uint64_t event);

struct Usage {
  std::size_t used = 0;
  std::size_t limit = 0;
  std::size_t live = 0;  // allocations
};
Usage usage();

/** Chaos: what libcudf leaves open is drawn anew. */
bool chaos();
std::uint64_t random();

/** While one is alive, code may follow device addresses: the simulator of kernels runs inside. Allocations stay checked
 *  by address only. */
class Unlocked {
 public:
  Unlocked();
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
};

}  // namespace gpu
}  // namespace warpframe::host

// For the simulator of kernels, which must not depend on this library: found by dlsym, absent elsewhere.
extern "C" void hostcudf_unlock();
extern "C" void hostcudf_lock();
