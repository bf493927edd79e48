#include "device_operations.hh"

#include <memory>

#include "arguments.hh"
#include "device_probe.hh"
#include "engine_library.hh"
#include "environment.hh"

namespace warpframe {
namespace {

class StatusJob final : public Job {
 public:
  void run() override { probe_ = probe_devices(); }

  Napi::Value result(Environment& environment) override {
    const Napi::Env env = environment.env();
    Napi::Object object = Napi::Object::New(env);
    object.Set("built", probe_.built);
    object.Set("host", probe_.host);
    object.Set("code", probe_.code);
    object.Set("codeName", probe_.code_name);
    object.Set("driverVersion", probe_.driver_version);
    object.Set("runtimeVersion", probe_.runtime_version);
    Napi::Array devices = Napi::Array::New(env);
    for (const DeviceProperties& device : probe_.devices) {
      Napi::Object row = Napi::Object::New(env);
      row.Set("id", device.id);
      row.Set("name", device.name);
      row.Set("totalBytes", static_cast<double>(device.total_bytes));
      row.Set("capability", std::to_string(device.capability_major) + "." + std::to_string(device.capability_minor));
      row.Set("multiprocessors", device.multiprocessors);
      devices.Set(devices.Length(), row);
    }
    object.Set("devices", devices);
    return object;
  }

 private:
  DeviceProbe probe_;
};

class CheckJob final : public Job {
 public:
  CheckJob(std::vector<std::string> needed, std::string path) : needed_(std::move(needed)), path_(std::move(path)) {}
  void run() override { description_ = open_engine_library(needed_, path_).describe(); }
  Napi::Value result(Environment& environment) override { return Napi::String::New(environment.env(), description_); }

 private:
  std::vector<std::string> needed_;
  std::string path_;
  std::string description_;
};

Napi::Value status(Environment& environment, Napi::Object) {
  return environment.submit(std::make_unique<StatusJob>(), std::make_shared<Strand>());
}

Napi::Value check(Environment& environment, Napi::Object params) {
  return environment.submit(std::make_unique<CheckJob>(strings_field(params, "libraries"), string_field(params, "path")),
                            std::make_shared<Strand>());
}

constexpr Operation kOperations[] = {{"device.status", status}, {"engine.check", check}};

}  // namespace

std::span<const Operation> device_operations() { return kOperations; }

}  // namespace warpframe
