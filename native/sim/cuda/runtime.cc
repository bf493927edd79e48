#include "sim/cuda/runtime.hh"

#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "sim/cuda/memory.hh"

struct CUstream_st {
  bool blocking = true;
  bool running = false;
  std::deque<std::function<void()>> queue;
};
struct CUevent_st {
  CUstream_st* stream = nullptr;
  bool reached = true;
  std::chrono::steady_clock::time_point time;
};

// The host libcudf's, where it is in this process.
extern "C" {
__attribute__((weak)) void hostcudf_unlock();
__attribute__((weak)) void hostcudf_lock();
}

namespace warpframe::sim {
namespace {

bool has_foreign_device() { return hostcudf_unlock != nullptr && hostcudf_lock != nullptr; }

/** While one exists, the device memory of the host libcudf can be read and written. */
struct ForeignMemory {
  ForeignMemory() { hostcudf_unlock(); }
  ~ForeignMemory() { hostcudf_lock(); }
  ForeignMemory(const ForeignMemory&) = delete;
  ForeignMemory& operator=(const ForeignMemory&) = delete;
};

constexpr int kInvalidValue = 1;
constexpr int kInvalidConfiguration = 9;
constexpr int kInvalidHandle = 400;
constexpr int kLaunchFailure = 719;
constexpr unsigned kMostBlocksX = 2147483647u;
constexpr unsigned kMostBlocksYZ = 65535u;

struct Runtime {
  CUstream_st standard;
  std::vector<std::unique_ptr<CUstream_st>> streams;
  std::vector<std::unique_ptr<CUevent_st>> events;
  int last = 0;
  int sticky = 0;
  std::string text;
};

Runtime& runtime() {
  static auto* const one = new Runtime();
  return *one;
}

CUstream_st* resolved(CUstream_st* stream) { return stream == nullptr ? &runtime().standard : stream; }

bool known(const CUstream_st* stream) {
  if (stream == &runtime().standard) return true;
  for (const auto& s : runtime().streams)
    if (s.get() == stream) return true;
  return false;
}

/** Keeps a failure for every later call to give, and passes it on. */
int given(int code) {
  if (code != 0) runtime().last = code;
  return code;
}

void keep_failure(int code, std::string text) {
  Runtime& r = runtime();
  if (r.sticky != 0) return;
  r.sticky = code;
  r.text = std::move(text);
}

/** Does a stream's work up to its end, or up to an event. */
int drain(CUstream_st* stream, const CUevent_st* until) {
  Runtime& r = runtime();
  // A stream that waits for an event of a stream that waits for it has nothing more to give.
  if (!stream->running) {
    stream->running = true;
    while (!stream->queue.empty() && r.sticky == 0 && !(until != nullptr && until->reached)) {
      const std::function<void()> work = std::move(stream->queue.front());
      stream->queue.pop_front();
      work();
    }
    stream->running = false;
  }
  if (r.sticky == 0) {
    const OpenMemory open;
    if (!guards_whole()) keep_failure(kGuardBroken, "A kernel or copy wrote behind the end of an allocation");
  }
  return given(r.sticky);
}

int queue(CUstream_st* stream, std::function<void()> work) {
  CUstream_st* const s = resolved(stream);
  if (!known(s)) return given(kInvalidHandle);
  if (runtime().sticky != 0) return given(runtime().sticky);
  s->queue.push_back(std::move(work));
  return 0;
}

}  // namespace

int copy(void* to, const void* from, std::size_t bytes, Direction direction, CUstream_st* stream) {
  if (bytes == 0) return 0;
  if (has_foreign_device()) {
    const ForeignMemory open;
    const OpenMemory own;
    std::memmove(to, from, bytes);
    return 0;
  }
  const bool device_to = direction == Direction::to_device || direction == Direction::within_device;
  const bool device_from = direction == Direction::to_host || direction == Direction::within_device;
  if ((device_to != within(to, bytes)) || (device_from != within(from, bytes))) return given(kInvalidValue);
  if (!device_from && !is_pinned(from)) {
    auto held = std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    return queue(stream, [to, held] {
      const OpenMemory open;
      std::memcpy(to, held->data(), held->size());
    });
  }
  return queue(stream, [to, from, bytes] {
    const OpenMemory open;
    std::memmove(to, from, bytes);
  });
}

int fill(void* to, int byte, std::size_t bytes, CUstream_st* stream) {
  if (bytes == 0) return 0;
  if (has_foreign_device()) {
    const ForeignMemory open;
    const OpenMemory own;
    std::memset(to, byte, bytes);
    return 0;
  }
  if (!within(to, bytes)) return given(kInvalidValue);
  return queue(stream, [to, byte, bytes] {
    const OpenMemory open;
    std::memset(to, byte, bytes);
  });
}

CUstream_st* make_stream(bool blocking) {
  auto stream = std::make_unique<CUstream_st>();
  stream->blocking = blocking;
  runtime().streams.push_back(std::move(stream));
  return runtime().streams.back().get();
}

int destroy_stream(CUstream_st* stream) {
  if (!known(stream) || stream == &runtime().standard) return given(kInvalidHandle);
  const int code = drain(stream, nullptr);
  std::erase_if(runtime().streams, [stream](const auto& s) { return s.get() == stream; });
  return code;
}

int synchronize(CUstream_st* stream) {
  CUstream_st* const s = resolved(stream);
  return known(s) ? drain(s, nullptr) : given(kInvalidHandle);
}

int synchronize_default() {
  Runtime& r = runtime();
  int code = drain(&r.standard, nullptr);
  for (const auto& s : r.streams)
    if (s->blocking) code = drain(s.get(), nullptr);
  return code;
}

int synchronize_device() {
  Runtime& r = runtime();
  int code = drain(&r.standard, nullptr);
  for (const auto& s : r.streams) code = drain(s.get(), nullptr);
  return code;
}

CUevent_st* make_event() {
  runtime().events.push_back(std::make_unique<CUevent_st>());
  return runtime().events.back().get();
}

int destroy_event(CUevent_st* event) {
  return std::erase_if(runtime().events, [event](const auto& e) { return e.get() == event; }) == 1 ? 0
                                                                                                   : given(kInvalidHandle);
}

int record(CUevent_st* event, CUstream_st* stream) {
  event->stream = resolved(stream);
  event->reached = false;
  return queue(stream, [event] {
    event->reached = true;
    event->time = std::chrono::steady_clock::now();
  });
}

int wait_event(CUstream_st* stream, CUevent_st* event) {
  return queue(stream, [event] {
    if (!event->reached) drain(event->stream, event);
  });
}

int synchronize(CUevent_st* event) { return event->reached ? 0 : drain(event->stream, event); }

float elapsed_ms(const CUevent_st* from, const CUevent_st* to) {
  return std::chrono::duration<float, std::milli>(to->time - from->time).count();
}

int launch(Size3 blocks, Size3 threads, std::size_t dynamic_shared_bytes, CUstream_st* stream, bool cooperative,
           std::string name, std::function<void()> body) {
  const bool fits = blocks.count() > 0 && blocks.x <= kMostBlocksX && blocks.y <= kMostBlocksYZ &&
                    blocks.z <= kMostBlocksYZ && threads.count() > 0 && threads.count() <= kMostThreads &&
                    threads.z <= 64 && dynamic_shared_bytes <= kSharedBytes;
  if (!fits) return given(kInvalidConfiguration);
  auto run = [=, name = std::move(name), body = std::move(body)] {
    const OpenMemory open;
    try {
      run_grid(
          blocks, threads, dynamic_shared_bytes, cooperative,
          [](const void* f) { (*static_cast<const std::function<void()>*>(f))(); }, &body);
    } catch (const KernelError& error) {
      keep_failure(kLaunchFailure, "In " + name + ": " + error.message);
    }
  };
  if (!has_foreign_device()) return queue(stream, std::move(run));
  if (runtime().sticky == 0) {
    const ForeignMemory open;
    run();
  }
  return given(runtime().sticky);
}

int last_error(bool forget) {
  const int code = runtime().last;
  if (forget && runtime().sticky == 0) runtime().last = 0;
  return code;
}
void set_last_error(int code) { runtime().last = code; }
const char* failure_text() { return runtime().text.c_str(); }

}  // namespace warpframe::sim
