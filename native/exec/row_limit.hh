// How many rows a column holds.
#pragma once

#include <cstdint>

namespace warpframe::exec {

/** 2^31 − 1; over the host libcudf what HOSTCUDF_MAX_ROWS says. */
std::int64_t most_rows();
/** The same of a part of a file; over the host libcudf what HOSTCUDF_PART_ROWS says. */
std::int64_t most_rows_of_part();

}  // namespace warpframe::exec
