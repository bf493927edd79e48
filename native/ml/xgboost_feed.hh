// Batches that JavaScript supplies one by one while XGBoost builds a matrix of them on another thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "../addon/job.hh"
#include "xgboost_matrix.hh"

namespace warpframe::xgboost {

/** One batch is there at a time. XGBoost reads it until it asks for the next one; it walks them several times over. */
class Feed final : public Resource, public BatchSource {
 public:
  /** Keeps the memory of a batch alive. Made and deleted on the JavaScript thread. */
  class Holder final : public Job {
   public:
    void run() override {}
    Napi::Value result(Environment& environment) override;
  };

  /** On the building thread: what has JavaScript asked for a batch. */
  void start(std::function<void()> ask) { ask_ = std::move(ask); }
  void reset() override;
  const Data* next() override;

  /** On the JavaScript thread: whether the batch that is asked for is the first one again. */
  bool take_restart();
  void supply(std::unique_ptr<Holder> holder, Data data);
  /** There are no more batches. */
  void end();
  /** There will be none: `next` throws. */
  void cancel();
  void close() override { cancel(); }

 private:
  enum class State { kIdle, kAsked, kSupplied, kEnded };

  std::mutex mutex_;
  std::condition_variable answered_;
  std::function<void()> ask_;
  std::unique_ptr<Holder> holder_;
  Data data_;
  State state_ = State::kIdle;
  bool restart_ = false;
  bool cancelled_ = false;
};

}  // namespace warpframe::xgboost
