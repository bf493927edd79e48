// The simulator itself: what CUDA's subset gives on it, and what it reports.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/device.cuh"

namespace {

int failures = 0;
void expect(bool ok, const char* what) {
  if (ok) return;
  ++failures;
  std::printf("FAILED: %s\n", what);
}

/** Device memory that is freed at the end of a test. */
template <class T>
struct Device {
  explicit Device(const std::vector<T>& values) : count(values.size()) {
    (void)cudaMalloc(&data, sizeof(T) * count);
    (void)cudaMemcpy(data, values.data(), sizeof(T) * count, cudaMemcpyHostToDevice);
  }
  ~Device() { (void)cudaFree(data); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  std::vector<T> read() const {
    std::vector<T> out(count);
    (void)cudaMemcpy(out.data(), data, sizeof(T) * count, cudaMemcpyDeviceToHost);
    return out;
  }
  T* data = nullptr;
  std::size_t count;
};

template <class... P, class... A>
cudaError_t start(void (*kernel)(P...), dim3 blocks, dim3 threads, std::size_t shared, const A&... arguments) {
  return warpframe::sim::launch_kernel("a test", kernel, blocks, threads, shared, nullptr, false, arguments...);
}

// ---- kernels

void transpose(const int* in, int* out, int n) {
  WF_SHARED(int, tile, [8][9]);
  const unsigned x = blockIdx.x * 8 + threadIdx.x;
  const unsigned y = blockIdx.y * 8 + threadIdx.y;
  const auto size = static_cast<unsigned>(n);
  if (x < size && y < size) tile[threadIdx.y][threadIdx.x] = in[y * size + x];
  __syncthreads();
  const unsigned tx = blockIdx.y * 8 + threadIdx.x;
  const unsigned ty = blockIdx.x * 8 + threadIdx.y;
  if (tx < size && ty < size) out[ty * size + tx] = tile[threadIdx.x][threadIdx.y];
}

/** A prefix sum of a block: shuffles within warps, dynamic shared memory across them. */
void prefix(const int* in, int* out) {
  WF_DYNAMIC_SHARED(int, sums);
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  int sum = in[threadIdx.x];
  for (unsigned by = 1; by < 32; by *= 2) {
    const int other = __shfl_up_sync(~0u, sum, by);
    if (lane >= by) sum += other;
  }
  if (lane == 31) sums[warp] = sum;
  __syncthreads();
  for (unsigned w = 0; w < warp; ++w) sum += sums[w];
  out[threadIdx.x] = sum;
}

void votes(const int* keys, unsigned* out) {
  const int key = keys[threadIdx.x];
  out[4 * threadIdx.x] = __ballot_sync(~0u, key == 1);
  out[4 * threadIdx.x + 1] = __match_any_sync(~0u, key);
  out[4 * threadIdx.x + 2] = static_cast<unsigned>(__any_sync(~0u, key == 2)) + 2 * static_cast<unsigned>(__all_sync(~0u, key < 3));
  out[4 * threadIdx.x + 3] = static_cast<unsigned>(__shfl_xor_sync(~0u, key, 1) + 10 * __shfl_down_sync(~0u, key, 1) + 100 * __shfl_sync(~0u, key, 2));
}

void atomics(int* out) {
  atomicAdd(&out[0], 2);
  atomicMax(&out[1], static_cast<int>(threadIdx.x));
  atomicMin(&out[2], -static_cast<int>(threadIdx.x));
  atomicOr(&out[3], 1 << threadIdx.x % 8);
  if (atomicCAS(&out[4], 0, 1) == 0) atomicExch(&out[5], 7);
}

/** Two phases over the whole grid. */
void two_phases(const int* in, int* partial, int* out, int n) {
  WF_SHARED(int, sum, [1]);
  if (threadIdx.x == 0) sum[0] = 0;
  __syncthreads();
  const auto size = static_cast<unsigned>(n);
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) atomicAdd(&sum[0], in[i]);
  __syncthreads();
  if (threadIdx.x == 0) partial[blockIdx.x] = sum[0];
  warpframe::sim::grid_barrier();
  if (blockIdx.x != 0 || threadIdx.x != 0) return;
  int total = 0;
  for (unsigned b = 0; b < gridDim.x; ++b) total += partial[b];
  *out = total;
}

void divergent(int* out) {
  if (threadIdx.x < 7) __syncthreads();
  out[threadIdx.x] = 1;
}
void partial_mask(int* out) { out[threadIdx.x] = __shfl_sync(0xffffu, 1, 0); }
void too_much_shared(int* out) {
  WF_SHARED(int, big, [13000]);
  big[threadIdx.x] = 1;
  out[0] = big[threadIdx.x];
}
void one_too_many(int* out, unsigned n) {
  if (threadIdx.x <= n) out[threadIdx.x] = 1;
}
void add_one(int* out) { out[threadIdx.x] += 1; }

// ---- tests

void check_blocks() {
  constexpr int n = 20;
  std::vector<int> values(n * n);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
  const Device<int> in(values);
  const Device<int> out(values);
  expect(start(transpose, dim3(3, 3), dim3(8, 8), 0, in.data, out.data, n) == cudaSuccess, "2-D launch");
  const auto got = out.read();
  bool same = true;
  for (std::size_t y = 0; y < n; ++y)
    for (std::size_t x = 0; x < n; ++x) same = same && got[x * n + y] == values[y * n + x];
  expect(same, "2-D blocks and shared memory");

  std::vector<int> ones(128);
  for (std::size_t i = 0; i < ones.size(); ++i) ones[i] = static_cast<int>(i % 5);
  const Device<int> items(ones);
  const Device<int> sums(ones);
  (void)start(prefix, 1, 128, 4 * sizeof(int), items.data, sums.data);
  int total = 0;
  const auto prefixes = sums.read();
  for (std::size_t i = 0; i < ones.size(); ++i) same = same && prefixes[i] == (total += ones[i]);
  expect(same, "shuffles and dynamic shared memory");
}

void check_warps() {
  std::vector<int> keys(32);
  for (std::size_t i = 0; i < 32; ++i) keys[i] = static_cast<int>(i % 3);
  const Device<int> in(keys);
  const Device<unsigned> out(std::vector<unsigned>(128));
  (void)start(votes, 1, 32, 0, in.data, out.data);
  const auto got = out.read();
  bool same = true;
  for (unsigned i = 0; i < 32; ++i) {
    unsigned ballot = 0;
    unsigned peers = 0;
    for (unsigned j = 0; j < 32; ++j) {
      ballot |= (keys[j] == 1 ? 1u : 0u) << j;
      peers |= (keys[j] == keys[i] ? 1u : 0u) << j;
    }
    const auto down = static_cast<unsigned>(keys[i + 1 < 32 ? i + 1 : i]);
    same = same && got[4 * i] == ballot && got[4 * i + 1] == peers && got[4 * i + 2] == 3 &&
           got[4 * i + 3] == static_cast<unsigned>(keys[i ^ 1]) + 10 * down + 100 * static_cast<unsigned>(keys[2]);
  }
  expect(same, "votes, match and shuffles");
  const Device<int> counts(std::vector<int>(6));
  (void)start(atomics, 2, 64, 0, counts.data);
  expect(counts.read() == std::vector<int>({256, 63, -63, 255, 1, 7}), "atomics");
}

void check_cooperative() {
  const Device<int> in(std::vector<int>(1000, 3));
  const Device<int> partial(std::vector<int>(4));
  const Device<int> out(std::vector<int>(1));
  const auto launch = [&](bool cooperative) {
    return warpframe::sim::launch_kernel("two_phases", two_phases, 4, 64, 0, nullptr, cooperative, in.data, partial.data,
                                         out.data, 1000);
  };
  (void)launch(true);
  expect(out.read()[0] == 3000, "a grid-wide barrier");
}

int* raw(std::size_t count) {
  int* data = nullptr;
  (void)cudaMalloc(&data, count * sizeof(int));
  (void)cudaMemset(data, 0, count * sizeof(int));
  return data;
}

/** What breaks a rule, and a part of what is then said. */
struct Broken {
  const char* what;
  void (*act)();
  const char* part;
};
#if defined(__SANITIZE_ADDRESS__)  // it ends the program at the access
constexpr const char* kBehind = "exit without";
#else
constexpr const char* kBehind = "behind the end";
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kDereference = "exit without";
#else
constexpr const char* kDereference = "signal 11";
#endif
constexpr Broken kBroken[] = {
    {"a divergent barrier", [] { (void)start(divergent, 1, 64, 0, raw(64)); }, "7 lanes wait at __syncthreads"},
    {"a partial mask", [] { (void)start(partial_mask, 1, 32, 0, raw(32)); }, "only whole warps"},
    {"too much shared memory", [] { (void)start(too_much_shared, 1, 32, 0, raw(32)); }, "48 KiB"},
    {"a write behind an allocation", [] { (void)start(one_too_many, 1, 64, 0, raw(40), 40u); }, kBehind},
    {"a host dereference of device memory", [] { std::printf("%d\n", *raw(4)); }, kDereference},
    {"a grid-wide barrier in an ordinary launch",
     [] { (void)warpframe::sim::launch_kernel("two_phases", two_phases, 4, 64, 0, nullptr, false, raw(9), raw(9), raw(9), 9); },
     "outside a cooperative"},
};

/** For a process of its own. Writes what the runtime says, unless a sanitizer ends it before. */
int break_rule(const Broken& rule) {
  rule.act();
  const cudaError_t status = cudaDeviceSynchronize();
  const std::string text = std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status);
  return write(STDOUT_FILENO, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
}

/** A failure stays with the device, so that each has a process. It is a new one: sanitizers do not follow forks. */
std::string said(std::size_t rule) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return "no pipe";
  std::fflush(stdout);
  const std::string number = std::to_string(rule);
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "cuda_sim_test", number.c_str(), nullptr);
    _exit(127);
  }
  close(pipe_ends[1]);
  std::string text(4096, '\0');
  const ssize_t bytes = read(pipe_ends[0], text.data(), text.size());
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  text.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : text.empty() ? "exit without a word" : text;
}

