#include "xgboost_operations.hh"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "../addon/arguments.hh"
#include "../addon/environment.hh"
#include "xgboost_booster.hh"

namespace warpframe::xgboost {
namespace {

Napi::Value strings(Napi::Env env, const std::vector<std::string>& list) {
  const Napi::Array array = Napi::Array::New(env, list.size());
  for (std::size_t i = 0; i < list.size(); ++i) array.Set(static_cast<std::uint32_t>(i), list[i]);
  return array;
}

Napi::Value prediction(Napi::Env env, const Prediction& p) {
  const Napi::Object object = Napi::Object::New(env);
  const Napi::Array shape = Napi::Array::New(env, p.shape.size());
  for (std::size_t i = 0; i < p.shape.size(); ++i) shape.Set(static_cast<std::uint32_t>(i), p.shape[i]);
  auto values = Napi::Float32Array::New(env, p.values.size());
  if (!p.values.empty()) std::memcpy(values.Data(), p.values.data(), p.values.size() * sizeof(float));
  object.Set("shape", shape);
  object.Set("values", values);
  return object;
}

/** A number as XGBoost's JSON reads it. */
std::string number_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

MatrixOptions matrix_options(Napi::Object params) {
  MatrixOptions options;
  options.quantile = bool_field(params, "quantile", true);
  options.max_bin = uint32_field(params, "maxBin", 256);
  options.threads = uint32_field(params, "threads", 0);
  const Napi::Value missing = params.Get("missing");
  if (missing.IsNumber()) options.missing = number_json(missing.As<Napi::Number>().DoubleValue());
  return options;
}

Array bytes_field(Napi::Object params, const char* key, Job& job) {
  Array bytes = array_of(params.Get(key), key, job);
  if (bytes.type != napi_uint8_array) throw Failure("ERR_PARAMETER", std::string("Expected a Uint8Array for ") + key);
  return bytes;
}

std::shared_ptr<Booster> booster_field(Environment& environment, Napi::Object params) {
  return environment.get<Booster>(uint32_field(params, "booster"), "booster");
}

// ── jobs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

class OpenJob final : public Job {
 public:
  explicit OpenJob(std::string path) : path_(std::move(path)) {}
  void run() override { api_ = &open(path_); }
  Napi::Value result(Environment& environment) override {
    const Napi::Object object = Napi::Object::New(environment.env());
    object.Set("library", api_->path);
    object.Set("version", std::to_string(api_->major) + "." + std::to_string(api_->minor) + "." + std::to_string(api_->patch));
    return object;
  }

 private:
  std::string path_;
  const Api* api_ = nullptr;
};

/** A job whose result is a number for a new booster. */
class NewBoosterJob : public Job {
 public:
  Napi::Value result(Environment& environment) override {
    const Napi::Object object = Napi::Object::New(environment.env());
    object.Set("warnings", strings(environment.env(), warnings_));
    object.Set("booster", environment.add(booster_));
    return object;
  }
  void run() override {
    Booster::take_warnings();  // those of a job that failed
    make(*booster_);
    warnings_ = Booster::take_warnings();
  }
  virtual void make(Booster& booster) = 0;
  const std::shared_ptr<Booster>& booster() const { return booster_; }

 private:
  std::shared_ptr<Booster> booster_ = std::make_shared<Booster>();
  std::vector<std::string> warnings_;
};

class CreateJob final : public NewBoosterJob {
 public:
  void make(Booster& booster) override {
    if (fed) fed->start([this] { notify(); });
    booster.create(train);
    train = {};  // copies of labels and weights are XGBoost's now
  }
  void notified(Environment& environment) override {
    on_need.Call({Napi::Boolean::New(environment.env(), fed->take_restart())});
  }
  void cancel() override {
    if (fed) fed->cancel();
  }
  Booster::Train train;
  /** The feed once more, which no thread changes. */
  std::shared_ptr<Feed> fed;
  Napi::FunctionReference on_need;
};

class LoadJob final : public NewBoosterJob {
 public:
  void make(Booster& booster) override { booster.load(model, parameters); }
  Array model;
  Pairs parameters;
};

class SliceJob final : public NewBoosterJob {
 public:
  void make(Booster& booster) override { booster.slice_of(*source, begin, end, stride); }
  std::shared_ptr<Booster> source;
  int begin = 0;
  int end = 0;
  int stride = 1;
};

/** A job on a booster that exists. */
class BoosterJob : public Job {
 public:
  explicit BoosterJob(std::shared_ptr<Booster> booster) : booster_(std::move(booster)) {}
  const std::shared_ptr<Booster>& booster() const { return booster_; }

