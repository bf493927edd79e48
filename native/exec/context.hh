// What every step of a run is given.
#pragma once

#include "prelude.hh"

#include <cuda/stream_ref>
#include <rmm/resource_ref.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "frame.hh"

namespace warpframe::exec {

/** What one plan node did. */
struct NodeTrace {
  std::string label;
  std::int64_t rows = 0;
  double ms = 0;
  std::string note;
};

struct Context {
  cuda::stream_ref stream;
  /** Where results are allocated; temporaries use the current device resource. */
  rmm::device_async_resource_ref memory;
  /** Throws Failure ERR_ABORTED once the run is cancelled. Called between launches. */
  std::function<void()> check_cancelled;
  std::function<void(std::int64_t)> on_rows;
  /** The table of a number in the plan. @throws Failure ERR_DISPOSED */
  std::function<std::shared_ptr<const Frame>(std::int64_t)> table;
  std::uint64_t memory_limit_bytes = 0;  // 0: none
  std::uint32_t seed = 0;
  std::vector<NodeTrace>* trace = nullptr;
  /** Of a plan that is run in parts: the rows that each node of its row-wise chain gave in the parts before, the root first. */
  std::vector<std::int64_t>* rows_so_far = nullptr;
  /** The rows before the running node's first one: row numbers of errors go on from part to part. */
  std::int64_t rows_before = 0;
  /** What the running node has to say for its trace. */
  std::string note = {};
};

}  // namespace warpframe::exec