void check_reports() {
  for (std::size_t i = 0; i < std::size(kBroken); ++i) {
    const std::string got = said(i);
    expect(got.find(kBroken[i].part) != std::string::npos, (std::string(kBroken[i].what) + ": " + got).c_str());
  }
}

void check_calls() {
  int* const data = raw(8);
  int host[8] = {};
  expect(start(add_one, 0, 8, 0, data) == cudaErrorInvalidConfiguration, "no blocks");
  expect(start(add_one, 1, 2048, 0, data) == cudaErrorInvalidConfiguration, "too many threads");
  expect(start(add_one, dim3(1, 70000), 8, 0, data) == cudaErrorInvalidConfiguration, "too many blocks");
  expect(start(add_one, 1, 8, 60000, data) == cudaErrorInvalidConfiguration, "too much dynamic shared memory");
  expect(cudaGetLastError() == cudaErrorInvalidConfiguration && cudaGetLastError() == cudaSuccess, "the last error");
  expect(cudaMemcpy(host, data, 36, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue, "a copy past the end");
  expect(cudaMemcpy(host, host, 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue, "a copy from where no device memory is");
  expect(cudaFree(host) == cudaErrorInvalidValue, "freeing what was not allocated");
  warpframe::sim::set_memory_limit(1 << 20);
  void* much = nullptr;
  expect(cudaMalloc(&much, 2 << 20) == cudaErrorMemoryAllocation && much == nullptr, "the memory limit");
  warpframe::sim::set_memory_limit(std::size_t{8} << 30);
  (void)cudaFree(data);
}

/** Work waits for its stream: nothing happens before somebody waits, and streams do not wait for each other by themselves. */
void check_streams() {
  cudaStream_t a = nullptr;
  cudaStream_t b = nullptr;
  (void)cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
  (void)cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
  int* const data = raw(32);
  (void)cudaDeviceSynchronize();
  int host = -1;
  const auto on = [&](cudaStream_t stream) {
    (void)warpframe::sim::launch_kernel("add_one", add_one, 1, 32, 0, stream, false, data);
  };
  on(a);
  (void)cudaMemcpyAsync(&host, data, sizeof host, cudaMemcpyDeviceToHost, b);
  expect(host == -1, "a copy before its stream was waited for");
  (void)cudaStreamSynchronize(b);
  expect(host == 0, "a stream that nothing makes wait for another");
  cudaEvent_t event = nullptr;
  (void)cudaEventCreate(&event);
  on(a);
  (void)cudaEventRecord(event, a);
  on(a);
  (void)cudaStreamWaitEvent(b, event);
  (void)cudaMemcpyAsync(&host, data, sizeof host, cudaMemcpyDeviceToHost, b);
  (void)cudaStreamSynchronize(b);
  expect(host == 2, "a stream that waits for an event");
  (void)cudaStreamSynchronize(a);
  (void)cudaMemcpy(&host, data, sizeof host, cudaMemcpyDeviceToHost);
  expect(host == 3, "work behind the event");
  (void)cudaEventDestroy(event);
  expect(cudaStreamDestroy(a) == cudaSuccess && cudaStreamDestroy(b) == cudaSuccess, "destroying streams");
  expect(cudaStreamSynchronize(a) == cudaErrorInvalidResourceHandle, "a destroyed stream");
  (void)cudaGetLastError();
  (void)cudaFree(data);
}

}  // namespace

int main(int count, char** values) {
  if (count > 1) return break_rule(kBroken[std::strtoul(values[1], nullptr, 10)]);
  check_blocks();
  check_warps();
  check_cooperative();
  check_calls();
  check_streams();
  check_reports();
  expect(warpframe::sim::memory_in_use() == 0, "everything freed");
  std::puts(failures == 0 ? "cuda_sim ok" : "cuda_sim failed");
  return failures == 0 ? 0 : 1;
}
