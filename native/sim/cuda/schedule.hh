// The two ways lanes take turns: fibers.cc and threads.cc each implement all of this; one of them is built.
#pragma once

#include <atomic>
#include <cstdint>

namespace warpframe::sim {

/** Returns when the value may have changed. */
void wait_for(const std::atomic<std::uint32_t>& value, std::uint32_t old);
void wake(std::atomic<std::uint32_t>& value);

}  // namespace warpframe::sim
