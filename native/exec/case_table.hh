// Unicode's simple case mappings: one code point to one, the same for every language. libcudf's own to_upper and to_lower
// map some letters to several (ß to SS) and stop at the first 65,536 code points.
#pragma once

#include <cstdint>
#include <span>

namespace warpframe::exec {

/** `count` code points from `first`, `step` apart, each mapped to itself plus `shift`. */
struct CaseRun {
  std::int32_t first;
  std::int32_t count;
  std::int32_t step;
  std::int32_t shift;
};
std::span<const CaseRun> case_runs(bool upper);

}  // namespace warpframe::exec
