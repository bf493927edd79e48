// Aggregates: one value per group, by groupby; without keys by reductions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../plan/nodes.hh"
#include "groups.hh"

namespace warpframe::exec {

/** An aggregate, by its name in ts/expr/rows-groups.ts. */
struct AggregateFunction {
  std::string_view name;
  /** One sentence that names libcudf's limit for this call; empty: it runs. Null: it always runs. */
  std::string (*why_not)(const plan::Expr& call);
};
/** All rows, for the description and its test. */
std::span<const AggregateFunction> aggregate_functions();

/** One sentence that names libcudf's limit; empty where the aggregate call and its arguments can run. */
std::string why_not_aggregate(const plan::Expr& call);

/** Aggregate calls over evaluated arguments; one row a group, in the order of the groups, of the call's dtype. */
std::vector<Lane> aggregate_groups(const std::vector<const plan::Expr*>& calls, const std::vector<std::vector<Lane>>& args,
                                   const Groups& groups);

/** Runs an aggregate node over the rows of its input. */
Frame aggregate(const plan::Node& node, const Frame& input, Context& context);

}  // namespace warpframe::exec
