// One thread per counter, striding over the grid (x only): a counter is one number of wf_philox_uniform, four draws of a
// bootstrap. Output is written in order, neighbours by neighbours.
#include "kernels/philox.cuh"

#include "kernels/philox_device.cuh"

namespace warpframe::kernels {
namespace philox {

constexpr unsigned kThreads = 256;
constexpr unsigned kMostBlocks = 1u << 20;
constexpr unsigned kDrawsPerCounter = 4;

struct UniformArguments {
  std::uint32_t seed;
  std::uint64_t start;
  std::uint64_t count;
  double* out;
};
struct BootstrapArguments {
  std::uint32_t seed;
  std::uint32_t sample;
  std::uint32_t rows;
  std::uint64_t draws;
  std::uint32_t* out;
  bool counted;
};

}  // namespace philox

#if WF_DEVICE_HALF
WF_KERNEL(wf_philox_uniform, philox::kThreads)(const philox::UniformArguments a) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * philox::kThreads;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * philox::kThreads + threadIdx.x; i < a.count; i += step)
    a.out[i] = static_cast<double>(draw53(a.seed, a.start + i)) * (1.0 / 9007199254740992.0);
}

WF_KERNEL(wf_philox_bootstrap, philox::kThreads)(const philox::BootstrapArguments a) {
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * philox::kThreads;
  const std::uint64_t counters = (a.draws + philox::kDrawsPerCounter - 1) / philox::kDrawsPerCounter;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * philox::kThreads + threadIdx.x; i < counters; i += step) {
    const Words4 w = philox4x32({{static_cast<std::uint32_t>(i), a.sample, 0, 0}}, a.seed);
    const std::uint64_t first = i * philox::kDrawsPerCounter;
    for (unsigned k = 0; k < philox::kDrawsPerCounter && first + k < a.draws; ++k) {
      const auto row = static_cast<std::uint32_t>((static_cast<std::uint64_t>(w.x[k]) * a.rows) >> 32);
      if (a.counted)
        atomicAdd(&a.out[row], 1u);
      else
        a.out[first + k] = row;
    }
  }
}
#endif

#if WF_HOST_HALF
namespace {
void bootstrap(Stream stream, const philox::BootstrapArguments& arguments) {
  using namespace philox;
  if (arguments.draws == 0) return;
  const unsigned blocks = blocks_for(arguments.draws, kThreads * kDrawsPerCounter, kMostBlocks);
  WF_LAUNCH(wf_philox_bootstrap, dim3(blocks), dim3(kThreads), 0, stream, arguments);
}
}  // namespace

void philox_uniform(Stream stream, std::uint32_t seed, std::uint64_t start, std::uint64_t count, double* out) {
  using namespace philox;
  if (count == 0) return;
  const UniformArguments arguments{seed, start, count, out};
  WF_LAUNCH(wf_philox_uniform, dim3(blocks_for(count, kThreads, kMostBlocks)), dim3(kThreads), 0, stream, arguments);
}

void philox_bootstrap(Stream stream, std::uint32_t seed, std::uint32_t sample, std::uint32_t rows, std::uint64_t draws,
                      std::uint32_t* out) {
  bootstrap(stream, {seed, sample, rows, draws, out, false});
}

void philox_bootstrap_counts(Stream stream, std::uint32_t seed, std::uint32_t sample, std::uint32_t rows,
                             std::uint64_t draws, std::uint32_t* counts) {
  bootstrap(stream, {seed, sample, rows, draws, counts, true});
}
#endif

}  // namespace warpframe::kernels
