#pragma once

namespace warpframe::plan {

/** Feeds the parser texts that are no plan. @returns how many it took, each named on stderr */
int refuse_hostile_documents();

}  // namespace warpframe::plan
