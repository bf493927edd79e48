// The one thread that gives work to a device: engine libraries are called there, one call at a time.
#pragma once

#include <memory>

#include "pool.hh"

namespace warpframe {

/** Starts with its first task and lives as long as the process. */
class DeviceThread final : public Lane {
 public:
  DeviceThread();
  void post(Task task) override;
  /**
   * Stops taking tasks up and waits until none is running, `milliseconds` at most. For the process's end.
   * @returns whether nothing runs any more
   */
  bool close(int milliseconds);

 private:
  void work();
  struct State;
  State* state_;  // the thread may outlive everything else
};

}  // namespace warpframe
