// A block makes tiles of 64 rows × 32 columns of the matrix (grid: x strides over tiles of rows, y is the tile of columns).
// A warp takes one column at a time and 32 rows at once, so that columns are read in whole lines; row-major output goes
// through shared memory (one column of padding: no bank conflicts), so that rows are written in whole lines too.
#include "kernels/matrix.cuh"

#include "kernels/values.cuh"

namespace warpframe::kernels {
namespace matrix {

constexpr unsigned kThreads = 256;
constexpr unsigned kLeastBlocks = 4;  // up to 64 registers
constexpr unsigned kTileRows = 64;
constexpr unsigned kTileColumns = 32;
constexpr unsigned kMostBlocks = 65535;

struct Arguments {
  const Feature* features;
  std::uint32_t count;
  std::uint64_t rows;
  std::uint64_t stride;
  float* out;
  bool row_major;
};

#if WF_DEVICE_HALF
__device__ inline float made(const Feature& f, std::uint64_t row) {
  const bool present = is_value(f.source, row);
  if (f.kind == FeatureKind::one_hot) return present && code_at(f.source, row) == f.category ? 1.0f : 0.0f;
  const double value = present ? number_at(f.source, row) : f.fill;
  return static_cast<float>((value - f.shift) / f.scale);
}
#endif

}  // namespace matrix

#if WF_DEVICE_HALF
WF_KERNEL(wf_feature_matrix, matrix::kThreads, matrix::kLeastBlocks)(const matrix::Arguments a) {
  using namespace matrix;
  WF_SHARED(float, tile, [kTileRows][kTileColumns + 1]);
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const unsigned warps = kThreads / 32;
  const std::uint32_t first_column = blockIdx.y * kTileColumns;
  const std::uint32_t columns = min(kTileColumns, a.count - first_column);
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * kTileRows;
  for (std::uint64_t first = static_cast<std::uint64_t>(blockIdx.x) * kTileRows; first < a.rows; first += step) {
    for (unsigned c = warp; c < columns; c += warps) {
      const Feature f = a.features[first_column + c];
      for (unsigned r = lane; r < kTileRows; r += 32) {
        const std::uint64_t row = first + r;
        if (row >= a.rows) break;
        const float value = made(f, row);
        if (a.row_major)
          tile[r][c] = value;
        else
          a.out[(first_column + c) * a.stride + row] = value;
      }
    }
    if (!a.row_major) continue;
    __syncthreads();
    for (unsigned r = warp; r < kTileRows && first + r < a.rows; r += warps)
      if (lane < columns) a.out[(first + r) * a.stride + first_column + lane] = tile[r][lane];
    __syncthreads();
  }
}
#endif

#if WF_HOST_HALF
void feature_matrix(Stream stream, const Feature* features, std::uint32_t count, std::uint64_t rows, Layout layout,
                    std::uint64_t stride, float* out) {
  using namespace matrix;
  if (rows == 0 || count == 0) return;
  const Arguments arguments{features, count, rows, stride, out, layout == Layout::row_major};
  const dim3 blocks(blocks_for(rows, kTileRows, kMostBlocks), blocks_for(count, kTileColumns));
  WF_LAUNCH(wf_feature_matrix, blocks, dim3(kThreads), 0, stream, arguments);
}
#endif

}  // namespace warpframe::kernels
