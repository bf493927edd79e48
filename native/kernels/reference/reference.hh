// What every kernel should give, written as plainly as can be, over host memory. Shares no code with the kernels but the
// layout of nodes and columns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/forest.cuh"
#include "kernels/host_run.hh"
#include "kernels/matrix.cuh"

namespace warpframe::kernels::reference {

/** The number of position `index` in stream `seed`. */
double uniform(std::uint32_t seed, std::uint64_t index);
std::vector<std::uint32_t> bootstrap(std::uint32_t seed, std::uint32_t sample, std::uint32_t rows, std::uint64_t draws);
/** Row numbers by their draw, ties by row. */
std::vector<std::uint32_t> permutation(std::uint32_t seed, std::uint64_t start, std::uint32_t rows);

bool is_value(const HostColumn& column, std::uint64_t row);
/** A value as the nearest Float64. */
double number_at(const HostColumn& column, std::uint64_t row);
std::int64_t code_at(const HostColumn& column, std::uint64_t row);

/** How feature j is made, as in matrix.cuh; `source` is the number of a column. */
struct FeatureSpec {
  std::uint32_t source;
  FeatureKind kind;
  double fill;
  double shift;
  double scale;
  std::int64_t category;
};
/** Row-major. */
std::vector<float> matrix(std::span<const HostColumn> columns, std::span<const FeatureSpec> features);

struct Trees {
  std::vector<TreeNode> nodes;
  std::vector<std::uint32_t> sets;
  std::vector<std::uint32_t> roots;
  std::vector<std::uint32_t> groups;
};
/** The node where a row ends. */
std::uint32_t leaf_of(const Trees& trees, std::uint32_t tree, std::span<const float> row);
std::vector<float> margins(const Trees& trees, TreeRange range, std::span<const float> rows, std::uint32_t features,
                           std::span<const float> base);
std::vector<double> vectors(const Trees& trees, TreeRange range, std::span<const float> rows, std::uint32_t features,
                            std::span<const double> values, std::uint32_t width);
void apply_link(Link link, std::span<float> margins, std::uint32_t outputs);

/** classes² + 1 cells, the last for rows left out. */
std::vector<double> confusion(std::span<const HostColumn> columns, std::uint32_t classes);
/** 2 × bins + 1 cells. */
std::vector<double> score_histogram(std::span<const HostColumn> columns, std::int64_t positive, double low, double high,
                                    std::uint32_t bins);

struct Neighbors {
  std::vector<double> distances;
  std::vector<std::uint32_t> indices;
};
/** In Float64, or summed in Float32 in the order of the columns. Rows are row-major. */
Neighbors nearest(std::span<const float> points, std::span<const float> queries, std::uint32_t columns, bool cosine,
                  std::uint32_t k, bool in_float32);

}  // namespace warpframe::kernels::reference
