#include "xgboost_matrix.hh"

#include <cstdint>
#include <exception>

#include "../util/failure.hh"

namespace warpframe::xgboost {
namespace {

const char* type_code(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return "<f4";
    case napi_float64_array: return "<f8";
    case napi_int8_array: return "|i1";
    case napi_uint8_array:
    case napi_uint8_clamped_array: return "|u1";
    case napi_int16_array: return "<i2";
    case napi_uint16_array: return "<u2";
    case napi_int32_array: return "<i4";
    case napi_uint32_array: return "<u4";
    case napi_bigint64_array: return "<i8";
    case napi_biguint64_array: return "<u8";
    default: throw Failure("ERR_DTYPE", "XGBoost takes no array of this element type");
  }
}

/** The address is written here and nowhere read from JavaScript: it may pass 2^53. */
std::string interface_json(const void* data, const char* type, const std::string& shape, const std::string& more = "") {
  return R"({"data":[)" + std::to_string(reinterpret_cast<std::uintptr_t>(data)) + R"(,true],"typestr":")" + type +
         R"(","version":3,"strides":null,"shape":[)" + shape + "]" + more + "}";
}

std::string column_json(const Column& column) {
  const std::string rows = std::to_string(column.values.length);
  std::string mask;
  if (column.validity.data) mask = R"(,"mask":)" + interface_json(column.validity.data, "<t1", rows);
  return interface_json(column.values.data, type_code(column.values.type), rows, mask);
}

std::string info_json(const Info& info) {
  std::string shape = std::to_string(info.values.length / info.width);
  if (info.width > 1) shape += "," + std::to_string(info.width);
  return interface_json(info.values.data, type_code(info.values.type), shape);
}

std::string joined(const char* what, std::size_t got, std::size_t wanted) {
  return std::string(what) + " has " + std::to_string(got) + " values; " + std::to_string(wanted) + " are needed";
}

void set_strings(Handle matrix, const char* field, const std::vector<std::string>& strings) {
  if (strings.empty()) return;
  std::vector<const char*> pointers;
  for (const std::string& s : strings) pointers.push_back(s.c_str());
  api().check(api().XGDMatrixSetStrFeatureInfo(matrix, field, pointers.data(), pointers.size()));
}

void set_info(Handle matrix, const Data& data) {
  for (const Info& info : data.info)
    api().check(api().XGDMatrixSetInfoFromInterface(matrix, info.field.c_str(), info_json(info).c_str()));
  set_strings(matrix, "feature_name", data.names);
  set_strings(matrix, "feature_type", data.types);
}

/** What XGBoost calls to walk batches: `reset`, then `next` until it returns 0. */
struct Iterator {
  BatchSource& batches;
  Handle proxy;
  std::exception_ptr failure;

  // No exception may cross XGBoost: it is thrown again when the builder has returned.
  static void reset(void* self) { static_cast<Iterator*>(self)->batches.reset(); }
  static int next(void* self) {
    auto& it = *static_cast<Iterator*>(self);
    if (it.failure) return 0;
    try {
      const Data* const batch = it.batches.next();
      if (batch == nullptr) return 0;
      api().check(api().XGProxyDMatrixSetDataColumnar(it.proxy, batch->columns_json().c_str()));
      set_info(it.proxy, *batch);
      return 1;
    } catch (...) {
      it.failure = std::current_exception();
      return 0;
    }
  }
};

/** Batches that are all there. */
class BatchList final : public BatchSource {
 public:
  explicit BatchList(const std::vector<Data>& batches) : batches_(batches) {}
  void reset() override { at_ = 0; }
  const Data* next() override { return at_ == batches_.size() ? nullptr : &batches_[at_++]; }

 private:
  const std::vector<Data>& batches_;
  std::size_t at_ = 0;
};

std::string config_of(const MatrixOptions& options) {
  return R"({"missing":)" + options.missing + R"(,"nthread":)" + std::to_string(options.threads);
}

}  // namespace

std::vector<Data> Data::list(const std::vector<Napi::Value>& values, Job& job) {
  std::vector<Data> batches;
  for (const Napi::Value& value : values) {
    if (!value.IsObject()) throw Failure("ERR_PARAMETER", "Expected { rows, columns } for a batch");
    batches.push_back(from(value.As<Napi::Object>(), job));
    if (batches.back().columns.size() != batches.front().columns.size())
      throw Failure("ERR_SHAPE", joined("A batch", batches.back().columns.size(), batches.front().columns.size()));
  }
  if (batches.empty()) throw Failure("ERR_SHAPE", "There is no batch");
  return batches;
}

