// One piece of work off the JavaScript thread, and the promise for it.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "pool.hh"

namespace warpframe {

class Environment;

/** What JavaScript holds by number and must release: a booster. */
class Resource {
 public:
  virtual ~Resource() = default;
  /** Frees what it holds, on its strand. Later work on it fails with ERR_DISPOSED. */
  virtual void close() = 0;
  const std::shared_ptr<Strand> strand = std::make_shared<Strand>();
};

/** Made, finished and deleted on the JavaScript thread; only run() is called on another one. */
class Job {
 public:
  virtual ~Job() = default;
  /** The work. Calls no Node-API; throws Failure. */
  virtual void run() = 0;
  /** What the promise becomes. On the JavaScript thread, after a run() that did not throw. */
  virtual Napi::Value result(Environment& environment) = 0;
  /** Keeps a JavaScript object (the memory that run() reads) alive until the job is done. */
  void retain(Napi::Object object) { retained_.push_back(Napi::Persistent(object)); }

 private:
  friend class Environment;
  std::vector<Napi::ObjectReference> retained_;
  std::unique_ptr<Napi::Promise::Deferred> deferred_;
  std::string code_;
  std::string message_;
};

}  // namespace warpframe
