// Running plans: from a document and tables to a frame.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../exec/executor.hh"
#include "engine.h"
#include "table.hh"

namespace warpframe::engine {

/** Throws Failure ERR_ABORTED once the caller has cancelled the run. */
void check_cancelled(const wf_run& run);

/**
 * Runs a plan.
 * @param trace - becomes what engine.h says of traces
 * @param stream - of which it is a part: what is kept from part to part
 */
exec::Frame run_plan(Device& device, const wf_run& run, const plan::Node& root, const wf_table_ref* tables,
                     std::size_t count, std::string& trace, wf_stream* stream = nullptr);

/** The description of engine.h; computed once. */
const char* description();
/** Why a plan document or a kernel call cannot run; empty: it can. */
std::string why_not(const char* work);

}  // namespace warpframe::engine
