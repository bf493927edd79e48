#include "run_job.hh"

#include "arguments.hh"
#include "environment.hh"

namespace warpframe {
namespace {
constexpr std::chrono::milliseconds kBetweenProgress{100};
}  // namespace

RunJob::RunJob(std::shared_ptr<Engine> engine, Napi::Object params) : engine_(std::move(engine)) {
  const Napi::Object run = object_field(params, "run");
  run_.cancelled = &cancelled_;
  run_.context = this;
  run_.seed = uint32_field(run, "seed", 0);
  if (has(run, "memoryLimitBytes")) {
    const Napi::Value value = run.Get("memoryLimitBytes");
    const double bytes = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(bytes >= 1 && bytes <= 9007199254740991.0)) throw Failure("ERR_PARAMETER", "Expected a positive number of bytes for memoryLimitBytes");
    run_.memory_limit_bytes = static_cast<std::uint64_t>(bytes);
  }
  if (has(run, "onProgress")) {
    const Napi::Value value = run.Get("onProgress");
    if (!value.IsFunction()) throw Failure("ERR_PARAMETER", "Expected a function for onProgress");
    progress_ = Napi::Persistent(value.As<Napi::Function>());
    run_.progress = on_progress;
  }
}

void RunJob::run() {
  if (__atomic_load_n(&cancelled_, __ATOMIC_RELAXED) != 0) throw Failure("ERR_ABORTED", "The run was cancelled.");
  wf_error error{};
  check_engine(engine_->api, call(run_, error), error);
}

void RunJob::on_progress(void* self, std::int64_t done_rows) {
  auto& job = *static_cast<RunJob*>(self);
  job.done_rows_ = done_rows;
  const auto now = std::chrono::steady_clock::now();
  if (now - job.told_ < kBetweenProgress) return;
  job.told_ = now;
  job.notify();
}

void RunJob::notified(Environment& environment) {
  progress_.Call({Napi::Number::New(environment.env(), static_cast<double>(done_rows_.load()))});
}

}  // namespace warpframe
