#include "kernels/table.hh"

#include <array>
#include <cstring>
#include <string>

#include "kernels/arguments.hh"
#include "kernels/counts.cuh"
#include "kernels/forest.cuh"
#include "kernels/forest_check.hh"
#include "kernels/matrix.cuh"
#include "kernels/neighbors.cuh"
#include "kernels/permutation.cuh"
#include "kernels/philox.cuh"

namespace warpframe::kernels {
namespace {

constexpr std::uint64_t kMostRows = 2147483647;
constexpr std::uint64_t kMostSeed = 4294967295;
constexpr std::uint64_t kMostDraws = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostStart = std::uint64_t{1} << 52;
constexpr std::uint64_t kMostClasses = 4096;
constexpr std::uint64_t kMostBins = 1u << 20;
constexpr std::uint64_t kMostNeighbors = 4096;
constexpr std::uint64_t kMostOutputs = 65535;

/** Every column as it is, or less its shift, missing values as NaN: what trees and neighbours look at. */
float* plain_matrix(Arguments& arguments, const TableView& table, Layout layout, std::span<const double> shifts = {}) {
  std::vector<Feature> features;
  for (const Column& c : table.columns) {
    Feature f;
    f.source = c;
    f.fill = std::numeric_limits<double>::quiet_NaN();
    if (!shifts.empty()) f.shift = shifts[features.size()];
    features.push_back(f);
  }
  auto* const specs = arguments.memory().make<Feature>(features.size());
  arguments.memory().upload(specs, features.data(), sizeof(Feature) * features.size());
  float* const out = arguments.memory().make<float>(table.rows * features.size());
  const std::uint64_t stride = layout == Layout::row_major ? features.size() : table.rows;
  feature_matrix(arguments.stream(), specs, static_cast<std::uint32_t>(features.size()), table.rows, layout, stride, out);
  return out;
}

void matrix_from_table(Call& call) {
  Arguments arguments(call, "matrix.fromTable");
  const TableView& table = arguments.table(0, 1);
  static constexpr std::array<std::string_view, 2> kLayouts{"row", "column"};
  const bool by_rows = arguments.text("layout", kLayouts, "row") == "row";
  const auto sources = arguments.host<std::uint32_t>("columns", Type::u32);
  const auto kinds = arguments.host<std::uint8_t>("kinds", Type::u8, sources.size());
  const auto fills = arguments.host<double>("fills", Type::f64, sources.size());
  const auto shifts = arguments.host<double>("shifts", Type::f64, sources.size());
  const auto scales = arguments.host<double>("scales", Type::f64, sources.size());
  const auto categories = arguments.host<std::int64_t>("categories", Type::i64, sources.size());
  std::vector<Feature> features(sources.size());
  for (std::size_t j = 0; j < sources.size(); ++j) {
    if (sources[j] >= table.columns.size())
      arguments.fail("ERR_PARAMETER", "feature " + std::to_string(j) + " is of column " + std::to_string(sources[j]) +
                                          " of " + std::to_string(table.columns.size()) + ".");
    if (kinds[j] > 1) arguments.fail("ERR_PARAMETER", "feature " + std::to_string(j) + " is of no known kind.");
    const auto kind = static_cast<FeatureKind>(kinds[j]);
    if (kind == FeatureKind::one_hot) arguments.check_codes(table.columns[sources[j]], "a one-hot column");
    features[j] = {table.columns[sources[j]], fills[j], shifts[j], scales[j], categories[j], kind};
  }
  auto* const specs = arguments.memory().make<Feature>(features.size());
  if (!features.empty()) arguments.memory().upload(specs, features.data(), sizeof(Feature) * features.size());
  float* const out = arguments.result<float>("values", Type::f32, table.rows * features.size());
  feature_matrix(arguments.stream(), specs, static_cast<std::uint32_t>(features.size()), table.rows,
                 by_rows ? Layout::row_major : Layout::column_major, by_rows ? features.size() : table.rows, out);
}

std::uint32_t seed_of(const Arguments& arguments) {
  return static_cast<std::uint32_t>(arguments.whole("seed", 0, kMostSeed));
}

void uniform(Call& call) {
  Arguments arguments(call, "philox.uniform");
  const std::uint64_t start = arguments.whole_or("start", 0, kMostStart, 0);
  const std::uint64_t count = arguments.whole("count", 0, kMostDraws);
  philox_uniform(call.stream, seed_of(arguments), start, count, arguments.result<double>("values", Type::f64, count));
}

void bootstrap(Call& call) {
  Arguments arguments(call, "philox.bootstrap");
  const auto sample = static_cast<std::uint32_t>(arguments.whole("sample", 0, kMostSeed));
  const auto rows = static_cast<std::uint32_t>(arguments.whole("rows", 1, kMostRows));
  // A counter makes four draws and its number has 32 bits.
  const std::uint64_t draws = arguments.whole("draws", 0, kMostRows);
  philox_bootstrap(call.stream, seed_of(arguments), sample, rows, draws,
                   arguments.result<std::uint32_t>("rows", Type::u32, draws));
}

std::uint32_t* order_of(Arguments& arguments, std::uint32_t rows, std::uint32_t* order) {
  void* const scratch = arguments.memory().allocate(permutation_scratch_bytes(rows) + 1);
  permutation(arguments.stream(), seed_of(arguments), arguments.whole_or("start", 0, kMostStart, 0), rows, scratch, order);
  return order;
}

void permutation_entry(Call& call) {
  Arguments arguments(call, "philox.permutation");
  const auto rows = static_cast<std::uint32_t>(arguments.whole("rows", 0, kMostRows));
  order_of(arguments, rows, arguments.result<std::uint32_t>("order", Type::u32, rows));
}

void parts_entry(Call& call) {
  Arguments arguments(call, "philox.parts");
  const auto rows = static_cast<std::uint32_t>(arguments.whole("rows", 0, kMostRows));
  const auto cuts = arguments.host<std::uint32_t>("cuts", Type::u32);
  for (std::size_t i = 1; i < cuts.size(); ++i)
    if (cuts[i] < cuts[i - 1]) arguments.fail("ERR_PARAMETER", "'cuts' must ascend.");
  auto* const parts = arguments.result<std::uint32_t>("parts", Type::u32, rows);
  const std::uint32_t* const order = order_of(arguments, rows, arguments.memory().make<std::uint32_t>(rows));
  parts_of_order(call.stream, order, rows, arguments.uploaded<std::uint32_t>("cuts", Type::u32),
                 static_cast<std::uint32_t>(cuts.size()), parts);
}

/** What all entries over trees read: arrays checked and uploaded, rows as a matrix. */
struct Walk {
  Forest forest;
  TreeRange trees;
  Rows rows;
  std::size_t nodes;
};
Walk walk_of(Arguments& arguments, std::uint32_t outputs, std::size_t vectors) {
  const TableView& table = arguments.table(0, 1);
  const auto words = arguments.host<std::uint32_t>("nodes", Type::u32);
  if (words.size() % 4 != 0) arguments.fail("ERR_SHAPE", "'nodes' must have four words a node.");
  // An array may lie at any multiple of 4 bytes.
  std::vector<TreeNode> nodes(words.size() / 4);
  if (!nodes.empty()) std::memcpy(nodes.data(), words.data(), sizeof(TreeNode) * nodes.size());
  const auto roots = arguments.host<std::uint32_t>("roots", Type::u32);
  const bool has_sets = arguments.find_array("sets") != nullptr;
  const bool has_groups = arguments.find_array("groups") != nullptr;
  HostForest host{nodes, {}, roots, {}};
  if (has_sets) host.sets = arguments.host<std::uint32_t>("sets", Type::u32);
  if (has_groups) host.groups = arguments.host<std::uint32_t>("groups", Type::u32);
  Walk walk{};
  walk.nodes = nodes.size();
  walk.trees.from = static_cast<std::uint32_t>(arguments.whole_or("from", 0, roots.size(), 0));
  walk.trees.to = static_cast<std::uint32_t>(arguments.whole_or("to", 0, roots.size(), roots.size()));
  const auto features = static_cast<std::uint32_t>(table.columns.size());
  const std::string fault = forest_fault(host, walk.trees, features, outputs, vectors);
  if (!fault.empty()) arguments.fail("ERR_PARAMETER", fault + ".");
  walk.forest.nodes = static_cast<const TreeNode*>(arguments.uploaded(arguments.array("nodes", Type::u32)));
  walk.forest.roots = arguments.uploaded<std::uint32_t>("roots", Type::u32);
  walk.forest.sets = has_sets ? arguments.uploaded<std::uint32_t>("sets", Type::u32) : nullptr;
  walk.forest.groups = has_groups && !host.groups.empty() ? arguments.uploaded<std::uint32_t>("groups", Type::u32) : nullptr;
  walk.rows = {plain_matrix(arguments, table, Layout::column_major), table.rows, table.rows, features};
  return walk;
}

void forest_predict(Call& call) {
  Arguments arguments(call, "forest.predict");
  const auto outputs = static_cast<std::uint32_t>(arguments.whole("outputs", 1, kMostOutputs));
  static constexpr std::array<std::string_view, 5> kLinks{"identity", "sigmoid", "exp", "softmax", "step"};
  const std::string_view name = arguments.text("link", kLinks, "identity");
  std::uint8_t link = 0;
  while (kLinks[link] != name) ++link;
  const Walk walk = walk_of(arguments, outputs, 0);
  const auto* const base = arguments.uploaded<float>("base", Type::f32, outputs);
  float* const values = arguments.result<float>("values", Type::f32, walk.rows.count * outputs);
  forest_margins(call.stream, walk.forest, walk.trees, walk.rows, outputs, base, values);
  forest_link(call.stream, static_cast<Link>(link), walk.rows.count, outputs, values);
}

void forest_sums(Call& call) {
  Arguments arguments(call, "forest.vectors");
  const auto outputs = static_cast<std::uint32_t>(arguments.whole("outputs", 1, kMostOutputs));
  const auto values = arguments.host<double>("values", Type::f64);
  if (values.empty() || values.size() % outputs != 0)
    arguments.fail("ERR_SHAPE", "'values' must have " + std::to_string(outputs) + " numbers a leaf.");
  const Walk walk = walk_of(arguments, 1, values.size() / outputs);
  const auto* const vectors = arguments.uploaded<double>("values", Type::f64);
  forest_vectors(call.stream, walk.forest, walk.trees, walk.rows, vectors, outputs,
                 arguments.result<double>("sums", Type::f64, walk.rows.count * outputs));
}

void forest_leaf_numbers(Call& call) {
  Arguments arguments(call, "forest.leaves");
  const Walk walk = walk_of(arguments, static_cast<std::uint32_t>(kMostOutputs), 0);
  const auto* const numbers = arguments.uploaded<std::uint32_t>("numbers", Type::u32, walk.nodes);
  forest_leaves(call.stream, walk.forest, walk.trees, walk.rows, numbers,
                arguments.result<std::uint32_t>("leaves", Type::u32, walk.rows.count * (walk.trees.to - walk.trees.from)));
}

void neighbors_top_k(Call& call) {
  Arguments arguments(call, "neighbors.topK");
  const TableView& points = arguments.table(0, 1);
  const TableView& queries = arguments.table(1, points.columns.size());
  if (queries.columns.size() != points.columns.size())
    arguments.fail("ERR_SHAPE", "points have " + std::to_string(points.columns.size()) + " columns and queries " +
                                    std::to_string(queries.columns.size()) + ".");
  static constexpr std::array<std::string_view, 2> kMetrics{"euclidean", "cosine"};
  const bool euclidean = arguments.text("metric", kMetrics, "euclidean") == "euclidean";
  const auto k = static_cast<std::uint32_t>(arguments.whole("k", 1, kMostNeighbors));
  const auto columns = static_cast<std::uint32_t>(points.columns.size());
  // Taken off before values become Float32: far from zero that keeps the digits that tell points apart.
  std::span<const double> shifts;
  if (arguments.find_array("shifts") != nullptr) shifts = arguments.host<double>("shifts", Type::f64, columns);
  if (!shifts.empty() && !euclidean) arguments.fail("ERR_PARAMETER", "'shifts' would turn what 'cosine' compares.");
  const Matrix p{plain_matrix(arguments, points, Layout::row_major, shifts), points.rows, columns, columns};
  const Matrix q{plain_matrix(arguments, queries, Layout::row_major, shifts), queries.rows, columns, columns};
  const NeighborPlan plan = plan_neighbors(p, q, k);
  void* const scratch = arguments.memory().allocate(plan.scratch_bytes + 1);
  auto* const distances = arguments.result<float>("distances", Type::f32, queries.rows * k);
  auto* const indices = arguments.result<std::uint32_t>("indices", Type::u32, queries.rows * k);
  nearest_neighbors(call.stream, p, q, euclidean ? Distance::euclidean : Distance::cosine, k, plan, scratch, distances,
                    indices);
}

void confusion(Call& call) {
  Arguments arguments(call, "metrics.confusion");
  const TableView& table = arguments.table(0, 2);
  const auto classes = static_cast<std::uint32_t>(arguments.whole("classes", 1, kMostClasses));
  for (std::size_t i = 0; i < 2; ++i) arguments.check_codes(table.columns[i], "classes");
  const Column* const weights = table.columns.size() > 2 ? &table.columns[2] : nullptr;
  confusion_matrix(call.stream, table.columns[0], table.columns[1], weights, classes,
                   arguments.result<double>("counts", Type::f64, std::size_t{classes} * classes + 1));
}

void roc_histogram(Call& call) {
  Arguments arguments(call, "metrics.rocHistogram");
  const TableView& table = arguments.table(0, 2);
  const auto bins = static_cast<std::uint32_t>(arguments.whole("bins", 1, kMostBins));
  const double low = arguments.finite("low");
  const double high = arguments.finite("high");
  if (!(low < high)) arguments.fail("ERR_PARAMETER", "'low' must be below 'high'.");
  arguments.check_codes(table.columns[1], "classes");
  const Column* const weights = table.columns.size() > 2 ? &table.columns[2] : nullptr;
  score_histogram(call.stream, table.columns[0], table.columns[1], arguments.integer("positive"), weights, low, high, bins,
                  arguments.result<double>("counts", Type::f64, 2 * std::size_t{bins} + 1));
}

constexpr std::array<Entry, 11> kEntries{{{"matrix.fromTable", matrix_from_table},
                                          {"philox.uniform", uniform},
                                          {"philox.bootstrap", bootstrap},
                                          {"philox.permutation", permutation_entry},
                                          {"philox.parts", parts_entry},
                                          {"forest.predict", forest_predict},
                                          {"forest.vectors", forest_sums},
                                          {"forest.leaves", forest_leaf_numbers},
                                          {"neighbors.topK", neighbors_top_k},
                                          {"metrics.confusion", confusion},
                                          {"metrics.rocHistogram", roc_histogram}}};

}  // namespace

std::span<const Entry> table() { return kEntries; }

const Entry* find_entry(std::string_view name) {
  for (const Entry& entry : kEntries)
    if (entry.name == name) return &entry;
  return nullptr;
}

void run_entry(const Entry& entry, Call& call) {
  entry.run(call);
  const Arguments arguments(call, entry.name);
  for (const Parameter& p : call.parameters) arguments.check_known("parameter", p.name);
  for (const HostArray& a : call.arrays) arguments.check_known("array", a.name);
  if (call.tables.size() > call.tables_known)
    arguments.fail("ERR_PARAMETER", "takes " + std::to_string(call.tables_known) + " tables. Got " +
                                        std::to_string(call.tables.size()) + ".");
}

}  // namespace warpframe::kernels
