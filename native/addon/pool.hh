// Threads for native work. A strand is a queue whose tasks run one at a time and in order (one per booster: XGBoost
// boosters are not thread-safe); the strands of a process share a few threads, which start on demand and end when idle.
#pragma once

#include <deque>
#include <functional>
#include <memory>

namespace warpframe {

/** Where work waits its turn: one task at a time, in order. */
class Lane {
 public:
  using Task = std::function<void()>;
  Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  virtual ~Lane() = default;
  virtual void post(Task task) = 0;
};

class Strand final : public Lane, public std::enable_shared_from_this<Strand> {
 public:
  void post(Task task) override;

 private:
  friend class Pool;
  std::deque<Task> tasks_;  // guarded by the pool's mutex
  bool queued_ = false;     // in the pool's list, or being run by one of its threads
};

class Pool {
 public:
  /** The process's pool. Never destroyed: its threads may outlive every environment. */
  static Pool& instance();
  void post(const std::shared_ptr<Strand>& strand, Strand::Task task);
  /**
   * Stops handing out tasks and waits until none is running, `milliseconds` at most. For the process's end.
   * @returns whether nothing runs any more
   */
  bool close(int milliseconds);

 private:
  Pool();
  void work();
  struct State;
  State* state_;
};

}  // namespace warpframe
