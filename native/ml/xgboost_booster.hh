// A booster and the matrices it trains on. Every method but the constructors runs on the booster's lane.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../addon/job.hh"
#include "xgboost_feed.hh"
#include "xgboost_matrix.hh"

namespace warpframe::xgboost {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/** Predictions in row order; `shape` is XGBoost's strict shape, the first number being the rows. */
struct Prediction {
  std::vector<double> shape;
  std::vector<float> values;
};

/** One importance a used feature; `values` has one number a feature, or one a feature and class. */
struct Scores {
  std::vector<std::string> features;
  Prediction scores;
};

struct Description {
  int rounds = 0;
  double features = 0;
  std::vector<std::string> names;
  std::vector<std::string> types;
  Pairs attributes;
  std::string config;
};

class Booster final : public Resource {
 public:
  Booster() = default;
  ~Booster() override;
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;
  void close() override;

  struct Train {
    std::vector<Data> batches;
    /** Instead of `batches`; then `shape` has the names and types of the features. */
    std::shared_ptr<Feed> feed;
    Data shape;
    std::vector<std::pair<std::string, std::vector<Data>>> evals;
    MatrixOptions matrix;
    Pairs parameters;
    /** A model to go on from; empty = none. */
    Array model;
  };
  void create(const Train& train);
  void load(const Array& model, const Pairs& parameters);
  /** One boosting iteration. @returns XGBoost's line, `[3]\ttrain-logloss:0.5…`; empty without eval sets */
  std::string step();
  /** Lets go of the training data; the model stays. */
  void finish();
  /** Trees of the rounds [begin, end) every `stride`. */
  void slice_of(Booster& source, int begin, int end, int stride);

  Prediction predict(const Data& data, const MatrixOptions& options, int type, int begin, int end, bool in_place);
  std::vector<char> save(const std::string& format);
  Scores scores(const std::string& importance);
  Description describe();
  void configure(const Pairs& parameters, const Pairs& attributes);

  /** XGBoost's warnings since the last call. */
  static std::vector<std::string> take_warnings();

 private:
  Handle handle() const;
  void set_parameters(const Pairs& parameters);
  void read_model(const Array& model);
  void set_feature_info(const Data& data);
  void set_threads(std::uint32_t threads);

  Handle handle_ = nullptr;
  Matrix train_;
  std::vector<Matrix> evals_;
  std::vector<std::string> eval_names_;
  int iteration_ = 0;
  std::uint32_t threads_ = 0;
};

}  // namespace warpframe::xgboost
