// C++ exceptions → what the C interface tells.
#pragma once

#include "device.hh"
#include "engine.h"

namespace warpframe::engine {

/**
 * Describes the exception that is being handled. Device faults mark the device as lost; out of memory carries what was
 * asked for, what is used and the limit.
 * @param device - null where there is none yet
 */
void describe_exception(wf_error* error, Device* device) noexcept;

char* copy_text(std::string_view text);

/** Runs the body. @returns 0, or 1 with the error filled */
template <typename F>
int guarded(wf_error* error, Device* device, F body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    describe_exception(error, device);
    return 1;
  }
}

}  // namespace warpframe::engine