 protected:
  std::shared_ptr<Booster> booster_;
};

class StepJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override {
    Booster::take_warnings();
    for (std::uint32_t i = 0; i < rounds; ++i) lines_.push_back(booster_->step());
    warnings_ = Booster::take_warnings();
  }
  Napi::Value result(Environment& environment) override {
    const Napi::Object object = Napi::Object::New(environment.env());
    object.Set("lines", strings(environment.env(), lines_));
    object.Set("warnings", strings(environment.env(), warnings_));
    return object;
  }
  std::uint32_t rounds = 1;

 private:
  std::vector<std::string> lines_;
  std::vector<std::string> warnings_;
};

class FinishJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { booster_->finish(); }
  Napi::Value result(Environment& environment) override { return environment.env().Undefined(); }
};

class PredictJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { prediction_ = booster_->predict(data, options, type, begin, end, in_place); }
  Napi::Value result(Environment& environment) override { return prediction(environment.env(), prediction_); }
  Data data;
  MatrixOptions options;
  int type = 0;
  int begin = 0;
  int end = 0;
  bool in_place = true;

 private:
  Prediction prediction_;
};

class SaveJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { bytes_ = booster_->save(format); }
  Napi::Value result(Environment& environment) override {
    auto bytes = Napi::Uint8Array::New(environment.env(), bytes_.size());
    std::memcpy(bytes.Data(), bytes_.data(), bytes_.size());
    return bytes;
  }
  std::string format;

 private:
  std::vector<char> bytes_;
};

class ScoresJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { scores_ = booster_->scores(importance); }
  Napi::Value result(Environment& environment) override {
    const auto object = prediction(environment.env(), scores_.scores).As<Napi::Object>();
    object.Set("features", strings(environment.env(), scores_.features));
    return object;
  }
  std::string importance;

 private:
  Scores scores_;
};

class DescribeJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { description_ = booster_->describe(); }
  Napi::Value result(Environment& environment) override {
    const Napi::Env env = environment.env();
    const Napi::Object object = Napi::Object::New(env);
    const Napi::Object attributes = Napi::Object::New(env);
    for (const auto& [key, value] : description_.attributes) attributes.Set(key, value);
    object.Set("rounds", description_.rounds);
    object.Set("features", description_.features);
    object.Set("featureNames", strings(env, description_.names));
    object.Set("featureTypes", strings(env, description_.types));
    object.Set("attributes", attributes);
    object.Set("config", description_.config);
    return object;
  }

 private:
  Description description_;
};

class ConfigureJob final : public BoosterJob {
 public:
  using BoosterJob::BoosterJob;
  void run() override { booster_->configure(parameters, attributes); }
  Napi::Value result(Environment& environment) override { return environment.env().Undefined(); }
  Pairs parameters;
  Pairs attributes;
};

// ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────

template <typename T>
Napi::Value submit(Environment& environment, std::unique_ptr<T> job) {
  const auto lane = job->booster()->lane;
  return environment.submit(std::move(job), lane);
}

Napi::Value do_open(Environment& environment, Napi::Object params) {
  prepare_environment();
  return environment.submit(std::make_unique<OpenJob>(string_field(params, "library")), std::make_shared<Strand>());
}

Napi::Value do_create(Environment& environment, Napi::Object params) {
  api();
  auto job = std::make_unique<CreateJob>();
  Booster::Train& train = job->train;
  if (has(params, "feed")) {
    const Napi::Value need = params.Get("onNeed");
    if (!need.IsFunction()) throw Failure("ERR_PARAMETER", "Expected a function for onNeed");
    job->on_need = Napi::Persistent(need.As<Napi::Function>());
    job->fed = environment.get<Feed>(uint32_field(params, "feed"), "feed");
    train.feed = job->fed;
    train.shape.names = strings_field(params, "featureNames");
    train.shape.types = strings_field(params, "featureTypes");
  } else {
    train.batches = Data::list(list_field(params, "train"), *job);
  }
  for (const Napi::Value& value : list_field(params, "evals")) {
    if (!value.IsObject()) throw Failure("ERR_PARAMETER", "Expected { name, data } for evals[]");
    const auto eval = value.As<Napi::Object>();
    train.evals.emplace_back(string_field(eval, "name"), Data::list(list_field(eval, "data"), *job));
  }
  train.matrix = matrix_options(params);
  train.parameters = pairs_field(params, "parameters");
  if (has(params, "model")) train.model = bytes_field(params, "model", *job);
  return submit(environment, std::move(job));
}

