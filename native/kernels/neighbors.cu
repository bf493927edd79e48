// A thread has one query, a block 128 of them; grid: x is the block of queries, y the part of the points. A block takes its
// part 32 points at a time: 32 columns of them, and of its queries, go to shared memory (points by column, so that a warp
// reads one value, four points at once; queries with one value of padding), and each thread adds to 32 sums in registers.
// Then it offers the 32 distances to its query's list, a sorted list in device memory of which the worst is kept in a
// register: after the first few tiles hardly any point gets in. Lists of parts are merged by a thread per query.
//   shared: 32 × 32 points (4 KiB) + 128 × 33 query values (16.5 KiB)
#include "kernels/neighbors.cuh"

#include "kernels/device.cuh"

namespace warpframe::kernels {
namespace neighbors {

constexpr unsigned kThreads = 128;
constexpr unsigned kLeastBlocks = 5;  // up to 96 registers
constexpr unsigned kTilePoints = 32;
constexpr unsigned kTileColumns = 32;
/** A grid of this many blocks fills the devices there are; parts are made until then. */
constexpr std::uint64_t kWantedBlocks = 512;
constexpr std::uint64_t kLeastPointsPerPart = 4096;
constexpr std::uint64_t kMostParts = 64;
constexpr std::uint32_t kNoPoint = 0xffffffffu;
constexpr unsigned kNormThreads = 256;
constexpr unsigned kMostBlocks = 1u << 20;

struct NormArguments {
  Matrix rows;
  float* inverse;
};
struct SearchArguments {
  Matrix points;
  Matrix queries;
  const float* point_norms;  // 1 / length; null: Euclidean
  const float* query_norms;
  std::uint64_t points_per_part;
  std::uint32_t k;
  float* distances;  // [part][query][k]
  std::uint32_t* indices;
};
struct MergeArguments {
  const float* part_distances;
  const std::uint32_t* part_indices;
  std::uint64_t queries;
  std::uint32_t parts;
  std::uint32_t k;
  bool square_root;
  float* distances;
  std::uint32_t* indices;
};

#if WF_DEVICE_HALF
struct alignas(16) Quad {
  float x[4];
};

/** Puts a point into a sorted list of k; the points of a part come in ascending order, so a tie goes behind. */
__device__ inline void insert(float* distances, std::uint32_t* indices, std::uint32_t k, float distance, std::uint32_t index) {
  std::uint32_t at = k - 1;
  for (; at > 0 && distances[at - 1] > distance; --at) {
    distances[at] = distances[at - 1];
    indices[at] = indices[at - 1];
  }
  distances[at] = distance;
  indices[at] = index;
}

__device__ inline float infinity() { return __uint_as_float(0x7f800000u); }
#endif

}  // namespace neighbors

#if WF_DEVICE_HALF
// A thread per row: 1 / length, 0 for a row of zeros.
WF_KERNEL(wf_inverse_norms, neighbors::kNormThreads)(const neighbors::NormArguments a) {
  using namespace neighbors;
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * kNormThreads;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * kNormThreads + threadIdx.x; i < a.rows.rows; i += step) {
    const float* const row = a.rows.data + i * a.rows.stride;
    double sum = 0;
    for (std::uint32_t j = 0; j < a.rows.columns; ++j) sum = __fma_rn(row[j], row[j], sum);
    a.inverse[i] = sum == 0 ? 0.0f : static_cast<float>(__ddiv_rn(1.0, __dsqrt_rn(sum)));
  }
}

