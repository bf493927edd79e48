// Memory, streams and events of the simulated device. Device memory is unreadable to the program between calls: a host
// dereference is a SIGSEGV at its line. Work on a stream is deferred until something waits for it, so that a missing wait
// shows as stale bytes. Single device, one submitting thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "sim/cuda/lanes.hh"

struct CUstream_st;
struct CUevent_st;

namespace warpframe::sim {

// In one process with the host libcudf (sim/cudf) memory and streams are that one's: kernels then run at once, while its
// device memory is open.

/** Status codes are cudaError's numbers. */
int allocate(void** place, std::size_t bytes);
int release(void* place);
int allocate_pinned(void** place, std::size_t bytes);
int release_pinned(void* place);
/** The most bytes that may be allocated at a time. */
void set_memory_limit(std::size_t bytes);
std::size_t memory_in_use();
std::size_t memory_limit();

enum class Direction { to_device, to_host, within_device, within_host };
/** Copies in stream order. Host memory that is not pinned is read before the call returns, as CUDA does. */
int copy(void* to, const void* from, std::size_t bytes, Direction direction, CUstream_st* stream);
int fill(void* to, int byte, std::size_t bytes, CUstream_st* stream);

CUstream_st* make_stream(bool blocking);
int destroy_stream(CUstream_st* stream);
/** Does what is queued; the first failure of a kernel stays and is given by every later call. */
int synchronize(CUstream_st* stream);
/** The default stream and all streams that block it. */
int synchronize_default();
int synchronize_device();
CUevent_st* make_event();
int destroy_event(CUevent_st* event);
int record(CUevent_st* event, CUstream_st* stream);
int wait_event(CUstream_st* stream, CUevent_st* event);
int synchronize(CUevent_st* event);
float elapsed_ms(const CUevent_st* from, const CUevent_st* to);

/** Queues a kernel. Gives cudaErrorInvalidConfiguration for a grid that no device takes. */
int launch(Size3 blocks, Size3 threads, std::size_t dynamic_shared_bytes, CUstream_st* stream, bool cooperative,
           std::string name, std::function<void()> body);

int last_error(bool forget);
void set_last_error(int code);
/** What is known about the failure that stays. */
const char* failure_text();

}  // namespace warpframe::sim
