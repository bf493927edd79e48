// XGBoost's matrices over columns that lie where JavaScript has them: each is described by a JSON "array interface".
#pragma once

#include <napi.h>

#include <string>
#include <utility>
#include <vector>

#include "../addon/arguments.hh"
#include "xgboost_api.hh"

namespace warpframe::xgboost {

/** One column and, optionally, its Arrow validity bitmap (bit i of byte i/8; 0 = missing). */
struct Column {
  Array values;
  Array validity;
};

/** A label, weight, … of `rows × width` values in row order. */
struct Info {
  std::string field;
  Array values;
  std::size_t width = 1;
};

/** What JavaScript described as `{ rows, columns, info, featureNames, featureTypes }`, checked. */
struct Data {
  std::size_t rows = 0;
  std::vector<Column> columns;
  std::vector<Info> info;
  std::vector<std::string> names;
  std::vector<std::string> types;

  /** @throws Failure ERR_SHAPE or ERR_DTYPE: every length is checked here, so that no thread reads past an end */
  static Data from(Napi::Object object, Job& job);
  /** At least one batch, all of as many columns. */
  static std::vector<Data> list(const std::vector<Napi::Value>& values, Job& job);
  std::string columns_json() const;
};

/** A DMatrixHandle and its owner. */
class Matrix {
 public:
  Matrix() = default;
  explicit Matrix(Handle handle) : handle_(handle) {}
  Matrix(Matrix&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Matrix& operator=(Matrix&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Matrix() {
    if (handle_) api().XGDMatrixFree(handle_);
  }
  Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

struct MatrixOptions {
  /** Binned once while it is built: a third of the memory, and what `hist` trains on. */
  bool quantile = true;
  std::uint32_t max_bin = 256;
  std::uint32_t threads = 0;
  /** JSON text of the number that means missing. */
  std::string missing = "NaN";
};

/** Where batches come from that XGBoost walks several times over. */
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual void reset() = 0;
  /** @returns the next batch, which stays until the next call; null behind the last */
  virtual const Data* next() = 0;
};

/** Builds a quantile matrix of batches as they come. */
Matrix make_matrix(BatchSource& batches, const MatrixOptions& options, Handle reference);
/** Builds a matrix. `reference` (or null) is the training matrix whose bins a quantile matrix takes. */
Matrix make_matrix(const std::vector<Data>& batches, const MatrixOptions& options, Handle reference);
/** A matrix that holds nothing but the info (base margin) of data scored in place. */
Matrix make_proxy(const Data& data);

}  // namespace warpframe::xgboost