WF_KERNEL(wf_neighbors_search, neighbors::kThreads, neighbors::kLeastBlocks)(const neighbors::SearchArguments a) {
  using namespace neighbors;
  WF_SHARED(Quad, points, [kTileColumns][kTilePoints / 4]);
  WF_SHARED(float, queries, [kThreads][kTileColumns + 1]);
  const std::uint64_t first_query = static_cast<std::uint64_t>(blockIdx.x) * kThreads;
  const std::uint64_t query = first_query + threadIdx.x;
  const bool active = query < a.queries.rows;
  const bool cosine = a.point_norms != nullptr;
  const std::uint64_t slot = (static_cast<std::uint64_t>(blockIdx.y) * a.queries.rows + (active ? query : 0)) * a.k;
  float* const list = a.distances + slot;
  std::uint32_t* const found = a.indices + slot;
  if (active) {
    for (std::uint32_t i = 0; i < a.k; ++i) {
      list[i] = infinity();
      found[i] = kNoPoint;
    }
  }
  const float query_norm = cosine && active ? a.query_norms[query] : 0.0f;
  float worst = infinity();
  const std::uint64_t from = blockIdx.y * a.points_per_part;
  const std::uint64_t to = min(from + a.points_per_part, a.points.rows);
  for (std::uint64_t tile = from; tile < to; tile += kTilePoints) {
    float sums[kTilePoints];
    for (unsigned p = 0; p < kTilePoints; ++p) sums[p] = 0.0f;
    for (std::uint32_t column = 0; column < a.points.columns; column += kTileColumns) {
      const std::uint32_t columns = min(kTileColumns, a.points.columns - column);
      const unsigned lane = threadIdx.x % 32;
      const unsigned warp = threadIdx.x / 32;
      __syncthreads();
      if (lane < columns) {
        for (unsigned p = warp; p < kTilePoints; p += kThreads / 32)
          points[lane][p / 4].x[p % 4] = tile + p < to ? a.points.data[(tile + p) * a.points.stride + column + lane] : 0.0f;
        for (unsigned q = warp; q < kThreads; q += kThreads / 32)
          if (first_query + q < a.queries.rows)
            queries[q][lane] = a.queries.data[(first_query + q) * a.queries.stride + column + lane];
      }
      __syncthreads();
      if (!active) continue;
      for (std::uint32_t j = 0; j < columns; ++j) {
        const float own = queries[threadIdx.x][j];
#pragma unroll
        for (unsigned p = 0; p < kTilePoints; p += 4) {
          const Quad four = points[j][p / 4];
#pragma unroll
          for (unsigned i = 0; i < 4; ++i) {
            const float other = cosine ? four.x[i] : __fsub_rn(own, four.x[i]);
            sums[p + i] = __fmaf_rn(cosine ? own : other, other, sums[p + i]);
          }
        }
      }
    }
    if (!active) continue;
#pragma unroll
    for (unsigned p = 0; p < kTilePoints; ++p) {
      if (tile + p >= to) break;
      float distance = sums[p];
      if (cosine) {
        const float similarity = __fmul_rn(__fmul_rn(distance, query_norm), a.point_norms[tile + p]);
        distance = __fsub_rn(1.0f, similarity);
        if (distance < 0.0f) distance = 0.0f;
      }
      if (!(distance < worst)) continue;
      insert(list, found, a.k, distance, static_cast<std::uint32_t>(tile + p));
      worst = list[a.k - 1];
    }
  }
}

WF_KERNEL(wf_neighbors_merge, neighbors::kThreads)(const neighbors::MergeArguments a) {
  using namespace neighbors;
  const std::uint64_t query = static_cast<std::uint64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (query >= a.queries) return;
  float* const list = a.distances + query * a.k;
  std::uint32_t* const found = a.indices + query * a.k;
  for (std::uint32_t i = 0; i < a.k; ++i) {
    list[i] = infinity();
    found[i] = kNoPoint;
  }
  for (std::uint32_t part = 0; part < a.parts; ++part) {
    const std::uint64_t slot = (static_cast<std::uint64_t>(part) * a.queries + query) * a.k;
    // A part's list is sorted: the first that does not get in ends it. Parts come in the order of their points.
    for (std::uint32_t i = 0; i < a.k && a.part_distances[slot + i] < list[a.k - 1]; ++i)
      insert(list, found, a.k, a.part_distances[slot + i], a.part_indices[slot + i]);
  }
  if (a.square_root)
    for (std::uint32_t i = 0; i < a.k; ++i) list[i] = __fsqrt_rn(list[i]);
}
#endif

