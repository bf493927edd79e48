// Blocks of 256 threads stride over rows (grid: x). Where the table fits into shared memory (kSharedCells) a block adds up
// its own rows there first, counts as whole numbers, and then adds the table to the result; else it adds to the result
// directly. Lanes of a warp that count for the same cell let one of them add: there are few cells and many rows. The last
// cell of a table counts the rows left out.
#include "kernels/counts.cuh"

#include "kernels/values.cuh"

namespace warpframe::kernels {
namespace counts {

constexpr unsigned kThreads = 256;
/** Few enough that every block has much to add up. */
constexpr unsigned kMostBlocks = 1024;
constexpr unsigned kRowsPerBlock = 4096;
constexpr std::uint64_t kSharedCells = 4096;

struct ConfusionArguments {
  Column actual;
  Column predicted;
  Column weights;
  bool weighted;
  bool in_shared;
  std::uint32_t classes;
  double* matrix;
};
struct HistogramArguments {
  Column scores;
  Column actual;
  Column weights;
  std::int64_t positive_class;
  bool weighted;
  bool in_shared;
  std::uint32_t count;
  double low;
  double per_bin;  // bins per unit of score
  double* bins;
};

#if WF_DEVICE_HALF
constexpr std::uint32_t kNoCell = 0xffffffffu;

/** The table a block adds to: its own counts or sums, or the result. */
struct Table {
  std::uint32_t* counts;
  double* sums;
};

/** All threads of the block call it. */
__device__ inline Table opened(double* result, std::uint32_t cells, bool in_shared, bool weighted) {
  if (!in_shared) return {nullptr, result};
  WF_DYNAMIC_SHARED(double, own);
  const Table table = weighted ? Table{nullptr, own} : Table{reinterpret_cast<std::uint32_t*>(own), nullptr};
  for (std::uint32_t i = threadIdx.x; i < cells; i += kThreads) {
    if (weighted)
      own[i] = 0;
    else
      table.counts[i] = 0;
  }
  __syncthreads();
  return table;
}

/** Adds a row to a cell; all lanes of the warp call it, those without a row with kNoCell. */
__device__ inline void add(const Table& table, std::uint32_t cell, bool weighted, double weight) {
  if (weighted) {
    if (cell != kNoCell) atomicAdd(&table.sums[cell], weight);
    return;
  }
  const unsigned peers = __match_any_sync(~0u, cell);
  if (cell == kNoCell || static_cast<unsigned>(__ffs(static_cast<int>(peers))) != threadIdx.x % 32 + 1) return;
  const auto rows = static_cast<std::uint32_t>(__popc(peers));
  if (table.counts != nullptr)
    atomicAdd(&table.counts[cell], rows);
  else
    atomicAdd(&table.sums[cell], static_cast<double>(rows));
}

__device__ inline void closed(const Table& table, double* result, std::uint32_t cells, bool in_shared) {
  if (!in_shared) return;
  __syncthreads();
  for (std::uint32_t i = threadIdx.x; i < cells; i += kThreads) {
    const double sum = table.counts != nullptr ? static_cast<double>(table.counts[i]) : table.sums[i];
    if (sum != 0) atomicAdd(&result[i], sum);
  }
}

__device__ inline std::uint32_t confusion_cell(const ConfusionArguments& a, std::uint64_t i) {
  const std::uint32_t left_out = a.classes * a.classes;
  if (!is_value(a.actual, i) || !is_value(a.predicted, i) || (a.weighted && !is_value(a.weights, i))) return left_out;
  const std::int64_t t = code_at(a.actual, i);
  const std::int64_t p = code_at(a.predicted, i);
  const bool known = t >= 0 && p >= 0 && t < a.classes && p < a.classes;
  return known ? static_cast<std::uint32_t>(t) * a.classes + static_cast<std::uint32_t>(p) : left_out;
}

__device__ inline std::uint32_t score_cell(const HistogramArguments& a, std::uint64_t i) {
  if (!is_value(a.scores, i) || !is_value(a.actual, i) || (a.weighted && !is_value(a.weights, i))) return 2 * a.count;
  const double score = number_at(a.scores, i);
  if (score != score) return 2 * a.count;
  const double place = __dmul_rn(__dsub_rn(score, a.low), a.per_bin);
  const std::uint32_t bin = place <= 0 ? 0 : place >= a.count ? a.count - 1 : static_cast<std::uint32_t>(place);
  return (code_at(a.actual, i) == a.positive_class ? a.count : 0) + bin;
}
#endif

}  // namespace counts

#if WF_DEVICE_HALF
WF_KERNEL(wf_confusion_matrix, counts::kThreads)(const counts::ConfusionArguments a) {
  using namespace counts;
  const std::uint32_t left_out = a.classes * a.classes;
  const Table table = opened(a.matrix, left_out + 1, a.in_shared, a.weighted);
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * kThreads;
  for (std::uint64_t first = static_cast<std::uint64_t>(blockIdx.x) * kThreads; first < a.actual.rows; first += step) {
    const std::uint64_t i = first + threadIdx.x;
    const std::uint32_t cell = i < a.actual.rows ? confusion_cell(a, i) : kNoCell;
    const bool counts_by_weight = a.weighted && cell < left_out;
    add(table, cell, a.weighted, counts_by_weight ? number_at(a.weights, i) : 1.0);
  }
  closed(table, a.matrix, left_out + 1, a.in_shared);
}

WF_KERNEL(wf_score_histogram, counts::kThreads)(const counts::HistogramArguments a) {
  using namespace counts;
  const std::uint32_t left_out = 2 * a.count;
  const Table table = opened(a.bins, left_out + 1, a.in_shared, a.weighted);
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * kThreads;
  for (std::uint64_t first = static_cast<std::uint64_t>(blockIdx.x) * kThreads; first < a.scores.rows; first += step) {
    const std::uint64_t i = first + threadIdx.x;
    const std::uint32_t cell = i < a.scores.rows ? score_cell(a, i) : kNoCell;
    const bool counts_by_weight = a.weighted && cell < left_out;
    add(table, cell, a.weighted, counts_by_weight ? number_at(a.weights, i) : 1.0);
  }
  closed(table, a.bins, left_out + 1, a.in_shared);
}
#endif

#if WF_HOST_HALF
namespace {

/** Zeroes the result and says how much shared memory a block takes: 0 where the table is too large for it. */
std::size_t prepare(Stream stream, double* result, std::uint64_t cells) {
  check(cudaMemsetAsync(result, 0, sizeof(double) * cells, stream), "Zeroing counts");
  return cells <= counts::kSharedCells ? sizeof(double) * cells : 0;
}

}  // namespace

void confusion_matrix(Stream stream, const Column& actual, const Column& predicted, const Column* weights,
                      std::uint32_t classes, double* matrix) {
  using namespace counts;
  const std::size_t shared = prepare(stream, matrix, static_cast<std::uint64_t>(classes) * classes + 1);
  if (actual.rows == 0) return;
  ConfusionArguments a{actual, predicted, {}, weights != nullptr, shared != 0, classes, matrix};
  if (weights != nullptr) a.weights = *weights;
  WF_LAUNCH(wf_confusion_matrix, dim3(blocks_for(actual.rows, kRowsPerBlock, kMostBlocks)), dim3(kThreads), shared, stream,
            a);
}

void score_histogram(Stream stream, const Column& scores, const Column& actual, std::int64_t positive_class,
                     const Column* weights, double low, double high, std::uint32_t count, double* bins) {
  using namespace counts;
  const std::size_t shared = prepare(stream, bins, 2 * static_cast<std::uint64_t>(count) + 1);
  if (scores.rows == 0) return;
  HistogramArguments a{scores, actual, {},    positive_class, weights != nullptr,
                       shared != 0, count, low, count / (high - low), bins};
  if (weights != nullptr) a.weights = *weights;
  WF_LAUNCH(wf_score_histogram, dim3(blocks_for(scores.rows, kRowsPerBlock, kMostBlocks)), dim3(kThreads), shared, stream,
            a);
}
#endif

}  // namespace warpframe::kernels