/** A feed of batches for one create. */
Napi::Value do_feed(Environment& environment, Napi::Object) {
  return Napi::Number::New(environment.env(), environment.add(std::make_shared<Feed>()));
}

/** The batch that was asked for; without one there are no more, and with `stop` there will be none. */
Napi::Value do_supply(Environment& environment, Napi::Object params) {
  const auto feed = environment.get<Feed>(uint32_field(params, "feed"), "feed");
  if (bool_field(params, "stop", false)) {
    feed->cancel();
  } else if (has(params, "data")) {
    auto holder = std::make_unique<Feed::Holder>();
    Data data = Data::from(object_field(params, "data"), *holder);
    feed->supply(std::move(holder), std::move(data));
  } else {
    feed->end();
  }
  return environment.env().Undefined();
}

Napi::Value do_load(Environment& environment, Napi::Object params) {
  api();
  auto job = std::make_unique<LoadJob>();
  job->model = bytes_field(params, "model", *job);
  job->parameters = pairs_field(params, "parameters");
  return submit(environment, std::move(job));
}

Napi::Value do_slice(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<SliceJob>();
  job->source = booster_field(environment, params);
  job->begin = static_cast<int>(uint32_field(params, "begin"));
  job->end = static_cast<int>(uint32_field(params, "end"));
  job->stride = static_cast<int>(uint32_field(params, "stride", 1));
  // On the source's lane: the new booster is known to nobody yet.
  const auto lane = job->source->lane;
  return environment.submit(std::move(job), lane);
}

Napi::Value do_step(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<StepJob>(booster_field(environment, params));
  job->rounds = uint32_field(params, "rounds", 1);
  return submit(environment, std::move(job));
}

Napi::Value do_finish(Environment& environment, Napi::Object params) {
  return submit(environment, std::make_unique<FinishJob>(booster_field(environment, params)));
}

Napi::Value do_predict(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<PredictJob>(booster_field(environment, params));
  job->data = Data::from(object_field(params, "data"), *job);
  job->options = matrix_options(params);
  job->type = static_cast<int>(uint32_field(params, "type", 0));
  job->begin = static_cast<int>(uint32_field(params, "begin", 0));
  job->end = static_cast<int>(uint32_field(params, "end", 0));
  job->in_place = bool_field(params, "inPlace", true);
  return submit(environment, std::move(job));
}

Napi::Value do_save(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<SaveJob>(booster_field(environment, params));
  job->format = string_field(params, "format");
  return submit(environment, std::move(job));
}

Napi::Value do_scores(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<ScoresJob>(booster_field(environment, params));
  job->importance = string_field(params, "importance");
  return submit(environment, std::move(job));
}

Napi::Value do_describe(Environment& environment, Napi::Object params) {
  return submit(environment, std::make_unique<DescribeJob>(booster_field(environment, params)));
}

Napi::Value do_configure(Environment& environment, Napi::Object params) {
  auto job = std::make_unique<ConfigureJob>(booster_field(environment, params));
  job->parameters = pairs_field(params, "parameters");
  job->attributes = pairs_field(params, "attributes");
  return submit(environment, std::move(job));
}

constexpr std::array kOperations{
    Operation{"xgboost.open", do_open},         Operation{"xgboost.create", do_create},
    Operation{"xgboost.feed", do_feed},         Operation{"xgboost.supply", do_supply},
    Operation{"xgboost.load", do_load},         Operation{"xgboost.slice", do_slice},
    Operation{"xgboost.step", do_step},         Operation{"xgboost.finish", do_finish},
    Operation{"xgboost.predict", do_predict},   Operation{"xgboost.save", do_save},
    Operation{"xgboost.scores", do_scores},     Operation{"xgboost.describe", do_describe},
    Operation{"xgboost.configure", do_configure},
};

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace warpframe::xgboost
