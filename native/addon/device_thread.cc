#include "device_thread.hh"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace warpframe {

struct DeviceThread::State {
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable quiet;
  std::deque<Task> tasks;
  bool started = false;
  bool running = false;
  bool closed = false;
};

DeviceThread::DeviceThread() : state_(new State()) {}

void DeviceThread::post(Task task) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (!s.started) {
    std::thread(&DeviceThread::work, this).detach();
    s.started = true;
  }
  s.tasks.push_back(std::move(task));
  s.work.notify_one();
}

void DeviceThread::work() {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  for (;;) {
    s.work.wait(lock, [&] { return !s.tasks.empty() && !s.closed; });
    {
      Task task = std::move(s.tasks.front());
      s.tasks.pop_front();
      s.running = true;
      lock.unlock();
      task();
    }  // what the task holds is freed here, outside the lock
    lock.lock();
    s.running = false;
    s.quiet.notify_all();
  }
}

bool DeviceThread::close(int milliseconds) {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  s.closed = true;
  return s.quiet.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return !s.running; });
}

}  // namespace warpframe
