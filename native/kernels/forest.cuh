// Walking trees: predictions of boosted trees and random forests, and the leaves that rows end in.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

/**
 * 16 bytes, the layout of the CPU engine: siblings are adjacent, a leaf's child is itself and its threshold NaN. Left goes
 * value < threshold, compared as Float32; NaN is missing and goes where the flag says (a leaf has the flag). With the
 * categorical flag the threshold's bits are the index in `sets` of { words, word 0, word 1, … }: right go the whole numbers
 * whose bit is set; a value below 0, from 2²⁴ or behind the words goes left.
 */
struct TreeNode {
  static constexpr std::uint32_t kMissingLeft = 0x80000000u;
  static constexpr std::uint32_t kCategorical = 0x40000000u;
  static constexpr std::uint32_t kFeature = 0x3fffffffu;
  float threshold;
  std::uint32_t word;   // feature and flags
  std::uint32_t left;
  std::uint32_t value;  // of a leaf: the bits of a float, or the number of a vector
};
static_assert(sizeof(TreeNode) == 16);

/** Trees in device memory. */
struct Forest {
  const TreeNode* nodes;
  const std::uint32_t* sets;    // null: no node is categorical
  const std::uint32_t* roots;   // the first node of each tree
  const std::uint32_t* groups;  // the output each tree adds to; null: each adds to output 0
};

/** Rows to predict: Float32, NaN where missing; column-major: value (row, j) at data[j × stride + row]. */
struct Rows {
  const float* data;
  std::uint64_t count;
  std::uint64_t stride;
  std::uint32_t features;
};

/** Trees [from, to). */
struct TreeRange {
  std::uint32_t from;
  std::uint32_t to;
};

/**
 * margins[row × outputs + k] = base[k] + the leaves of the trees of output k, added in Float32 in the order of the trees:
 * bit for bit what the CPU engine and XGBoost's CPU predictor give. `base` is device memory.
 */
void forest_margins(Stream stream, const Forest& forest, TreeRange trees, const Rows& rows, std::uint32_t outputs,
                    const float* base, float* margins);

/**
 * sums[row × width + k] = Σ over trees of values[leaf number × width + k], in Float64 in the order of the trees: class
 * shares or means of a random forest, to be divided by the number of trees.
 */
void forest_vectors(Stream stream, const Forest& forest, TreeRange trees, const Rows& rows, const double* values,
                    std::uint32_t width, double* sums);

/** What a margin means, as ts/backend/cpu/ml/boost-objective.ts numbers it. */
enum class Link : std::uint8_t { identity, sigmoid, exp, softmax, step };

/** Turns margins (rows × outputs) into predictions in place; softmax is over the outputs of a row. */
void forest_link(Stream stream, Link link, std::uint64_t rows, std::uint32_t outputs, float* margins);

/** leaves[row × (to − from) + t] = the number, in `numbers` by node, of the leaf where a row ends in tree from + t. */
void forest_leaves(Stream stream, const Forest& forest, TreeRange trees, const Rows& rows, const std::uint32_t* numbers,
                   std::uint32_t* leaves);

}  // namespace warpframe::kernels
