// Random numbers that are a pure function of (seed, position): bit for bit those of ts/util/philox.ts and of the CPU
// engine.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

/** out[i] = the number of position start + i in stream `seed`: uniform in [0, 1), 53 random bits. */
void philox_uniform(Stream stream, std::uint32_t seed, std::uint64_t start, std::uint64_t count, double* out);

/**
 * Row numbers drawn with replacement from [0, rows): out[i] is draw i of bootstrap sample `sample`, which is how a random
 * forest of the CPU engine draws the rows of tree `sample`. `rows` from 1.
 */
void philox_bootstrap(Stream stream, std::uint32_t seed, std::uint32_t sample, std::uint32_t rows, std::uint64_t draws,
                      std::uint32_t* out);

/** The same draws, counted: adds to counts[row] how often a row was drawn. */
void philox_bootstrap_counts(Stream stream, std::uint32_t seed, std::uint32_t sample, std::uint32_t rows,
                             std::uint64_t draws, std::uint32_t* counts);

}  // namespace warpframe::kernels
