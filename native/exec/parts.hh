// Plans that treat each row on its own, as plans over parts of their files: a stream of one never holds all rows.
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

}  // namespace warpframe::exec
