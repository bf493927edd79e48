// One piece of work off the JavaScript thread, and the promise for it.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pool.hh"

namespace warpframe {

class Environment;

/** What JavaScript holds by number and must release: a booster, a table. */
class Resource {
 public:
  explicit Resource(std::shared_ptr<Lane> own_lane = std::make_shared<Strand>()) : lane(std::move(own_lane)) {}
  virtual ~Resource() = default;
  /** Frees what it holds, on its lane or where the environment ends. Later work on it fails with ERR_DISPOSED. */
  virtual void close() = 0;
  const std::shared_ptr<Lane> lane;
};

/** Made, finished and deleted on the JavaScript thread; only run() is called on another one. */
class Job {
 public:
  virtual ~Job() = default;
  /** The work. Calls no Node-API; throws Failure. */
  virtual void run() = 0;
  /** What the promise becomes. On the JavaScript thread, after a run() that did not throw. */
  virtual Napi::Value result(Environment& environment) = 0;
  /** Asks a run() under way to end soon; it then throws. */
  virtual void cancel() {}
  /** On the JavaScript thread, some time after notify(). */
  virtual void notified(Environment&) {}
  /** Keeps a JavaScript object (the memory that run() reads) alive until the job is done. */
  void retain(Napi::Object object) { retained_.push_back(Napi::Persistent(object)); }
  /** Keeps a copy of such memory until the job is deleted. */
  void keep(std::shared_ptr<const std::byte[]> copy) { copies_.push_back(std::move(copy)); }

 protected:
  /** From run(): has notified() called. */
  void notify() { notify_(); }

 private:
  friend class Environment;
  std::function<void()> notify_;
  std::vector<Napi::ObjectReference> retained_;
  std::vector<std::shared_ptr<const std::byte[]>> copies_;
  std::unique_ptr<Napi::Promise::Deferred> deferred_;
  std::uint32_t run_ = 0;
  std::string code_;
  std::string message_;
  std::string detail_;
};

}  // namespace warpframe
