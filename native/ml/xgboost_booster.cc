#include "xgboost_booster.hh"

#include "../util/failure.hh"
#include "xgboost_model_check.hh"

namespace warpframe::xgboost {
namespace {

thread_local std::vector<std::string> warnings;
constexpr std::size_t kMaxWarnings = 20;
// XGBoost's JSON reader looks a few bytes ahead.
constexpr std::size_t kPadding = 16;

/** XGBoost keeps its log callback by thread, so each job sets it before its first call. */
void listen() {
  thread_local bool listening = false;
  if (listening) return;
  listening = true;
  api().XGBRegisterLogCallback([](const char* text) {
    if (warnings.size() < kMaxWarnings) warnings.emplace_back(text);
  });
}

std::vector<double> copy_shape(const Count* shape, Count dimensions, std::size_t& total) {
  std::vector<double> copy;
  total = 1;
  for (Count i = 0; i < dimensions; ++i) {
    copy.push_back(static_cast<double>(shape[i]));
    total *= shape[i];
  }
  return copy;
}

std::vector<std::string> copy_strings(const char** strings, Count count) { return {strings, strings + count}; }

std::vector<std::string> feature_info(Handle booster, const char* field) {
  Count count = 0;
  const char** strings = nullptr;
  api().check(api().XGBoosterGetStrFeatureInfo(booster, field, &count, &strings));
  return copy_strings(strings, count);
}

}  // namespace

Booster::~Booster() { close(); }

void Booster::close() {
  if (handle_) api().XGBoosterFree(std::exchange(handle_, nullptr));
  evals_.clear();
  train_ = Matrix();
}

Handle Booster::handle() const {
  if (!handle_) throw Failure("ERR_DISPOSED", "This booster is disposed. Keep it until its last use, or make it again.");
  listen();
  return handle_;
}

std::vector<std::string> Booster::take_warnings() { return std::exchange(warnings, {}); }

void Booster::set_parameters(const Pairs& parameters) {
  for (const auto& [name, value] : parameters) api().check(api().XGBoosterSetParam(handle_, name.c_str(), value.c_str()));
}

void Booster::set_feature_info(const Data& data) {
  const auto set = [&](const char* field, const std::vector<std::string>& strings) {
    if (strings.empty()) return;
    std::vector<const char*> pointers;
    for (const std::string& s : strings) pointers.push_back(s.c_str());
    api().check(api().XGBoosterSetStrFeatureInfo(handle_, field, pointers.data(), pointers.size()));
  };
  set("feature_name", data.names);
  set("feature_type", data.types);
}

void Booster::create(const Train& train) {
  listen();
  const Api& x = api();
  train_ = train.feed ? make_matrix(*train.feed, train.matrix, nullptr) : make_matrix(train.batches, train.matrix, nullptr);
  for (const auto& [name, batches] : train.evals) {
    evals_.push_back(make_matrix(batches, train.matrix, train_.get()));
    eval_names_.push_back(name);
  }
  std::vector<Handle> cache{train_.get()};
  for (const Matrix& matrix : evals_) cache.push_back(matrix.get());
  x.check(x.XGBoosterCreate(cache.data(), cache.size(), &handle_));
  set_feature_info(train.feed ? train.shape : train.batches.front());
  if (train.model.length > 0) read_model(train.model);
  set_parameters(train.parameters);
  set_threads(train.matrix.threads);
}

void Booster::load(const Array& model, const Pairs& parameters) {
  listen();
  api().check(api().XGBoosterCreate(nullptr, 0, &handle_));
  read_model(model);
  set_parameters(parameters);
}

void Booster::read_model(const Array& model) {
  const Api& x = api();
  // Copied, so that nobody changes it after it was checked.
  const auto* const bytes = static_cast<const char*>(model.data);
  std::vector<char> copy(bytes, bytes + model.bytes());
  const std::size_t size = copy.size();
  copy.resize(size + kPadding, '\0');
  check_model(copy.data(), size);
  try {
    x.check(x.XGBoosterLoadModelFromBuffer(handle_, copy.data(), size));
    x.check(x.XGBoosterBoostedRounds(handle_, &iteration_));
  } catch (const Failure& failure) {
    throw Failure("ERR_CORRUPT_FILE", failure.message);
  }
}

std::string Booster::step() {
  const Handle booster = handle();
  if (!train_.get()) throw Failure("ERR_DISPOSED", "This training is finished: start another one from its model.");
  const Api& x = api();
  x.check(x.XGBoosterUpdateOneIter(booster, iteration_, train_.get()));
  std::string line;
  if (!evals_.empty()) {
    std::vector<Handle> matrices;
    std::vector<const char*> names;
    for (std::size_t i = 0; i < evals_.size(); ++i) {
      matrices.push_back(evals_[i].get());
      names.push_back(eval_names_[i].c_str());
    }
    const char* text = nullptr;
    x.check(x.XGBoosterEvalOneIter(booster, iteration_, matrices.data(), names.data(), names.size(), &text));
    line = text;
  }
  ++iteration_;
  return line;
}

void Booster::finish() {
  const Handle booster = handle();
  api().check(api().XGBoosterReset(booster));
  evals_.clear();
  train_ = Matrix();
}

void Booster::slice_of(Booster& source, int begin, int end, int stride) {
  const Handle from = source.handle();
  api().check(api().XGBoosterSlice(from, begin, end, stride, &handle_));
}

Prediction Booster::predict(const Data& data, const MatrixOptions& options, int type, int begin, int end, bool in_place) {
  const Handle booster = handle();
  const Api& x = api();
  set_threads(options.threads);
  std::string config = R"({"type":)" + std::to_string(type) + R"(,"training":false,"strict_shape":true,"cache_id":0,)" +
                       R"("iteration_begin":)" + std::to_string(begin) + R"(,"iteration_end":)" + std::to_string(end) +
                       R"(,"missing":)" + options.missing + "}";
  const Count* shape = nullptr;
  Count dimensions = 0;
  const float* values = nullptr;
  // The matrix lives until the values are copied.
  Matrix matrix;
  if (in_place) {
    if (!data.info.empty()) matrix = make_proxy(data);
    x.check(x.XGBoosterPredictFromColumnar(booster, data.columns_json().c_str(), config.c_str(), matrix.get(), &shape,
                                           &dimensions, &values));
  } else {
    MatrixOptions plain = options;
    plain.quantile = false;
    matrix = make_matrix({data}, plain, nullptr);
    x.check(x.XGBoosterPredictFromDMatrix(booster, matrix.get(), config.c_str(), &shape, &dimensions, &values));
  }
  Prediction prediction;
  std::size_t total = 0;
  prediction.shape = copy_shape(shape, dimensions, total);
  prediction.values.assign(values, values + total);
  return prediction;
}

std::vector<char> Booster::save(const std::string& format) {
  const Handle booster = handle();
  if (format != "ubj" && format != "json") throw Failure("ERR_PARAMETER", "Expected ubj or json for format");
  Count size = 0;
  const char* bytes = nullptr;
  api().check(api().XGBoosterSaveModelToBuffer(booster, (R"({"format":")" + format + R"("})").c_str(), &size, &bytes));
  return {bytes, bytes + size};
}

Scores Booster::scores(const std::string& importance) {
  const Handle booster = handle();
  Count names = 0;
  Count dimensions = 0;
  const char** features = nullptr;
  const Count* shape = nullptr;
  const float* values = nullptr;
  // One of XGBoost's own five words: it refuses others.
  for (const char c : importance) {
    if ((c < 'a' || c > 'z') && c != '_') throw Failure("ERR_PARAMETER", "Expected weight, gain, cover, total_gain or total_cover for importance");
  }
  const std::string config = R"({"importance_type":")" + importance + R"("})";
  api().check(api().XGBoosterFeatureScore(booster, config.c_str(), &names, &features, &dimensions, &shape, &values));
  Scores scores;
  scores.features = copy_strings(features, names);
  std::size_t total = 0;
  scores.scores.shape = copy_shape(shape, dimensions, total);
  scores.scores.values.assign(values, values + total);
  return scores;
}

Description Booster::describe() {
  const Handle booster = handle();
  const Api& x = api();
  Description description;
  x.check(x.XGBoosterBoostedRounds(booster, &description.rounds));
  Count count = 0;
  x.check(x.XGBoosterGetNumFeature(booster, &count));
  description.features = static_cast<double>(count);
  description.names = feature_info(booster, "feature_name");
  description.types = feature_info(booster, "feature_type");
  const char** keys = nullptr;
  x.check(x.XGBoosterGetAttrNames(booster, &count, &keys));
  // Copied first: each GetAttr may reuse the strings behind `keys`.
  for (const std::string& key : copy_strings(keys, count)) {
    const char* value = nullptr;
    int found = 0;
    x.check(x.XGBoosterGetAttr(booster, key.c_str(), &value, &found));
    if (found) description.attributes.emplace_back(key, value);
  }
  const char* config = nullptr;
  x.check(x.XGBoosterSaveJsonConfig(booster, &count, &config));
  description.config.assign(config, count);
  return description;
}

void Booster::configure(const Pairs& parameters, const Pairs& attributes) {
  const Handle booster = handle();
  set_parameters(parameters);
  for (const auto& [key, value] : attributes) api().check(api().XGBoosterSetAttr(booster, key.c_str(), value.c_str()));
}

void Booster::set_threads(std::uint32_t threads) {
  // Setting it makes XGBoost configure the booster again, so only when it changes.
  if (threads == 0 || threads == threads_) return;
  api().check(api().XGBoosterSetParam(handle_, "nthread", std::to_string(threads).c_str()));
  threads_ = threads;
}

}  // namespace warpframe::xgboost
