// How lanes take turns, for the simulator itself: fibers.cc.
#pragma once

#include <atomic>
#include <cstdint>

#if defined(WARPFRAME_SIM_RACES)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreSyncBegin(const char* file, int line);
void AnnotateIgnoreSyncEnd(const char* file, int line);
}
#endif

namespace warpframe::sim {

/** Returns when the value may have changed. */
void wait_for(const std::atomic<std::uint32_t>& value, std::uint32_t old);
void wake(std::atomic<std::uint32_t>& value);

/** While one exists, ThreadSanitizer looks away: what the simulator does for a lane neither races nor orders anything. */
class Unseen {
 public:
  Unseen() {
#if defined(WARPFRAME_SIM_RACES)
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
#endif
  }
  ~Unseen() {
#if defined(WARPFRAME_SIM_RACES)
    AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

}  // namespace warpframe::sim
