// What one JavaScript environment (the main thread or a worker) has in the addon: its unfinished jobs and resources.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "../util/failure.hh"
#include "job.hh"

namespace warpframe {

class Environment {
 public:
  explicit Environment(Napi::Env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
  Napi::Env env() const { return env_; }

  /** Runs the job on the lane. @returns its promise */
  Napi::Value submit(std::unique_ptr<Job> job, const std::shared_ptr<Lane>& lane);
  /** Like submit, of a job that can be cancelled: the promise has its number as `run`. */
  Napi::Value submit_run(std::unique_ptr<Job> job, const std::shared_ptr<Lane>& lane);
  /** Cancels the run of that number, if it is not done. */
  void cancel(std::uint32_t run);
  /** @returns the number JavaScript knows the resource by */
  std::uint32_t add(std::shared_ptr<Resource> resource);
  /** @throws Failure ERR_DISPOSED for a number that is not (or no longer) known, or of something else */
  template <typename T>
  std::shared_ptr<T> get(std::uint32_t id, const char* what) const {
    const auto found = resources_.find(id);
    auto typed = found == resources_.end() ? nullptr : std::dynamic_pointer_cast<T>(found->second);
    if (!typed)
      throw Failure("ERR_DISPOSED", std::string("This ") + what + " is disposed. Keep it until its last use, or make it again.");
    return typed;
  }
  /** Forgets the resource; it is freed on its lane. Unknown numbers are ignored: disposing twice is allowed. */
  void release(std::uint32_t id);

 private:
  struct Mailbox;
  static void on_wake(napi_env env, napi_value, void* context, void*);
  static void on_wake_closed(napi_env env, void* data, void*);
  static void on_teardown(void* self);
  void post(Job* job, const std::shared_ptr<Lane>& lane);
  void deliver();
  void settle(Job& job);
  void teardown();

  Napi::Env env_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unordered_map<Job*, std::unique_ptr<Job>> jobs_;
  std::unordered_map<std::uint32_t, Job*> runs_;
  std::unordered_map<std::uint32_t, std::shared_ptr<Resource>> resources_;
  std::uint32_t next_run_ = 1;
  std::uint32_t next_id_ = 1;
  bool torn_down_ = false;
};

}  // namespace warpframe
