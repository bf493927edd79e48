// Columns on the device → one block of host memory in the layout of ArrowColumn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../exec/frame.hh"
#include "device.hh"
#include "engine.h"

namespace warpframe::engine {

/** A slab and the block that it is in. */
struct Slab {
  wf_slab face{};
  PinnedBlock block;
  std::string layout;
  SlabPool* pool = nullptr;
};

/**
 * Copies rows [offset, offset + rows) of some columns: their buffers are put side by side on the device, and cross in
 * one copy.
 * @param columns - indices into the frame
 * @throws Failure ERR_UNSUPPORTED for more than 2 GiB of text in a column: Arrow's offsets have 32 bits
 */
Slab* download(Device& device, const exec::Frame& frame, const std::vector<std::size_t>& columns, std::int64_t offset,
               std::int64_t rows);

/** Gives the slab's block back. On any thread. */
void release_slab(Slab* slab);

/** Rows whose columns take about so many bytes; at least one. */
std::int64_t rows_of_bytes(const exec::Frame& frame, std::uint64_t bytes);

}  // namespace warpframe::engine
