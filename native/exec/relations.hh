// The plan nodes that are not aggregations: each takes the rows of its inputs.
#pragma once

#include <vector>

#include "../plan/nodes.hh"
#include "context.hh"

namespace warpframe::exec {

Frame read_table(const plan::Node& node, Context& context);
Frame project(const plan::Node& node, const Frame& input, Context& context);
Frame filter(const plan::Node& node, const Frame& input, Context& context);
Frame sort(const plan::Node& node, const Frame& input, Context& context);
Frame slice(const plan::Node& node, const Frame& input, Context& context);
Frame distinct(const plan::Node& node, const Frame& input, Context& context);
Frame unite(const plan::Node& node, const std::vector<const Frame*>& inputs, Context& context);
/** The rows of a node that came frame by frame, one below another. @throws Failure ERR_UNSUPPORTED: too many for a column */
Frame stacked(const plan::Node& node, const std::vector<const Frame*>& frames, Context& context);
/** joins.cc */
Frame join(const plan::Node& node, const Frame& left, const Frame& right, Context& context);

}  // namespace warpframe::exec