Data Data::from(Napi::Object object, Job& job) {
  Data data;
  data.rows = uint32_field(object, "rows");
  for (const Napi::Value& value : list_field(object, "columns")) {
    if (!value.IsObject()) throw Failure("ERR_PARAMETER", "Expected { data, validity? } for columns[]");
    const auto described = value.As<Napi::Object>();
    Column column{array_of(described.Get("data"), "columns[].data", job), {}};
    if (column.values.length != data.rows)
      throw Failure("ERR_SHAPE", joined("A feature column", column.values.length, data.rows));
    type_code(column.values.type);
    if (has(described, "validity")) {
      column.validity = array_of(described.Get("validity"), "columns[].validity", job);
      if (column.validity.type != napi_uint8_array || column.validity.length < (data.rows + 7) / 8)
        throw Failure("ERR_SHAPE", "A validity bitmap must be a Uint8Array of one bit a row");
    }
    data.columns.push_back(std::move(column));
  }
  if (data.columns.empty()) throw Failure("ERR_SHAPE", "There is no feature column");
  if (data.rows == 0) throw Failure("ERR_SHAPE", "There is no row");
  for (const Napi::Value& value : list_field(object, "info")) {
    if (!value.IsObject()) throw Failure("ERR_PARAMETER", "Expected { field, data, width? } for info[]");
    const auto described = value.As<Napi::Object>();
    Info info{string_field(described, "field"), array_of(described.Get("data"), "info[].data", job),
              uint32_field(described, "width", 1)};
    // Group sizes and feature weights have lengths of their own, which XGBoost checks.
    const bool by_row = info.field != "group" && info.field != "feature_weights";
    if (info.width == 0 || info.values.length % info.width != 0 ||
        (by_row && info.field != "weight" && info.values.length != data.rows * info.width))
      throw Failure("ERR_SHAPE", joined(info.field.c_str(), info.values.length, data.rows * info.width));
    type_code(info.values.type);
    data.info.push_back(std::move(info));
  }
  data.names = strings_field(object, "featureNames");
  data.types = strings_field(object, "featureTypes");
  for (const auto* list : {&data.names, &data.types}) {
    if (!list->empty() && list->size() != data.columns.size())
      throw Failure("ERR_SHAPE", joined("featureNames or featureTypes", list->size(), data.columns.size()));
  }
  return data;
}

std::string Data::columns_json() const {
  std::string json = "[";
  for (const Column& column : columns) {
    if (json.size() > 1) json += ',';
    json += column_json(column);
  }
  return json + "]";
}

Matrix make_matrix(const std::vector<Data>& batches, const MatrixOptions& options, Handle reference) {
  if (options.quantile) {
    BatchList list(batches);
    return make_matrix(list, options, reference);
  }
  const Api& x = api();
  if (batches.size() != 1) throw Failure("ERR_UNSUPPORTED", "Only a matrix for hist takes its data in several batches");
  Handle handle = nullptr;
  x.check(x.XGDMatrixCreateFromColumnar(batches[0].columns_json().c_str(), (config_of(options) + "}").c_str(), &handle));
  Matrix matrix(handle);
  set_info(handle, batches[0]);
  return matrix;
}

Matrix make_matrix(BatchSource& batches, const MatrixOptions& options, Handle reference) {
  if (!options.quantile) throw Failure("ERR_UNSUPPORTED", "Only a matrix for hist takes its data in several batches");
  const Api& x = api();
  const std::string config = config_of(options) + R"(,"max_bin":)" + std::to_string(options.max_bin) + "}";
  Handle proxy = nullptr;
  x.check(x.XGProxyDMatrixCreate(&proxy));
  const Matrix owner(proxy);
  Iterator it{batches, proxy, nullptr};
  Handle handle = nullptr;
  const int rc = x.XGQuantileDMatrixCreateFromCallback(&it, proxy, reference, Iterator::reset, Iterator::next,
                                                       config.c_str(), &handle);
  Matrix matrix(rc == 0 ? handle : nullptr);
  if (it.failure) std::rethrow_exception(it.failure);
  x.check(rc);
  return matrix;
}

Matrix make_proxy(const Data& data) {
  const Api& x = api();
  Handle handle = nullptr;
  x.check(x.XGProxyDMatrixCreate(&handle));
  Matrix matrix(handle);
  for (const Info& info : data.info)
    x.check(x.XGDMatrixSetInfoFromInterface(handle, info.field.c_str(), info_json(info).c_str()));
  return matrix;
}

}  // namespace warpframe::xgboost
