// Plan nodes that touch files.
#pragma once

#include <string>

#include "../plan/nodes.hh"
#include "context.hh"

namespace warpframe::exec {

/** The rows of a scan node. */
Frame read_files(const plan::Node& node, Context& context);
/** Writes the rows of a write node; gives its one row, the number of rows written. */
Frame write_files(const plan::Node& node, const Frame& input, Context& context);

/** One sentence that names libcudf's limit; empty where the files can be read or written. Touches no device. */
std::string why_not_read(const plan::Node& node);
std::string why_not_write(const plan::Node& node);

}  // namespace warpframe::exec
