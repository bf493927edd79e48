#include <bit>
#include <cstring>
#include <limits>

#include "cases.hh"
#include "kernels/reference/reference.hh"

namespace warpframe::kernels::tests {
namespace {

using reference::Trees;

struct Shape {
  std::uint32_t trees;
  std::uint32_t features;
  std::uint32_t outputs;
  bool categories;
};

/** The place of a set of random categories. */
std::uint32_t add_set(Random& random, Trees& trees) {
  const auto at = static_cast<std::uint32_t>(trees.sets.size());
  const auto words = static_cast<std::uint32_t>(random.below(4));
  trees.sets.push_back(words);
  for (std::uint32_t w = 0; w < words; ++w) trees.sets.push_back(static_cast<std::uint32_t>(random.next()));
  return at;
}

/** Random trees of uneven depth, level by level as forest-layout.ts lays them out. Leaves hold floats or vector numbers. */
Trees random_trees(Random& random, const Shape& shape, std::uint32_t vectors) {
  Trees out;
  for (std::uint32_t t = 0; t < shape.trees; ++t) {
    const auto root = static_cast<std::uint32_t>(out.nodes.size());
    out.roots.push_back(root);
    out.groups.push_back(static_cast<std::uint32_t>(random.below(shape.outputs)));
    out.nodes.push_back({});
    const std::size_t most = 1 + random.below(90);
    for (std::uint32_t at = root; at < out.nodes.size(); ++at) {
      if (out.nodes.size() - root >= most || random.below(8) == 0) {
        const std::uint32_t value = vectors > 0 ? static_cast<std::uint32_t>(random.below(vectors))
                                                : std::bit_cast<std::uint32_t>(static_cast<float>(random.between(-1, 1)));
        out.nodes[at] = {std::numeric_limits<float>::quiet_NaN(), TreeNode::kMissingLeft, at, value};
        continue;
      }
      const bool categorical = shape.categories && random.below(3) == 0;
      const std::uint32_t flags = (random.below(2) == 0 ? TreeNode::kMissingLeft : 0) | (categorical ? TreeNode::kCategorical : 0);
      const float threshold = categorical ? std::bit_cast<float>(add_set(random, out))
                                          : static_cast<float>(random.below(20)) - (random.below(2) == 0 ? 0.5f : 0.0f);
      const auto left = static_cast<std::uint32_t>(out.nodes.size());
      out.nodes[at] = {threshold, flags | static_cast<std::uint32_t>(random.below(shape.features)), left, 0};
      out.nodes.push_back({});
      out.nodes.push_back({});
    }
  }
  return out;
}

/** Values that hit thresholds exactly, are missing, negative, infinite, or no category. */
std::vector<float> random_rows(Random& random, std::uint64_t rows, std::uint32_t features) {
  std::vector<float> out(rows * features);
  for (float& v : out) {
    switch (random.below(12)) {
      case 0: v = std::numeric_limits<float>::quiet_NaN(); break;
      case 1: v = random.below(2) == 0 ? HUGE_VALF : -HUGE_VALF; break;
      case 2: v = static_cast<float>(random.between(-5, 40)); break;
      case 3: v = 16777216.0f; break;
      default: v = static_cast<float>(random.below(130)) / (random.below(4) == 0 ? 2.0f : 1.0f);
    }
  }
  return out;
}

struct Inputs {
  Trees trees;
  std::vector<float> rows;
  std::vector<OwnColumn> columns;
  std::vector<std::uint32_t> words;
};

Inputs inputs_of(Random& random, const Shape& shape, std::uint64_t rows, std::uint32_t vectors) {
  Inputs in{random_trees(random, shape, vectors), random_rows(random, rows, shape.features), {}, {}};
  for (std::uint32_t j = 0; j < shape.features; ++j) {
    OwnColumn& column = in.columns.emplace_back(column_of(in.rows, shape.features, j));
    if (random.below(3) != 0) continue;
    add_nulls(random, column, 0.1);  // a null is missing
    for (std::uint64_t i = 0; i < rows; ++i)
      if (!reference::is_value(column.view, i)) in.rows[i * shape.features + j] = std::numeric_limits<float>::quiet_NaN();
  }
  in.words.resize(4 * in.trees.nodes.size());
  std::memcpy(in.words.data(), in.trees.nodes.data(), 4 * in.words.size());
  return in;
}

HostCall call_of(std::string_view kernel, const Inputs& in, TreeRange range) {
  HostCall call{kernel, {{}}, {}, {{"from", static_cast<double>(range.from), ""}, {"to", static_cast<double>(range.to), ""}}};
  for (const OwnColumn& c : in.columns) call.tables[0].push_back(c.view);
  call.arrays = {array_of("nodes", Type::u32, in.words), array_of("roots", Type::u32, in.trees.roots)};
  if (!in.trees.sets.empty()) call.arrays.push_back(array_of("sets", Type::u32, in.trees.sets));
  return call;
}

const Shape kShapes[] = {{1, 1, 1, false}, {20, 6, 1, true}, {31, 13, 4, true}, {12, 90, 3, false}};

TreeRange range_of(Random& random, std::uint32_t trees) {
  const auto from = static_cast<std::uint32_t>(random.below(trees));
  return random.below(2) == 0 ? TreeRange{0, trees} : TreeRange{from, trees};
}

Outcome predict(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  static constexpr std::string_view kLinks[] = {"identity", "sigmoid", "exp", "softmax", "step"};
  for (const Shape& shape : kShapes) {
    for (std::size_t link = 0; link < 5; ++link) {
      const Inputs in = inputs_of(random, shape, 150 * settings.scale + random.below(130), 0);
      const TreeRange range = range_of(random, shape.trees);
      std::vector<float> base(shape.outputs);
      for (float& b : base) b = static_cast<float>(random.between(-1, 1));
      HostCall call = call_of("forest.predict", in, range);
      call.arrays.push_back(array_of("groups", Type::u32, in.trees.groups));
      call.arrays.push_back(array_of("base", Type::f32, base));
      call.parameters.push_back({"outputs", static_cast<double>(shape.outputs), ""});
      call.parameters.push_back({"link", 0, kLinks[link]});
      const auto results = run_on_device(call);
      const float* const got = result_of(results, "values").data<float>();
      std::vector<float> expected = reference::margins(in.trees, range, in.rows, shape.features, base);
      reference::apply_link(static_cast<Link>(link), expected, shape.outputs);
      // Sums are bit for bit; the device has an exponential of its own.
      const double allowed = kLinks[link] == "identity" || kLinks[link] == "step" ? 0 : 2e-6;
      for (std::size_t i = 0; i < expected.size(); ++i) outcome.compare(got[i], expected[i], allowed, 0, "value", i);
      outcome.rows += in.rows.size() / shape.features;
    }
  }
  return outcome;
}

Outcome vectors(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed + 1);
  for (const Shape& shape : kShapes) {
    const std::uint32_t width = shape.outputs;
    std::vector<double> values(50 * width);
    for (double& v : values) v = random.unit();
    const Inputs in = inputs_of(random, shape, 200 * settings.scale + random.below(130), 50);
    const TreeRange range = range_of(random, shape.trees);
    HostCall call = call_of("forest.vectors", in, range);
    call.arrays.push_back(array_of("values", Type::f64, values));
    call.parameters.push_back({"outputs", static_cast<double>(width), ""});
    const auto results = run_on_device(call);
    const double* const got = result_of(results, "sums").data<double>();
    const std::vector<double> expected = reference::vectors(in.trees, range, in.rows, shape.features, values, width);
    for (std::size_t i = 0; i < expected.size(); ++i) outcome.compare(got[i], expected[i], 0, 0, "sum", i);
    outcome.rows += in.rows.size() / shape.features;
  }
  return outcome;
}

Outcome leaves(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed + 2);
  for (const Shape& shape : kShapes) {
    const Inputs in = inputs_of(random, shape, 200 * settings.scale + random.below(130), 0);
    const TreeRange range = range_of(random, shape.trees);
    std::vector<std::uint32_t> numbers(in.trees.nodes.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint32_t>(3 * i + 1);
    HostCall call = call_of("forest.leaves", in, range);
    call.arrays.push_back(array_of("numbers", Type::u32, numbers));
    const auto results = run_on_device(call);
    const std::uint32_t* got = result_of(results, "leaves").data<std::uint32_t>();
    const std::size_t rows = in.rows.size() / shape.features;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::uint32_t t = range.from; t < range.to; ++t) {
        const std::span<const float> row = std::span(in.rows).subspan(i * shape.features, shape.features);
        outcome.compare(*got++, numbers[reference::leaf_of(in.trees, t, row)], 0, 0, "leaf", i);
      }
    outcome.rows += rows;
  }
  return outcome;
}

}  // namespace

std::vector<Case> forest_cases() {
  return {{"forest.predict", predict}, {"forest.vectors", vectors}, {"forest.leaves", leaves}};
}

}  // namespace warpframe::kernels::tests
