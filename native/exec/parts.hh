// Plans that treat each row on its own (joins with other rows too), or take the first rows of those, as plans over parts of
// their files: who runs one need not hold all rows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../plan/nodes.hh"

namespace warpframe::exec {

struct Parts {
  /** Plans, one after the other; none where one part is all. */
  std::vector<plan::NodePtr> plans;
  /** What they are joined with, run once: of table −1 in the plans, −2, … */
  std::vector<plan::NodePtr> others;
};
/**
 * The plan over one part of its Parquet files after the other, each of about `bytes` bytes, at least one row group. No
 * parts where the plan looks at more than a row at a time.
 */
Parts parts_of(const plan::NodePtr& root, std::uint64_t bytes);
/** The place among Parts::others of a table of that number; none for any other table. */
std::optional<std::size_t> place_of_other(std::int64_t table);

/**
 * Whether the parts that come are not needed, because a slice has all its rows.
 * @param rows_so_far - of the chain of a part, as Context has them
 */
bool has_enough(const plan::NodePtr& part, const std::vector<std::int64_t>& rows_so_far);

/**
 * The input of a node that treats each of its rows by itself and by its number: of a join the side that is not looked up.
 * Null for any other node.
 */
const plan::NodePtr* row_wise_input(const plan::Node& node);
/** The nodes from `root` down its row-wise inputs, to the first that has none. */
std::vector<const plan::Node*> row_wise_chain(const plan::Node& root);

/** Whether a node takes no more than so many of the first rows: small parts are enough, to begin with. */
bool takes_first_rows(const plan::Node& node);
/** What the first part may be then. */
inline constexpr std::uint64_t kFirstRowsBytes = std::uint64_t{16} << 20;

}  // namespace warpframe::exec
