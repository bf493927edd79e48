// Plans that treat each row on its own, as plans over parts of their files: who runs one need not hold all rows.
#pragma once

#include <cstdint>
#include <vector>

#include "../plan/nodes.hh"

namespace warpframe::exec {

/**
 * The plan over one part of its Parquet files after the other, each of about `bytes` bytes, at least one row group. Empty
 * where the plan looks at more than a row at a time, or where one part is all.
 */
std::vector<plan::NodePtr> parts_of(const plan::NodePtr& root, std::uint64_t bytes);

/** The input of a node that treats each row on its own; null for any other node. */
const plan::NodePtr* row_wise_input(const plan::Node& node);

}  // namespace warpframe::exec
