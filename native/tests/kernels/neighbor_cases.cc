#include <cmath>
#include <cstring>
#include <limits>

#include "cases.hh"
#include "kernels/reference/reference.hh"

namespace warpframe::kernels::tests {
namespace {

struct Shape {
  std::uint32_t points;
  std::uint32_t queries;
  std::uint32_t columns;
  std::uint32_t k;
};

std::vector<float> random_points(Random& random, std::size_t count, std::uint32_t columns) {
  std::vector<float> out(count * columns);
  for (float& v : out) v = static_cast<float>(random.between(-3, 3));
  // Ties, rows of zeros, a row that is missing something.
  for (std::uint32_t j = 0; count > 5 && j < columns; ++j) {
    out[3 * columns + j] = out[j];
    out[4 * columns + j] = 0;
  }
  if (count > 6) out[5 * columns] = std::numeric_limits<float>::quiet_NaN();
  return out;
}

void check(Outcome& outcome, Random& random, const Shape& shape, bool cosine) {
  const std::vector<float> points = random_points(random, shape.points, shape.columns);
  const std::vector<float> queries = random_points(random, shape.queries, shape.columns);
  std::vector<OwnColumn> columns;
  HostCall call{"neighbors.topK", {{}, {}}, {}, {{"k", static_cast<double>(shape.k), ""}, {"metric", 0, cosine ? "cosine" : "euclidean"}}};
  for (std::size_t table = 0; table < 2; ++table)
    for (std::uint32_t j = 0; j < shape.columns; ++j) columns.push_back(column_of(table == 0 ? points : queries, shape.columns, j));
  for (std::size_t i = 0; i < columns.size(); ++i) call.tables[i / shape.columns].push_back(columns[i].view);
  const auto results = run_on_device(call);
  const float* const distances = result_of(results, "distances").data<float>();
  const std::uint32_t* const indices = result_of(results, "indices").data<std::uint32_t>();
  // In Float32 and one order of summing: bit for bit, ties included. In Float64: close.
  const auto same = reference::nearest(points, queries, shape.columns, cosine, shape.k, true);
  const auto exact = reference::nearest(points, queries, shape.columns, cosine, shape.k, false);
  for (std::size_t i = 0; i < same.indices.size(); ++i) {
    if (indices[i] != same.indices[i]) outcome.fail("neighbour " + std::to_string(i) + " is another point");
    if (static_cast<double>(distances[i]) != same.distances[i]) outcome.fail("distance " + std::to_string(i) + " has other bits");
    outcome.compare(distances[i], exact.distances[i], 1e-5, cosine ? 2e-6 : 1e-6, "distance", i);
  }
  outcome.rows += shape.queries;
}

Outcome search(const Settings& settings, bool cosine) {
  Outcome outcome;
  Random random(settings.seed);
  const auto scale = static_cast<std::uint32_t>(settings.scale);
  const Shape shapes[] = {{0, 3, 2, 2},  {1, 1, 1, 1},    {3, 40, 5, 7},          {33, 129, 32, 5},
                          {200, 50, 65, 10}, {9000 * scale, 20 * scale, 3, 8}, {500, 140 * scale, 17, 64}};
  for (const Shape& shape : shapes) check(outcome, random, shape, cosine);
  return outcome;
}

/** Points far from zero, which Float32 cannot tell apart: shifted they are those near zero, bit for bit. */
Outcome far_points(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  constexpr double kFar = 1 << 30;
  constexpr std::size_t kPoints = 300;
  std::vector<float> near(kPoints);
  for (float& v : near) v = static_cast<float>(std::round(random.between(-3, 3) * 1024) / 1024);
  OwnColumn column{};
  column.bytes.resize(sizeof(double) * kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double far = kFar + static_cast<double>(near[i]);
    std::memcpy(column.bytes.data() + sizeof far * i, &far, sizeof far);
  }
  column.view = {Type::f64, column.bytes.data(), kPoints, {}, 0, 0};
  const std::vector<double> shifts{kFar};
  const HostCall call{"neighbors.topK", {{column.view}, {column.view}}, {array_of("shifts", Type::f64, shifts)}, {{"k", 5, ""}}};
  const auto results = run_on_device(call);
  const auto same = reference::nearest(near, near, 1, false, 5, true);
  for (std::size_t i = 0; i < same.indices.size(); ++i) {
    if (result_of(results, "indices").data<std::uint32_t>()[i] != same.indices[i]) outcome.fail("neighbour " + std::to_string(i) + " is another point");
    outcome.compare(result_of(results, "distances").data<float>()[i], same.distances[i], 0, 0, "distance", i);
  }
  outcome.rows = kPoints;
  return outcome;
}

}  // namespace

std::vector<Case> neighbor_cases() {
  return {{"neighbors.topK shifted", far_points},
          {"neighbors.topK euclidean", [](const Settings& s) { return search(s, false); }},
          {"neighbors.topK cosine", [](const Settings& s) { return search(s, true); }}};
}

}  // namespace warpframe::kernels::tests
