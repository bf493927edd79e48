// Trees that came from outside, before a device walks them: no index may leave its array, and every walk must end.
#pragma once

#include <span>
#include <string>

#include "kernels/forest.cuh"

namespace warpframe::kernels {

/** Trees in host memory. */
struct HostForest {
  std::span<const TreeNode> nodes;
  std::span<const std::uint32_t> sets;
  std::span<const std::uint32_t> roots;
  std::span<const std::uint32_t> groups;  // empty: no groups
};

/**
 * What is wrong with trees [from, to), or nothing. Children must come behind their parents, which is how both layouts are
 * written; so every walk ends.
 * @param vectors - how many vectors leaves may name; 0: leaves hold floats
 */
std::string forest_fault(const HostForest& forest, TreeRange trees, std::uint32_t features, std::uint32_t outputs,
                         std::size_t vectors);

}  // namespace warpframe::kernels
