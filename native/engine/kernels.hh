// Kernels behind the C interface's `invoke`: a row each.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../plan/json.hh"
#include "device.hh"
#include "engine.h"
#include "table.hh"

namespace warpframe::engine {

/** What a kernel is given; arrays lie in host memory. */
struct KernelCall {
  std::string_view name;
  Device& device;
  const wf_run& run;
  plan::Json params;
  std::vector<Table*> tables;
  std::span<const wf_array> arrays;
};
/** An array that a kernel made. */
struct OwnedArray {
  std::string name;
  std::string type;
  std::size_t length = 0;
  std::vector<std::byte> bytes;
};
struct KernelOutcome {
  std::string json = "{}";
  std::vector<OwnedArray> arrays;
  std::vector<exec::Frame> tables;
};
struct Kernel {
  std::string_view name;
  KernelOutcome (*run)(KernelCall& call);
};

/** All rows. */
std::span<const Kernel> kernels();
/** @returns null for an unknown name */
const Kernel* find_kernel(std::string_view name);

}  // namespace warpframe::engine
