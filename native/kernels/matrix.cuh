// Frame columns → feature matrix: cast, null fill, standardise and one-hot in one pass, Float32.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

enum class FeatureKind : std::uint8_t {
  number,  // ((value, or fill where null) − shift) / scale, computed in Float64 and rounded once
  one_hot  // 1 where the value is `category`, else 0; null is no category
};

/** How one column of the matrix is made. */
struct Feature {
  Column source;
  double fill = 0;  // NaN keeps nulls missing
  double shift = 0;
  double scale = 1;
  std::int64_t category = 0;
  FeatureKind kind = FeatureKind::number;
};

enum class Layout : std::uint8_t { row_major, column_major };

/**
 * Fills a matrix of `rows` × `count`. `features` is device memory. Value (row, j) goes to out[row × stride + j], or with
 * column_major to out[j × stride + row].
 */
void feature_matrix(Stream stream, const Feature* features, std::uint32_t count, std::uint64_t rows, Layout layout,
                    std::uint64_t stride, float* out);

}  // namespace warpframe::kernels
