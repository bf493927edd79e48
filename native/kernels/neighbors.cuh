// Nearest neighbours by looking at all points: exact, Float32.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

enum class Distance : std::uint8_t {
  euclidean,
  cosine  // 1 − cosine of the angle, at least 0; a row of zeros is 1 away from everything
};

/** A row-major matrix in device memory. */
struct Matrix {
  const float* data;
  std::uint64_t rows;
  std::uint64_t stride;
  std::uint32_t columns;
};

/** How the work is cut: it depends on the sizes only, so results do not depend on the device. */
struct NeighborPlan {
  std::uint32_t parts;            // of the points, searched side by side
  std::uint64_t points_per_part;
  std::size_t scratch_bytes;
};
NeighborPlan plan_neighbors(const Matrix& points, const Matrix& queries, std::uint32_t k);

/**
 * The k nearest points of each query: distances[q × k + i] and indices[q × k + i], nearest first, ties by the point's number.
 * Where there are fewer points than k, and for distances that are NaN, the rest is +∞ and 2³² − 1. Distances are summed in
 * Float32 in the order of the columns. `scratch` is device memory of the plan's size at a multiple of 16 bytes.
 */
void nearest_neighbors(Stream stream, const Matrix& points, const Matrix& queries, Distance distance, std::uint32_t k,
                       const NeighborPlan& plan, void* scratch, float* distances, std::uint32_t* indices);

}  // namespace warpframe::kernels
