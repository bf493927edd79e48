// The exports: version, invoke, release. An operation is a row of the table in operations.cc.
#include <napi.h>

#include <string>

#include "environment.hh"
#include "failure.hh"
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

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment(env));
  exports.Set("version", Napi::Function::New(env, version, "version"));
  exports.Set("invoke", Napi::Function::New(env, invoke, "invoke"));
  exports.Set("release", Napi::Function::New(env, release, "release"));
  return exports;
}

}  // namespace
}  // namespace warpframe

namespace {
Napi::Object start(Napi::Env env, Napi::Object exports) { return warpframe::init(env, exports); }
}  // namespace
NODE_API_MODULE(warpframe, start)
