// What is there to compute on: the rows of invoke() that look and change nothing.
#pragma once

#include <span>

#include "operations.hh"

namespace warpframe {

/**
 * `device.status` {} → { built, host, code, codeName, driverVersion, runtimeVersion, devices: [{ id, name, totalBytes,
 *   capability, multiprocessors }] }
 * `engine.check` { libraries: string[], path } → what the engine library says of itself, as JSON; it stays open.
 */
std::span<const Operation> device_operations();

}  // namespace warpframe
