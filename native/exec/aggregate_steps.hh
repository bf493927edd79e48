// Inside the aggregates: each asks for results of libcudf's group by, all of which are computed in one call, and then
// makes its value from them; what needs more than one look at the rows goes on from there.
#pragma once

#include <functional>
#include <vector>

#include "../plan/nodes.hh"
#include "groups.hh"

namespace warpframe::exec {

struct AggregateInput {
  const plan::Expr& expr;
  const plan::Call& call;
  /** Columns of all rows. */
  const std::vector<Lane>& args;
  const Groups& groups;
  /** The results that all aggregates of a node ask for. */
  GroupBy& shared;

  std::int64_t integer(std::string_view name) const { return call.options.at(name).as_int64(); }
};
/** One row a group, called after the shared results are there. */
using Finish = std::function<Lane()>;

/** Of those of aggregate_states.hh. */
Finish start_states(const AggregateInput& in);
Finish start_n_unique(const AggregateInput& in);

// aggregate_moments.cc
Finish start_var(const AggregateInput& in);
Finish start_skew(const AggregateInput& in);
Finish start_kurtosis(const AggregateInput& in);
Finish start_cov(const AggregateInput& in);
Finish start_corr(const AggregateInput& in);

// aggregate_picks.cc
Finish start_quantile(const AggregateInput& in);
Finish start_mode(const AggregateInput& in);
Finish start_arg_min(const AggregateInput& in);
Finish start_arg_max(const AggregateInput& in);
Finish start_implode(const AggregateInput& in);

/** The keys of an aggregate node, its calls and their arguments, over all rows. */
struct Evaluated {
  std::vector<Lane> keys;
  std::vector<const plan::Expr*> calls;
  std::vector<std::vector<Lane>> args;
};
Evaluated evaluated(const plan::Aggregate& aggregate, const Frame& input, Context& context);

/** A quantile of each group's values, as the CPU engine interpolates; null for nothing. */
Lane group_quantile(const Groups& groups, const Lane& values, double q, const std::string& how);

/** Where a wrapped 64-bit or 128-bit sum is far from the same sum in Float64, or a decimal has more than 38 digits. */
Lane sum_overflowed(const Lane& sum, const Lane& as_double);

}  // namespace warpframe::exec
