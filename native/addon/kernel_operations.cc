#include "kernel_operations.hh"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hh"
#include "element_types.hh"
#include "environment.hh"
#include "util/failure.hh"

#if defined(WARPFRAME_KERNELS)
#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/host_run.hh"
#include "plan/json.hh"
#endif

namespace warpframe {
namespace {

#if defined(WARPFRAME_KERNELS)

constexpr std::uint32_t kMostDigits = 38;

/** One at a time in a process: a lane that all its environments share. */
const std::shared_ptr<Strand>& kernel_lane() {
  static const auto* const lane = new std::shared_ptr<Strand>(std::make_shared<Strand>());
  return *lane;
}

class ListJob final : public Job {
 public:
  void run() override { device_ = kernels::device_name(&why_); }
  Napi::Value result(Environment& environment) override {
    const Napi::Env env = environment.env();
    Napi::Object object = Napi::Object::New(env);
    object.Set("device", device_.empty() ? env.Null() : Napi::String::New(env, device_));
    object.Set("why", device_.empty() ? Napi::String::New(env, why_) : env.Null());
#if defined(WARPFRAME_SIM)
    object.Set("simulated", true);
#else
    object.Set("simulated", false);
#endif
    Napi::Array names = Napi::Array::New(env);
    for (const kernels::Entry& entry : kernels::table()) names.Set(names.Length(), std::string(entry.name));
    object.Set("names", names);
    return object;
  }

 private:
  std::string device_;
  std::string why_;
};

[[noreturn]] void refuse(const std::string& column, const std::string& sentence) {
  throw Failure("ERR_SHAPE", "Column " + column + ": " + sentence);
}

class KernelRunJob final : public Job {
 public:
  explicit KernelRunJob(Napi::Object params)
      : name_(string_field(params, "name")), device_id_(static_cast<int>(uint32_field(params, "deviceId", 0))) {
    read_parameters(string_field(params, "params"));
    for (const Napi::Value& table : list_field(params, "tables")) {
      if (!table.IsArray()) throw Failure("ERR_PARAMETER", "Expected a list of columns for tables[]");
      std::vector<kernels::HostColumn>& columns = call_.tables.emplace_back();
      const auto list = table.As<Napi::Array>();
      for (std::uint32_t i = 0; i < list.Length(); ++i) {
        if (!list.Get(i).IsObject()) throw Failure("ERR_PARAMETER", "Expected an object for tables[][]");
        columns.push_back(column(list.Get(i).As<Napi::Object>(), std::to_string(i)));
      }
    }
    if (!has(params, "arrays")) return;
    const Napi::Object arrays = object_field(params, "arrays");
    const Napi::Array names = arrays.GetPropertyNames();
    // Texts are looked at by reference: none may move any more.
    array_names_.reserve(names.Length());
    for (std::uint32_t i = 0; i < names.Length(); ++i) {
      const std::string& name = array_names_.emplace_back(names.Get(i).ToString().Utf8Value());
      const Array array = kept(array_of(arrays.Get(name), name.c_str(), *this));
      call_.arrays.push_back({name, kernels::type_named(element_type(array.type, name)), array.data, array.length});
    }
  }
  void run() override {
    kernels::use_device(device_id_);
    call_.kernel = name_;
    results_ = kernels::run_on_device(call_);
  }
  Napi::Value result(Environment& environment) override {
    Napi::Object arrays = Napi::Object::New(environment.env());
    const auto results = std::make_shared<std::vector<kernels::HostResult>>(std::move(results_));
    for (const kernels::HostResult& made : *results)
      arrays.Set(made.name, typed_array(environment.env(), kernels::name_of(made.type), made.bytes.data(), made.length, results));
    Napi::Object object = Napi::Object::New(environment.env());
    object.Set("arrays", arrays);
    return object;
  }

 private:
  Array kept(Array array) {
    if (array.copy) keep(array.copy);
    return array;
  }

  void read_parameters(const std::string& text) {
    params_ = plan::Json::parse(text);
    for (const auto& [name, value] : params_.fields()) {
      // A text that is read as a number is none.
      kernels::Parameter parameter{name, std::numeric_limits<double>::quiet_NaN(), {}};
      switch (value.kind()) {
        case plan::Json::Kind::number: parameter.number = value.as_double(); break;
        case plan::Json::Kind::boolean: parameter.number = value.as_bool() ? 1 : 0; break;
        case plan::Json::Kind::text: parameter.text = value.as_text(); break;
        default: throw Failure("ERR_PARAMETER", "'" + name + "' must be a number, a text or a boolean");
      }
      call_.parameters.push_back(parameter);
    }
  }

  kernels::HostColumn column(Napi::Object object, const std::string& what) {
    const Array values = kept(array_of(object.Get("values"), "values", *this));
    kernels::HostColumn column;
    column.type = kernels::type_named(element_type(values.type, "values"));
    column.data = values.data;
    column.rows = values.length;
    if (bool_field(object, "bool", false)) {
      if (column.type != kernels::Type::u8) refuse(what, "a Bool column has a Uint8Array");
      column.type = kernels::Type::boolean;
    }
    if (has(object, "decimalScale")) {
      if (column.type != kernels::Type::i64 || values.length % 2 != 0) refuse(what, "a Decimal column has a BigInt64Array with two words a row");
      column.type = kernels::Type::decimal128;
      column.rows = values.length / 2;
      column.decimal_scale = static_cast<std::int32_t>(std::min(uint32_field(object, "decimalScale"), kMostDigits + 1));
      if (column.decimal_scale > static_cast<std::int32_t>(kMostDigits)) refuse(what, "decimalScale is 38 at most");
    }
    if (!has(object, "validity") || object.Get("validity").IsNull()) return column;
    const Array bits = array_of(object.Get("validity"), "validity", *this);
    if (bits.type != napi_uint8_array || bits.length < (column.rows + 7) / 8)
      refuse(what, "its validity must be a Uint8Array with a bit a row");
    column.mask.resize((column.rows + 31) / 32 + 1);
    std::memcpy(column.mask.data(), bits.data, (column.rows + 7) / 8);
    return column;
  }

  std::string name_;
  int device_id_;
  plan::Json params_;
  std::vector<std::string> array_names_;
  kernels::HostCall call_;
  std::vector<kernels::HostResult> results_;
};

Napi::Value list_kernels(Environment& environment, Napi::Object) {
  return environment.submit(std::make_unique<ListJob>(), kernel_lane());
}

Napi::Value run_kernel(Environment& environment, Napi::Object params) {
  return environment.submit(std::make_unique<KernelRunJob>(params), kernel_lane());
}

#else

Napi::Value list_kernels(Environment&, Napi::Object) {
  throw Failure("ERR_UNSUPPORTED", "This addon is built without CUDA and has no kernels. Use one of variant cuda13 or cuda12.");
}
constexpr auto run_kernel = list_kernels;

#endif

constexpr Operation kOperations[] = {{"kernels.list", list_kernels}, {"kernels.run", run_kernel}};

}  // namespace

std::span<const Operation> kernel_operations() { return kOperations; }

}  // namespace warpframe
