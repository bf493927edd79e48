#include "row_limit.hh"

#include <cudf/types.hpp>

#include <limits>

// Only the library that stands in for libcudf on the host has it.
extern "C" [[gnu::weak]] std::int64_t host_cudf_most_rows();
extern "C" [[gnu::weak]] std::int64_t host_cudf_most_rows_of_part();

namespace warpframe::exec {

std::int64_t most_rows() {
  return &host_cudf_most_rows != nullptr ? host_cudf_most_rows() : std::numeric_limits<cudf::size_type>::max();
}

std::int64_t most_rows_of_part() {
  return &host_cudf_most_rows_of_part != nullptr ? host_cudf_most_rows_of_part() : most_rows();
}

}  // namespace warpframe::exec
