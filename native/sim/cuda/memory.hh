// The simulated device's memory, for the simulator itself.
#pragma once

#include <cstddef>

namespace warpframe::sim {

/** cudaErrorIllegalAddress: something wrote behind the end of a block. */
inline constexpr int kGuardBroken = 700;

/** While one exists, device memory can be read and written. */
class OpenMemory {
 public:
  OpenMemory();
  ~OpenMemory();
  OpenMemory(const OpenMemory&) = delete;
  OpenMemory& operator=(const OpenMemory&) = delete;
};

/** Whether a range lies in one allocated block. */
bool within(const void* at, std::size_t bytes);
/** Whether no block's guard was written to; device memory must be open. */
bool guards_whole();
bool is_pinned(const void* at);

}  // namespace warpframe::sim
