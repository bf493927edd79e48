// Our kernels without an engine library: the addon's own CUDA runtime, columns from host memory, results back to it.
#pragma once

#include <span>

#include "operations.hh"

namespace warpframe {

/**
 * `kernels.list` {} → { device, why, simulated, names }: the device that runs them, or null and why; what there is
 * `kernels.run` { name, params, tables, arrays, deviceId? } → { arrays }
 *   params: JSON text; numbers, texts, booleans       arrays: typed arrays by name
 *   tables: a list of columns each, a column being { values, validity?, bool?, decimalScale? }: a typed array; a bitmap
 *   as Arrow has it; Uint8Array with a byte a row and `bool`; BigInt64Array with two words a row and `decimalScale`
 * native/kernels/README.md lists the kernels. An addon without CUDA has none and says so.
 */
std::span<const Operation> kernel_operations();

}  // namespace warpframe
