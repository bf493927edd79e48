// The sections that need no Node.
#pragma once

#include <string>
#include <vector>

#include "report.hh"

namespace warpframe::verify {

struct Settings {
  std::vector<std::string> only;  // empty: all
  std::string library;            // the engine library; empty: none
  std::string rapids;             // a folder with libcudf and what it needs; empty: on the library path
  std::string plans;
  std::string philox;
  std::uint64_t scale = 1;  // of the kernels' rows
  int rounds = 20;          // of the drill that looks for leaks
};

/** Devices; sets the report's label. @returns whether there is one */
bool check_device(Report& report, const Settings& settings);
/** Every own kernel against its reference. */
void check_kernels(Report& report, const Settings& settings);
/** Plans with recorded results, memory limit, cancelling, leaks, through the engine library's C interface. */
void check_engine(Report& report, const Settings& settings);

}  // namespace warpframe::verify