#if WF_HOST_HALF
namespace {

/** Scratch: lists of all parts (distances, then indices), then 1 / length of points and of queries. */
struct Cut {
  std::size_t indices;
  std::size_t point_norms;
  std::size_t query_norms;
  std::size_t bytes;
};
Cut cut_of(const Matrix& points, const Matrix& queries, std::uint32_t k, std::uint32_t parts) {
  const std::size_t list = sizeof(float) * static_cast<std::size_t>(parts) * queries.rows * k;
  return {list, 2 * list, 2 * list + sizeof(float) * points.rows,
          2 * list + sizeof(float) * (points.rows + queries.rows)};
}

void inverse_norms(Stream stream, const Matrix& rows, float* inverse) {
  using namespace neighbors;
  const NormArguments arguments{rows, inverse};
  WF_LAUNCH(wf_inverse_norms, dim3(blocks_for(rows.rows, kNormThreads, kMostBlocks)), dim3(kNormThreads), 0, stream,
            arguments);
}

}  // namespace

NeighborPlan plan_neighbors(const Matrix& points, const Matrix& queries, std::uint32_t k) {
  using namespace neighbors;
  const std::uint64_t blocks = blocks_for(queries.rows, kThreads);
  const std::uint64_t by_size = points.rows / kLeastPointsPerPart;
  std::uint64_t parts = (kWantedBlocks + blocks - 1) / blocks;
  parts = parts < by_size ? parts : by_size;
  parts = parts < kMostParts ? parts : kMostParts;
  parts = parts == 0 ? 1 : parts;
  // Whole tiles: a part begins where a tile does.
  const std::uint64_t per_part = (points.rows + parts - 1) / parts;
  const std::uint64_t whole = (per_part + kTilePoints - 1) / kTilePoints * kTilePoints;
  const auto used = static_cast<std::uint32_t>(whole == 0 ? 1 : (points.rows + whole - 1) / whole);
  return {used, whole, cut_of(points, queries, k, used).bytes};
}

void nearest_neighbors(Stream stream, const Matrix& points, const Matrix& queries, Distance distance, std::uint32_t k,
                       const NeighborPlan& plan, void* scratch, float* distances, std::uint32_t* indices) {
  using namespace neighbors;
  if (queries.rows == 0 || k == 0) return;
  const Cut cut = cut_of(points, queries, k, plan.parts);
  char* const base = static_cast<char*>(scratch);
  auto* const part_distances = reinterpret_cast<float*>(base);
  auto* const part_indices = reinterpret_cast<std::uint32_t*>(base + cut.indices);
  SearchArguments search{points, queries, nullptr, nullptr, plan.points_per_part, k, part_distances, part_indices};
  if (distance == Distance::cosine) {
    auto* const point_norms = reinterpret_cast<float*>(base + cut.point_norms);
    auto* const query_norms = reinterpret_cast<float*>(base + cut.query_norms);
    if (points.rows > 0) inverse_norms(stream, points, point_norms);
    inverse_norms(stream, queries, query_norms);
    search.point_norms = point_norms;
    search.query_norms = query_norms;
  }
  const unsigned blocks = blocks_for(queries.rows, kThreads);
  WF_LAUNCH(wf_neighbors_search, dim3(blocks, plan.parts), dim3(kThreads), 0, stream, search);
  const MergeArguments merge{part_distances, part_indices,  queries.rows, plan.parts,
                             k,              distance == Distance::euclidean, distances,    indices};
  WF_LAUNCH(wf_neighbors_merge, dim3(blocks), dim3(kThreads), 0, stream, merge);
}
#endif

}  // namespace warpframe::kernels
