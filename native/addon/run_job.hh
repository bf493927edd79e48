// A job on a device's thread: it can be cancelled, and tells of its progress.
#pragma once

#include <napi.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "engine/engine.h"
#include "engine_handles.hh"
#include "job.hh"

namespace warpframe {

class RunJob : public Job {
 public:
  /** Reads `params.run`. @throws Failure ERR_PARAMETER */
  RunJob(std::shared_ptr<Engine> engine, Napi::Object params);
  void run() final;
  void cancel() override { __atomic_store_n(&cancelled_, 1, __ATOMIC_RELAXED); }
  void notified(Environment& environment) override;

 protected:
  /** The call of the library. @returns what it returns */
  virtual int call(const wf_run& run, wf_error& error) = 0;
  const Engine& engine() const { return *engine_; }
  const std::shared_ptr<Engine>& shared_engine() const { return engine_; }

 private:
  static void on_progress(void* self, std::int64_t done_rows);
  std::shared_ptr<Engine> engine_;
  std::int32_t cancelled_ = 0;
  std::atomic<std::int64_t> done_rows_{0};
  std::chrono::steady_clock::time_point told_{};
  Napi::FunctionReference progress_;
  wf_run run_{};
};

}  // namespace warpframe
