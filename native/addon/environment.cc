#include "environment.hh"

#include <condition_variable>
#include <mutex>
#include <new>

namespace warpframe {
namespace {

/** Frees a resource on its lane. */
class CloseJob final : public Job {
 public:
  explicit CloseJob(std::shared_ptr<Resource> resource) : resource_(std::move(resource)) {}
  void run() override { resource_->close(); }
  Napi::Value result(Environment& environment) override { return environment.env().Undefined(); }

 private:
  std::shared_ptr<Resource> resource_;
};

}  // namespace

/** The part that the pool's threads touch. Tasks share it, so it outlives the environment. */
struct Environment::Mailbox {
  std::mutex mutex;
  std::condition_variable quiet;
  std::deque<Job*> done;
  std::deque<Job*> notified;
  std::size_t running = 0;
  bool stopping = false;
  napi_threadsafe_function wake = nullptr;  // null once Node has begun to close it
};

Environment::Environment(Napi::Env env) : env_(env), mailbox_(std::make_shared<Mailbox>()) {
  napi_value name;
  napi_threadsafe_function wake;
  auto* const held = new std::shared_ptr<Mailbox>(mailbox_);
  if (napi_create_string_utf8(env, "warpframe", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, held, on_wake_closed, this, on_wake, &wake) != napi_ok) {
    delete held;
    throw Failure("ERR_INTERNAL", "Node-API made no thread-safe function");
  }
  mailbox_->wake = wake;
  // Only unfinished work keeps the process alive.
  napi_unref_threadsafe_function(env, wake);
  napi_add_env_cleanup_hook(env, on_teardown, this);
}

Environment::~Environment() {
  if (torn_down_) return;
  napi_remove_env_cleanup_hook(env_, on_teardown, this);
  teardown();
}

Napi::Value Environment::submit(std::unique_ptr<Job> job, const std::shared_ptr<Lane>& lane) {
  job->deferred_ = std::make_unique<Napi::Promise::Deferred>(env_);
  const Napi::Value promise = job->deferred_->Promise();
  Job* const raw = job.get();
  jobs_.emplace(raw, std::move(job));
  try {
    post(raw, lane);
  } catch (...) {
    jobs_.erase(raw);
    throw;
  }
  if (jobs_.size() == 1) napi_ref_threadsafe_function(env_, mailbox_->wake);
  return promise;
}

Napi::Value Environment::submit_run(std::unique_ptr<Job> job, const std::shared_ptr<Lane>& lane) {
  while (runs_.contains(next_run_) || next_run_ == 0) ++next_run_;
  const std::uint32_t run = next_run_++;
  Job* const raw = job.get();
  raw->run_ = run;
  const Napi::Value promise = submit(std::move(job), lane);
  runs_.emplace(run, raw);
  promise.As<Napi::Object>().Set("run", run);
  return promise;
}

void Environment::cancel(std::uint32_t run) {
  if (const auto found = runs_.find(run); found != runs_.end()) found->second->cancel();
}

void Environment::post(Job* job, const std::shared_ptr<Lane>& lane) {
  job->notify_ = [job, mailbox = mailbox_] {
    const std::lock_guard lock(mailbox->mutex);
    mailbox->notified.push_back(job);
    if (mailbox->wake) napi_call_threadsafe_function(mailbox->wake, nullptr, napi_tsfn_nonblocking);
  };
  lane->post([job, mailbox = mailbox_] {
    {
      const std::lock_guard lock(mailbox->mutex);
      if (mailbox->stopping) return;  // the job may be gone already
      ++mailbox->running;
    }
    try {
      job->run();
    } catch (const Failure& failure) {
      job->code_ = failure.code;
      job->message_ = failure.message;
      job->detail_ = failure.detail;
    } catch (const std::bad_alloc&) {
      job->code_ = "ERR_OUT_OF_MEMORY";
      job->message_ = "Out of memory in native code";
    } catch (const std::exception& error) {
      job->code_ = "ERR_INTERNAL";
      job->message_ = error.what();
    }
    const std::lock_guard lock(mailbox->mutex);
    mailbox->done.push_back(job);
    // Node deletes the function after it has called on_wake_closed, which takes this lock first.
    if (mailbox->wake) napi_call_threadsafe_function(mailbox->wake, nullptr, napi_tsfn_nonblocking);
    --mailbox->running;
    mailbox->quiet.notify_all();
  });
}

void Environment::on_wake(napi_env env, napi_value, void* context, void*) {
  // Node calls this with a null environment to drain the queue of a closing function.
  if (env) static_cast<Environment*>(context)->deliver();
}

void Environment::on_wake_closed(napi_env, void* data, void*) {
  auto* const held = static_cast<std::shared_ptr<Mailbox>*>(data);
  {
    const std::lock_guard lock((*held)->mutex);
    (*held)->wake = nullptr;
  }
  delete held;
}

void Environment::deliver() {
  for (;;) {
    Job* raw;
    {
      std::unique_lock lock(mailbox_->mutex);
      if (!mailbox_->notified.empty()) {
        raw = mailbox_->notified.front();
        mailbox_->notified.pop_front();
        lock.unlock();
        // It may be done and gone meanwhile.
        const Napi::HandleScope scope(env_);
        try {
          if (jobs_.contains(raw)) raw->notified(*this);
        } catch (const Napi::Error& error) {
          // A listener threw: as if from an event of its own.
          napi_fatal_exception(env_, error.Value());
        }
        continue;
      }
      if (mailbox_->done.empty()) return;
      raw = mailbox_->done.front();
      mailbox_->done.pop_front();
    }
    const auto found = jobs_.find(raw);
    const std::unique_ptr<Job> job = std::move(found->second);
    jobs_.erase(found);
    runs_.erase(job->run_);
    if (jobs_.empty()) napi_unref_threadsafe_function(env_, mailbox_->wake);
    const Napi::HandleScope scope(env_);
    try {
      settle(*job);
    } catch (const Napi::Error&) {
      // A worker that is being stopped takes no more values: nobody waits for this one.
    }
  }
}

void Environment::settle(Job& job) {
  if (!job.deferred_) return;
  try {
    if (job.code_.empty()) {
      job.deferred_->Resolve(job.result(*this));
      return;
    }
  } catch (const Napi::Error& error) {
    job.deferred_->Reject(error.Value());
    return;
  } catch (const Failure& failure) {
    job.code_ = failure.code;
    job.message_ = failure.message;
    job.detail_ = failure.detail;
  } catch (const std::exception& error) {
    job.code_ = "ERR_INTERNAL";
    job.message_ = error.what();
  }
  Napi::Error error = Napi::Error::New(env_, job.message_);
  error.Set("code", Napi::String::New(env_, job.code_));
  if (!job.detail_.empty()) error.Set("detail", Napi::String::New(env_, job.detail_));
  job.deferred_->Reject(error.Value());
}

std::uint32_t Environment::add(std::shared_ptr<Resource> resource) {
  while (resources_.contains(next_id_) || next_id_ == 0) ++next_id_;
  resources_.emplace(next_id_, std::move(resource));
  return next_id_++;
}

void Environment::release(std::uint32_t id) {
  const auto found = resources_.find(id);
  if (found == resources_.end()) return;
  auto job = std::make_unique<CloseJob>(found->second);
  const auto lane = found->second->lane;
  resources_.erase(found);
  Job* const raw = job.get();
  jobs_.emplace(raw, std::move(job));
  post(raw, lane);
  if (jobs_.size() == 1) napi_ref_threadsafe_function(env_, mailbox_->wake);
}

void Environment::on_teardown(void* self) { static_cast<Environment*>(self)->teardown(); }

void Environment::teardown() {
  if (torn_down_) return;
  torn_down_ = true;
  {
    // A running job reads memory that the environment is about to free: wait for it. Queued ones never start.
    for (auto& [raw, job] : jobs_) job->cancel();
    std::unique_lock lock(mailbox_->mutex);
    mailbox_->stopping = true;
    mailbox_->quiet.wait(lock, [&] { return mailbox_->running == 0; });
    mailbox_->done.clear();
    mailbox_->notified.clear();
  }
  for (auto& [id, resource] : resources_) resource->close();
  resources_.clear();
  runs_.clear();
  jobs_.clear();
}

}  // namespace warpframe
