// Aggregates of rows that come part by part: of each part what its values fold to, a row a group, and of those again.
#pragma once

#include <vector>

#include "../plan/nodes.hh"
#include "aggregate_states.hh"

namespace warpframe::exec {

/** Whether each of its aggregates is the same from parts of the rows as from all of them. */
bool merges(const plan::Aggregate& aggregate);

class PartedAggregate {
 public:
  /** `node` is an aggregate that merges. */
  PartedAggregate(const plan::Node& node, Context& context);
  /**
   * The next rows, of which the context's rows_before tells how many came before.
   * @throws Failure ERR_UNSUPPORTED: more groups than a column holds
   */
  void add(const Frame& input);
  /** Groups in the order of their first rows. After at least one part, which may have no rows. */
  Frame result();

 private:
  void merge();

  const plan::Node& node_;
  const plan::Aggregate& aggregate_;
  Context& context_;
  std::vector<Fold> folds_;           // of all states, in a row
  std::vector<std::size_t> counts_;   // states of each aggregate
  std::vector<Frame> parts_;          // keys, then states; the first may be merged already
  std::int64_t merged_rows_ = 0;
  std::int64_t rows_ = 0;             // of all parts_
};

}  // namespace warpframe::exec
