// The exports: version, invoke, release, cancel, whyNot, memoryInfo. An operation is a row of the table in operations.cc.
#include <napi.h>

#include <string>

#include "engine_operations.hh"
#include "environment.hh"
#include "../util/failure.hh"
#include "operations.hh"

namespace warpframe {
namespace {

/** Runs an export's body; a Failure becomes an Error with `code`, and nothing else leaves as C++. */
template <typename F>
Napi::Value guard(const Napi::CallbackInfo& info, F body) {
  try {
    return body(Environment::of(info.Env()));
  } catch (const Failure& failure) {
    Napi::Error error = Napi::Error::New(info.Env(), failure.message);
    error.Set("code", Napi::String::New(info.Env(), failure.code));
    if (!failure.detail.empty()) error.Set("detail", Napi::String::New(info.Env(), failure.detail));
    throw error;
  } catch (const std::bad_alloc&) {
    Napi::Error error = Napi::Error::New(info.Env(), "Out of memory in native code");
    error.Set("code", Napi::String::New(info.Env(), "ERR_OUT_OF_MEMORY"));
    throw error;
  }
}

Napi::Value version(const Napi::CallbackInfo& info) {
  const Napi::Object object = Napi::Object::New(info.Env());
  object.Set("boundary", WARPFRAME_BOUNDARY);
  object.Set("variant", WARPFRAME_VARIANT_NAME);
  object.Set("napi", NAPI_VERSION);
  return object;
}

Napi::Value invoke(const Napi::CallbackInfo& info) {
  return guard(info, [&](Environment& environment) {
    if (!info[0].IsString() || !info[1].IsObject()) throw Failure("ERR_PARAMETER", "Expected invoke(name, params)");
    const std::string name = info[0].As<Napi::String>().Utf8Value();
    const Operation* const operation = find_operation(name);
    if (!operation) throw Failure("ERR_UNSUPPORTED", "This addon has no operation named " + name);
    return operation->start(environment, info[1].As<Napi::Object>());
  });
}

Napi::Value release(const Napi::CallbackInfo& info) {
  return guard(info, [&](Environment& environment) {
    if (!info[0].IsNumber()) throw Failure("ERR_PARAMETER", "Expected release(number)");
    environment.release(info[0].As<Napi::Number>().Uint32Value());
    return info.Env().Undefined();
  });
}

std::uint32_t number_argument(const Napi::CallbackInfo& info, const char* call) {
  if (!info[0].IsNumber()) throw Failure("ERR_PARAMETER", std::string("Expected ") + call);
  return info[0].As<Napi::Number>().Uint32Value();
}

Napi::Value cancel(const Napi::CallbackInfo& info) {
  return guard(info, [&](Environment& environment) {
    environment.cancel(number_argument(info, "cancel(number)"));
    return info.Env().Undefined();
  });
}

Napi::Value why_not(const Napi::CallbackInfo& info) {
  return guard(info, [&](Environment& environment) -> Napi::Value {
    const std::uint32_t engine = number_argument(info, "whyNot(engine, work)");
    if (!info[1].IsString()) throw Failure("ERR_PARAMETER", "Expected whyNot(engine, work)");
    const std::string sentence = engine_why_not(environment, engine, info[1].As<Napi::String>().Utf8Value());
    return sentence.empty() ? info.Env().Null() : Napi::String::New(info.Env(), sentence);
  });
}

Napi::Value memory_info(const Napi::CallbackInfo& info) {
  return guard(info, [&](Environment& environment) {
    return Napi::String::New(info.Env(), engine_memory(environment, number_argument(info, "memoryInfo(engine)")));
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment(env));
  exports.Set("version", Napi::Function::New(env, version, "version"));
  exports.Set("invoke", Napi::Function::New(env, invoke, "invoke"));
  exports.Set("release", Napi::Function::New(env, release, "release"));
  exports.Set("cancel", Napi::Function::New(env, cancel, "cancel"));
  exports.Set("whyNot", Napi::Function::New(env, why_not, "whyNot"));
  exports.Set("memoryInfo", Napi::Function::New(env, memory_info, "memoryInfo"));
  return exports;
}

}  // namespace
}  // namespace warpframe

namespace {
Napi::Object start(Napi::Env env, Napi::Object exports) { return warpframe::init(env, exports); }
}  // namespace
NODE_API_MODULE(warpframe, start)
