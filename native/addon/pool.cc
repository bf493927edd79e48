#include "pool.hh"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace warpframe {
namespace {
// An idle thread also keeps its OpenMP helpers, so it does not stay for long.
constexpr std::chrono::seconds kIdle{2};
}  // namespace

struct Pool::State {
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable quiet;
  std::deque<std::shared_ptr<Strand>> ready;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t running = 0;
  std::size_t limit = 0;
  bool closed = false;
};

Pool& Pool::instance() {
  static auto* const pool = new Pool();
  return *pool;
}

Pool::Pool() : state_(new State()) { state_->limit = std::max(4U, std::thread::hardware_concurrency()); }

void Pool::post(const std::shared_ptr<Strand>& strand, Strand::Task task) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  strand->tasks_.push_back(std::move(task));
  if (strand->queued_) return;
  strand->queued_ = true;
  s.ready.push_back(strand);
  if (s.idle >= s.ready.size() || s.threads >= s.limit) {
    s.work.notify_one();
    return;
  }
  try {
    std::thread(&Pool::work, this).detach();
    ++s.threads;
  } catch (...) {
    // No thread to be had: one that exists takes the task, and without any the caller must know.
    if (s.threads == 0) {
      s.ready.pop_back();
      strand->queued_ = false;
      strand->tasks_.pop_back();
      throw;
    }
  }
}

void Strand::post(Task task) { Pool::instance().post(shared_from_this(), std::move(task)); }

void Pool::work() {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  for (;;) {
    ++s.idle;
    const bool found = s.work.wait_for(lock, kIdle, [&] { return !s.ready.empty() && !s.closed; });
    --s.idle;
    if (!found) break;
    const std::shared_ptr<Strand> strand = std::move(s.ready.front());
    s.ready.pop_front();
    {
      Strand::Task task = std::move(strand->tasks_.front());
      strand->tasks_.pop_front();
      ++s.running;
      lock.unlock();
      task();
    }  // what the task holds is freed here, outside the lock
    lock.lock();
    --s.running;
    if (s.running == 0) s.quiet.notify_all();
    if (strand->tasks_.empty())
      strand->queued_ = false;
    else
      s.ready.push_back(strand);
  }
  --s.threads;
}

bool Pool::close(int milliseconds) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  s.closed = true;
  return s.quiet.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return s.running == 0; });
}

}  // namespace warpframe
