// Rows in random order, and rows drawn to parts: shuffle, sample, split. Row i draws the number of position start + i of
// stream `seed` (philox.cuh); the order is by number, ties by row, as `random().rank('ordinal')` gives it on the CPU engine.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

/** Bytes of device memory that `permutation` works in. */
std::size_t permutation_scratch_bytes(std::uint32_t rows);

/** order[k] = the row in place k. `scratch` is at a multiple of 16 bytes. */
void permutation(Stream stream, std::uint32_t seed, std::uint64_t start, std::uint32_t rows, void* scratch,
                 std::uint32_t* order);

/**
 * part[order[k]] = how many of the ascending `cuts` (device memory) are ≤ k: with cuts { n } the n smallest draws are part
 * 0, a sample; with more cuts the parts of a split, or folds.
 */
void parts_of_order(Stream stream, const std::uint32_t* order, std::uint32_t rows, const std::uint32_t* cuts,
                    std::uint32_t cut_count, std::uint32_t* part);

}  // namespace warpframe::kernels
