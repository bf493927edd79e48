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
 * @param checked the rows come from an engine: their text is UTF-8, and decimals fit their dtype
 * @throws Failure ERR_SHAPE for buffers that are too short, offsets that fall or codes without a word; where they are not
 *   checked, ERR_EVALUATION for text that is not UTF-8, ERR_OVERFLOW for a decimal of more digits than its dtype has
 */
exec::Frame upload(Device& device, const plan::Schema& schema, std::span<const ArrowArray* const> batches,
                   bool checked);

}  // namespace warpframe::engine
