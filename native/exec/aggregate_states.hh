// Aggregates that are made of sums, counts, least, greatest, first and last values: those of parts of the rows are merged
// to those of all rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "../plan/expr.hh"
#include "groups.hh"

namespace warpframe::exec {

enum class Fold : std::uint8_t { sum, count, rows, least, greatest, first, last };

/** One value a group, folded from the values of its rows. */
struct State {
  std::optional<Lane> values;  // none of Fold::rows
  Fold fold;
};

struct StateFunction {
  std::string_view name;
  /** What is folded. `of_part`: of rows that, with those of other parts, may be more than a column holds. */
  std::vector<State> (*states)(const std::vector<Lane>& args, bool of_part);
  /** The aggregate from what they gave, one row a group. */
  Lane (*finish)(const plan::Expr& call, const std::vector<Lane>& folded);
};
/** Null for an aggregate that is made in another way. */
const StateFunction* find_state_function(std::string_view name);

/** Asks for a state; its lane is there after `shared` has run. */
std::function<Lane()> ask(const State& state, const Groups& groups, GroupBy& shared);

/** How what was folded from parts is folded further. */
Fold merged(Fold fold);

}  // namespace warpframe::exec
