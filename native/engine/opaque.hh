// What the C interface's opaque pointers are.
#pragma once

#include "../exec/frame.hh"
#include "../plan/nodes.hh"
#include "device.hh"
#include "engine.h"
#include "kernels.hh"
#include "table.hh"

struct wf_engine {
  explicit wf_engine(const warpframe::plan::Json& options) : device(options) {}
  warpframe::engine::Device device;
};

struct wf_table {
  wf_table(warpframe::engine::Device& device, warpframe::exec::Frame frame) : table(device, std::move(frame)) {}
  /** Reading a table may bring it back from the host. */
  mutable warpframe::engine::Table table;
};

struct wf_stream {
  warpframe::engine::Device& device;
  std::shared_ptr<const warpframe::exec::Frame> frame;
  std::int64_t next_row = 0;
  std::int64_t rows_a_batch = 0;
  /** Bytes of a batch. */
  std::uint64_t batch_bytes = 0;
  /** Plans that are run one after the other where the rows come in parts, and the rows of what they are joined with. */
  std::vector<warpframe::plan::NodePtr> parts = {};
  std::vector<std::shared_ptr<const warpframe::exec::Frame>> others = {};
  std::size_t next_part = 0;
  std::vector<std::int64_t> rows_so_far = {};
};

namespace warpframe::engine {

/** A kernel's outcome in the C interface's words. */
struct Result {
  wf_kernel_result face{};
  KernelOutcome outcome;
  std::vector<wf_array> arrays;
  std::vector<wf_table*> tables;
};

}  // namespace warpframe::engine
