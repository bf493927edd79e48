// Host rows in Arrow's layout → columns on the device.
#pragma once

#include <span>

#include "../exec/frame.hh"
#include "device.hh"
#include "engine.h"

namespace warpframe::engine {

/**
 * Copies batches to the device, one copy a buffer; several batches are joined there, column by column. The stream is
 * synchronised: the arrays are not read afterwards.
 * @throws Failure ERR_SHAPE for buffers that are too short, offsets that fall or codes without a word
 */
exec::Frame upload(Device& device, const plan::Schema& schema, std::span<const ArrowArray* const> batches);

}  // namespace warpframe::engine
