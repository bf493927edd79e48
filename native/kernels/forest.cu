// One thread per row, 128 rows a block; grid: x is the block of rows, y what else is independent (an output, a tree), strided
// over where a grid is too small. A thread walks its trees one after the other, so that sums have one order. Nodes are 16
// bytes, read as one vector through the read-only cache; all threads of a block walk the same tree at about the same time.
// Where 128 rows fit into kStageBytes of shared memory each thread stages its own there first, column-major, so that a thread
// has a bank of its own whatever features the others look at; else features are read from where they are (neighbours read
// neighbours). No thread waits for another.
#include "kernels/forest.cuh"

#include "kernels/device.cuh"

namespace warpframe::kernels {
namespace forest {

constexpr unsigned kThreads = 128;
constexpr unsigned kLeastBlocks = 8;  // up to 64 registers
constexpr std::uint64_t kStageBytes = 32 * 1024;
constexpr unsigned kMostY = 65535;
/** From here floats no longer count whole numbers one by one: such a value is no category. */
constexpr float kCategoryEnd = 16777216.0f;

struct Arguments {
  Forest forest;
  TreeRange trees;
  Rows rows;
  std::uint32_t outputs;
  bool staged;
  const float* base;
  float* margins;
  const double* values;
  double* sums;
  const std::uint32_t* numbers;
  std::uint32_t* leaves;
};

struct LinkArguments {
  Link link;
  std::uint64_t rows;
  std::uint32_t outputs;
  float* margins;
};

#if WF_DEVICE_HALF
struct alignas(16) Quad {
  std::uint32_t x[4];
};

/** Where a row's features are. */
struct Features {
  const float* data;
  std::uint64_t stride;
};

__device__ inline TreeNode node_at(const TreeNode* nodes, std::uint32_t at) {
  const Quad q = *reinterpret_cast<const Quad*>(nodes + at);
  return {__uint_as_float(q.x[0]), q.x[1], q.x[2], q.x[3]};
}

__device__ inline bool goes_right(const Arguments& a, const TreeNode& node, float value) {
  if (value != value) return (node.word & TreeNode::kMissingLeft) == 0;
  if ((node.word & TreeNode::kCategorical) == 0) return value >= node.threshold;
  if (value < 0.0f || value >= kCategoryEnd) return false;
  const std::uint32_t* const set = a.forest.sets + __float_as_uint(node.threshold);
  const std::uint32_t category = static_cast<std::uint32_t>(value);
  if ((category >> 5) >= set[0]) return false;
  return ((set[1 + (category >> 5)] >> (category & 31)) & 1u) != 0;
}

/** The leaf of a tree, and its node's number in `at`. */
__device__ inline TreeNode leaf_of(const Arguments& a, std::uint32_t root, const Features& row, std::uint32_t* at) {
  std::uint32_t here = root;
  for (;;) {
    const TreeNode node = node_at(a.forest.nodes, here);
    const float value = row.data[(node.word & TreeNode::kFeature) * row.stride];
    const std::uint32_t next = node.left + (goes_right(a, node, value) ? 1u : 0u);
    if (next == here) {
      *at = here;
      return node;
    }
    here = next;
  }
}

/** The features of this thread's row, which is one of the rows. Only the thread itself reads what it stages. */
__device__ inline Features features_of(const Arguments& a, std::uint64_t row) {
  const Rows& r = a.rows;
  if (!a.staged) return {r.data + row, r.stride};
  WF_DYNAMIC_SHARED(float, stage);
  for (std::uint32_t j = 0; j < r.features; ++j) stage[j * kThreads + threadIdx.x] = r.data[j * r.stride + row];
  return {stage + threadIdx.x, kThreads};
}
#endif

}  // namespace forest

#if WF_DEVICE_HALF
WF_KERNEL(wf_forest_margins, forest::kThreads, forest::kLeastBlocks)(const forest::Arguments a) {
  using namespace forest;
  const std::uint64_t row = static_cast<std::uint64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (row >= a.rows.count) return;
  const Features features = features_of(a, row);
  for (std::uint32_t k = blockIdx.y; k < a.outputs; k += gridDim.y) {
    float sum = a.base[k];
    for (std::uint32_t t = a.trees.from; t < a.trees.to; ++t) {
      if (a.forest.groups != nullptr && a.forest.groups[t] != k) continue;
      std::uint32_t at = 0;
      sum = __fadd_rn(sum, __uint_as_float(leaf_of(a, a.forest.roots[t], features, &at).value));
    }
    a.margins[row * a.outputs + k] = sum;
  }
}

WF_KERNEL(wf_forest_vectors, forest::kThreads, forest::kLeastBlocks)(const forest::Arguments a) {
  using namespace forest;
  const std::uint64_t row = static_cast<std::uint64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (row >= a.rows.count) return;
  const Features features = features_of(a, row);
  double* const sums = a.sums + row * a.outputs;
  for (std::uint32_t k = 0; k < a.outputs; ++k) sums[k] = 0;
  for (std::uint32_t t = a.trees.from; t < a.trees.to; ++t) {
    std::uint32_t at = 0;
    const std::uint64_t vector = leaf_of(a, a.forest.roots[t], features, &at).value;
    const double* const values = a.values + vector * a.outputs;
    for (std::uint32_t k = 0; k < a.outputs; ++k) sums[k] = __dadd_rn(sums[k], values[k]);
  }
}

WF_KERNEL(wf_forest_leaves, forest::kThreads, forest::kLeastBlocks)(const forest::Arguments a) {
  using namespace forest;
  const std::uint64_t row = static_cast<std::uint64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (row >= a.rows.count) return;
  const Features features = features_of(a, row);
  const std::uint32_t trees = a.trees.to - a.trees.from;
  for (std::uint32_t t = blockIdx.y; t < trees; t += gridDim.y) {
    std::uint32_t at = 0;
    leaf_of(a, a.forest.roots[a.trees.from + t], features, &at);
    a.leaves[row * trees + t] = a.numbers[at];
  }
}
#endif

#if WF_DEVICE_HALF
// A thread per row.
WF_KERNEL(wf_forest_link, forest::kThreads)(const forest::LinkArguments a) {
  using namespace forest;
  const std::uint64_t row = static_cast<std::uint64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (row >= a.rows) return;
  float* const margins = a.margins + row * a.outputs;
  if (a.link == Link::softmax) {
    float most = margins[0];
    for (std::uint32_t k = 1; k < a.outputs; ++k) most = margins[k] > most ? margins[k] : most;
    double sum = 0;
    for (std::uint32_t k = 0; k < a.outputs; ++k) {
      margins[k] = expf(margins[k] - most);
      sum += static_cast<double>(margins[k]);
    }
    for (std::uint32_t k = 0; k < a.outputs; ++k) margins[k] = margins[k] / static_cast<float>(sum);
    return;
  }
  for (std::uint32_t k = 0; k < a.outputs; ++k) {
    const float x = margins[k];
    margins[k] = a.link == Link::sigmoid ? 1.0f / (1.0f + expf(-x)) : a.link == Link::exp ? expf(x) : x > 0.0f ? 1.0f : 0.0f;
  }
}
#endif

#if WF_HOST_HALF
namespace {

/** Bytes that stage a block's rows; 0: too many. */
std::size_t stage_bytes(const Rows& rows) {
  const std::uint64_t bytes = sizeof(float) * forest::kThreads * std::uint64_t{rows.features};
  return bytes <= forest::kStageBytes ? bytes : 0;
}

dim3 grid_of(const Rows& rows, std::uint32_t independent) {
  const std::uint32_t y = independent < forest::kMostY ? independent : forest::kMostY;
  return {blocks_for(rows.count, forest::kThreads), y, 1};
}

forest::Arguments arguments_of(const Forest& trees, TreeRange range, const Rows& rows, std::uint32_t outputs) {
  forest::Arguments a{};
  a.forest = trees;
  a.trees = range;
  a.rows = rows;
  a.outputs = outputs;
  a.staged = stage_bytes(rows) != 0;
  return a;
}

}  // namespace

void forest_margins(Stream stream, const Forest& model, TreeRange trees, const Rows& rows, std::uint32_t outputs,
                    const float* base, float* margins) {
  if (rows.count == 0 || outputs == 0) return;
  forest::Arguments a = arguments_of(model, trees, rows, outputs);
  a.base = base;
  a.margins = margins;
  WF_LAUNCH(wf_forest_margins, grid_of(rows, outputs), dim3(forest::kThreads), stage_bytes(rows), stream, a);
}

void forest_link(Stream stream, Link link, std::uint64_t rows, std::uint32_t outputs, float* margins) {
  if (rows == 0 || outputs == 0 || link == Link::identity) return;
  const forest::LinkArguments arguments{link, rows, outputs, margins};
  WF_LAUNCH(wf_forest_link, dim3(blocks_for(rows, forest::kThreads)), dim3(forest::kThreads), 0, stream, arguments);
}

void forest_vectors(Stream stream, const Forest& model, TreeRange trees, const Rows& rows, const double* values,
                    std::uint32_t width, double* sums) {
  if (rows.count == 0 || width == 0) return;
  forest::Arguments a = arguments_of(model, trees, rows, width);
  a.values = values;
  a.sums = sums;
  WF_LAUNCH(wf_forest_vectors, grid_of(rows, 1), dim3(forest::kThreads), stage_bytes(rows), stream, a);
}

void forest_leaves(Stream stream, const Forest& model, TreeRange trees, const Rows& rows, const std::uint32_t* numbers,
                   std::uint32_t* leaves) {
  if (rows.count == 0 || trees.to <= trees.from) return;
  forest::Arguments a = arguments_of(model, trees, rows, 1);
  a.numbers = numbers;
  a.leaves = leaves;
  WF_LAUNCH(wf_forest_leaves, grid_of(rows, trees.to - trees.from), dim3(forest::kThreads), stage_bytes(rows), stream, a);
}
#endif

}  // namespace warpframe::kernels
