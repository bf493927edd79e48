// Opens engine libraries (engine/engine.h) and what they need, by absolute path, once a process, never closed.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace warpframe {

/**
 * Opens `needed` in the given order and then the engine library, each by its absolute path and for itself only; or
 * returns the table of the one that is open. Engine libraries are told apart by file name: a process opens one of each.
 * @throws Failure ERR_MISSING_DEPENDENCY where a file cannot be opened or is of another version of warpframe,
 *   ERR_PARAMETER where one from another place is open, ERR_DEVICE for the host libcudf beside a real driver
 */
const wf_engine_api& open_engine_library(const std::vector<std::string>& needed, const std::string& path);

/** The table of an engine library that is open, such as "libwarpframe_cudf.so"; null where it is not. */
const wf_engine_api* opened_engine_library(const std::string& file_name);

}  // namespace warpframe
