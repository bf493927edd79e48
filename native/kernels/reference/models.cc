#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/reference/reference.hh"

namespace warpframe::kernels::reference {

std::uint32_t leaf_of(const Trees& trees, std::uint32_t tree, std::span<const float> row) {
  std::uint32_t at = trees.roots[tree];
  while (trees.nodes[at].left != at) {
    const TreeNode& node = trees.nodes[at];
    const float value = row[node.word & 0x3fffffff];
    bool left;
    if (std::isnan(value)) {
      left = (node.word >> 31) != 0;
    } else if ((node.word >> 30 & 1) != 0) {
      const std::uint32_t* const set = &trees.sets[std::bit_cast<std::uint32_t>(node.threshold)];
      const bool is_category = value >= 0 && value < 16777216.0f;
      const auto category = is_category ? static_cast<std::uint32_t>(value) : 0;
      left = !is_category || category / 32 >= set[0] || (set[1 + category / 32] >> category % 32 & 1) == 0;
    } else {
      left = value < node.threshold;
    }
    at = node.left + (left ? 0 : 1);
  }
  return at;
}

std::vector<float> margins(const Trees& trees, TreeRange range, std::span<const float> rows, std::uint32_t features,
                           std::span<const float> base) {
  std::vector<float> out;
  for (std::size_t i = 0; i < rows.size(); i += features) {
    const std::size_t first = out.size();
    out.insert(out.end(), base.begin(), base.end());
    for (std::uint32_t t = range.from; t < range.to; ++t) {
      const std::uint32_t leaf = leaf_of(trees, t, rows.subspan(i, features));
      const std::size_t output = trees.groups.empty() ? 0 : trees.groups[t];
      out[first + output] += std::bit_cast<float>(trees.nodes[leaf].value);
    }
  }
  return out;
}

std::vector<double> vectors(const Trees& trees, TreeRange range, std::span<const float> rows, std::uint32_t features,
                            std::span<const double> values, std::uint32_t width) {
  std::vector<double> out(rows.size() / features * width);
  for (std::size_t i = 0; i < rows.size() / features; ++i) {
    for (std::uint32_t t = range.from; t < range.to; ++t) {
      const std::uint32_t leaf = leaf_of(trees, t, rows.subspan(i * features, features));
      for (std::uint32_t k = 0; k < width; ++k) out[i * width + k] += values[trees.nodes[leaf].value * width + k];
    }
  }
  return out;
}

void apply_link(Link link, std::span<float> margins, std::uint32_t outputs) {
  for (std::size_t row = 0; row < margins.size(); row += outputs) {
    const std::span<float> m = margins.subspan(row, outputs);
    if (link == Link::softmax) {
      const float most = *std::max_element(m.begin(), m.end());
      double sum = 0;
      for (float& v : m) sum += v = std::exp(v - most);
      for (float& v : m) v = static_cast<float>(v / sum);
      continue;
    }
    for (float& v : m) {
      if (link == Link::sigmoid) v = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(v))));
      if (link == Link::exp) v = static_cast<float>(std::exp(static_cast<double>(v)));
      if (link == Link::step) v = v > 0 ? 1 : 0;
    }
  }
}

namespace {

template <class T>
T summed(std::span<const float> a, std::span<const float> b, bool products) {
  T sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const T x = products ? static_cast<T>(a[j]) : static_cast<T>(a[j]) - static_cast<T>(b[j]);
    const T y = products ? static_cast<T>(b[j]) : x;
    sum = std::fma(x, y, sum);
  }
  return sum;
}

double inverse_length(std::span<const float> row) {
  const double sum = summed<double>(row, row, true);
  return sum == 0 ? 0 : 1 / std::sqrt(sum);
}

template <class T>
T distance(std::span<const float> query, std::span<const float> point, bool cosine) {
  const T sum = summed<T>(query, point, cosine);
  if (!cosine) return sum;
  const T similarity = sum * static_cast<T>(inverse_length(query)) * static_cast<T>(inverse_length(point));
  const T result = T{1} - similarity;
  return result < 0 ? T{0} : result;  // NaN stays
}

}  // namespace

Neighbors nearest(std::span<const float> points, std::span<const float> queries, std::uint32_t columns, bool cosine,
                  std::uint32_t k, bool in_float32) {
  Neighbors out;
  const auto n = static_cast<std::uint32_t>(points.size() / columns);
  std::vector<double> distances(n);
  for (std::size_t q = 0; q < queries.size(); q += columns) {
    const std::span<const float> query = queries.subspan(q, columns);
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::span<const float> point = points.subspan(std::size_t{i} * columns, columns);
      distances[i] = in_float32 ? static_cast<double>(distance<float>(query, point, cosine))
                                : distance<double>(query, point, cosine);
    }
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < n; ++i)
      if (!std::isnan(distances[i])) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return distances[a] < distances[b]; });
    for (std::uint32_t i = 0; i < k; ++i) {
      const bool found = i < order.size();
      const double d = found ? distances[order[i]] : std::numeric_limits<double>::infinity();
      const double root = in_float32 ? static_cast<double>(std::sqrt(static_cast<float>(d))) : std::sqrt(d);
      out.distances.push_back(cosine ? d : root);
      out.indices.push_back(found ? order[i] : 0xffffffffu);
    }
  }
  return out;
}

}  // namespace warpframe::kernels::reference
