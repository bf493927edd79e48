#include "xgboost_feed.hh"

#include <utility>

#include "../addon/environment.hh"

namespace warpframe::xgboost {

Napi::Value Feed::Holder::result(Environment& environment) { return environment.env().Undefined(); }

void Feed::reset() {
  const std::lock_guard lock(mutex_);
  restart_ = true;
}

const Data* Feed::next() {
  std::unique_lock lock(mutex_);
  if (!cancelled_) {
    state_ = State::kAsked;
    lock.unlock();
    ask_();
    lock.lock();
    answered_.wait(lock, [this] { return state_ != State::kAsked || cancelled_; });
  }
  if (cancelled_) throw Failure("ERR_DISPOSED", "The rows to train on were not supplied to their end");
  return state_ == State::kEnded ? nullptr : &data_;
}

bool Feed::take_restart() {
  const std::lock_guard lock(mutex_);
  return std::exchange(restart_, false);
}

void Feed::supply(std::unique_ptr<Holder> holder, Data data) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kAsked) throw Failure("ERR_INTERNAL", "Nobody asked for a batch");
    // XGBoost reads the batch before no more.
    holder_ = std::move(holder);
    data_ = std::move(data);
    state_ = State::kSupplied;
  }
  answered_.notify_all();
}

void Feed::end() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kAsked) throw Failure("ERR_INTERNAL", "Nobody asked for a batch");
    state_ = State::kEnded;
  }
  answered_.notify_all();
}

void Feed::cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  answered_.notify_all();
}

}  // namespace warpframe::xgboost
