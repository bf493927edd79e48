#include "kernels/forest_check.hh"

#include <bit>
#include <cmath>

namespace warpframe::kernels {
namespace {

std::string node_fault(const HostForest& forest, std::size_t i, std::uint32_t features, std::size_t vectors) {
  const TreeNode& node = forest.nodes[i];
  const std::uint32_t feature = node.word & TreeNode::kFeature;
  if (feature >= features) return "asks for feature " + std::to_string(feature) + " of " + std::to_string(features);
  if (node.left == i) {
    if (!std::isnan(node.threshold) || node.word != TreeNode::kMissingLeft)
      return "is its own child but no leaf: a leaf has the threshold NaN and the missing-left flag alone";
    if (vectors > 0 && node.value >= vectors)
      return "names vector " + std::to_string(node.value) + " of " + std::to_string(vectors);
    return {};
  }
  if (node.left <= i || forest.nodes.size() < 2 || node.left > forest.nodes.size() - 2)
    return "has its children at " + std::to_string(node.left) + ", not behind it among " +
           std::to_string(forest.nodes.size()) + " nodes";
  if ((node.word & TreeNode::kCategorical) == 0) return {};
  const std::size_t set = std::bit_cast<std::uint32_t>(node.threshold);
  if (set >= forest.sets.size() || forest.sets[set] > forest.sets.size() - set - 1)
    return "has its set at " + std::to_string(set) + " of " + std::to_string(forest.sets.size()) + " words";
  return {};
}

}  // namespace

std::string forest_fault(const HostForest& forest, TreeRange trees, std::uint32_t features, std::uint32_t outputs,
                         std::size_t vectors) {
  if (trees.from > trees.to || trees.to > forest.roots.size())
    return "trees [" + std::to_string(trees.from) + ", " + std::to_string(trees.to) + ") of " +
           std::to_string(forest.roots.size());
  if (!forest.groups.empty() && forest.groups.size() != forest.roots.size())
    return std::to_string(forest.groups.size()) + " groups for " + std::to_string(forest.roots.size()) + " trees";
  for (std::size_t t = trees.from; t < trees.to; ++t) {
    if (forest.roots[t] >= forest.nodes.size())
      return "tree " + std::to_string(t) + " begins at node " + std::to_string(forest.roots[t]) + " of " +
             std::to_string(forest.nodes.size());
    if (!forest.groups.empty() && forest.groups[t] >= outputs)
      return "tree " + std::to_string(t) + " adds to output " + std::to_string(forest.groups[t]) + " of " +
             std::to_string(outputs);
  }
  for (std::size_t i = 0; i < forest.nodes.size(); ++i) {
    const std::string fault = node_fault(forest, i, features, vectors);
    if (!fault.empty()) return "node " + std::to_string(i) + " " + fault;
  }
  return {};
}

}  // namespace warpframe::kernels
