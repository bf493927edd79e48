// By which an engine library knows that it runs on the host, not on a GPU: NVIDIA's libraries have no such symbol.
#include "host.hh"

extern "C" {
extern const int host_cudf;
const int host_cudf = 1;
/** Rows at which an engine library takes a column for full. */
std::int64_t host_cudf_most_rows() { return static_cast<std::int64_t>(warpframe::host::max_rows()); }
/** Rows at which it takes a part of a file for full. */
std::int64_t host_cudf_most_rows_of_part() { return static_cast<std::int64_t>(warpframe::host::max_part_rows()); }
}
