// Runs plans.
#pragma once

#include <string>

#include "../plan/nodes.hh"
#include "context.hh"

namespace warpframe::exec {

/** Runs a plan to its rows. A node that two others read runs once. A plan that ends in Write gives its row count. */
Frame execute(const plan::Node& plan, Context& context);

/** One sentence that names every node that libcudf cannot run and why; empty where it can. Touches no device. */
std::string why_not(const plan::Node& plan);

}  // namespace warpframe::exec
