#include "arguments.hh"

#include <cmath>
#include <cstring>

#include "../util/failure.hh"

namespace warpframe {
namespace {

[[noreturn]] void expected(const std::string& what, const char* kind) {
  throw Failure("ERR_PARAMETER", "Expected " + std::string(kind) + " for " + what);
}

std::string text(Napi::Value value, const std::string& what) {
  if (!value.IsString()) expected(what, "a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Array list(Napi::Value value, const std::string& what) {
  if (!value.IsArray()) expected(what, "an array");
  return value.As<Napi::Array>();
}

}  // namespace

std::size_t element_bytes(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array: return 1;
    case napi_int16_array:
    case napi_uint16_array: return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array: return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array: return 8;
    default: throw Failure("ERR_DTYPE", "A typed array of an element type that the addon does not know");
  }
}

std::size_t Array::bytes() const { return length * element_bytes(type); }

bool has(Napi::Object object, const char* key) { return !object.Get(key).IsUndefined(); }

std::string string_field(Napi::Object object, const char* key) { return text(object.Get(key), key); }

std::uint32_t uint32_field(Napi::Object object, const char* key) {
  const Napi::Value value = object.Get(key);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  // Half of the range: XGBoost's own counters are signed.
  if (!(number >= 0 && number <= 2147483647) || std::floor(number) != number) expected(key, "a whole number from 0 to 2147483647");
  return static_cast<std::uint32_t>(number);
}

std::uint32_t uint32_field(Napi::Object object, const char* key, std::uint32_t fallback) {
  return has(object, key) ? uint32_field(object, key) : fallback;
}

bool bool_field(Napi::Object object, const char* key, bool fallback) {
  const Napi::Value value = object.Get(key);
  if (value.IsUndefined()) return fallback;
  if (!value.IsBoolean()) expected(key, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

Napi::Object object_field(Napi::Object object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsObject()) expected(key, "an object");
  return value.As<Napi::Object>();
}

std::vector<Napi::Value> list_field(Napi::Object object, const char* key) {
  std::vector<Napi::Value> values;
  if (!has(object, key)) return values;
  const Napi::Array array = list(object.Get(key), key);
  const std::uint32_t length = array.Length();
  values.reserve(length);
  for (std::uint32_t i = 0; i < length; ++i) values.push_back(array.Get(i));
  return values;
}

std::vector<std::string> strings_field(Napi::Object object, const char* key) {
  std::vector<std::string> strings;
  for (const Napi::Value& value : list_field(object, key)) strings.push_back(text(value, std::string(key) + "[]"));
  return strings;
}

std::vector<std::pair<std::string, std::string>> pairs_field(Napi::Object object, const char* key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const std::string what = std::string(key) + "[]";
  for (const Napi::Value& value : list_field(object, key)) {
    const Napi::Array pair = list(value, what);
    pairs.emplace_back(text(pair.Get(0U), what + "[0]"), text(pair.Get(1U), what + "[1]"));
  }
  return pairs;
}

namespace {

Array array_at(Napi::Value value, const char* what, Job& job, bool borrow) {
  if (!value.IsTypedArray()) expected(what, "a typed array");
  const Napi::Env env = value.Env();
  napi_value buffer;
  void* data = nullptr;
  Array array;
  // The raw call: node-addon-api's accessors go through the ArrayBuffer, which a SharedArrayBuffer is not.
  if (napi_get_typedarray_info(env, value, &array.type, &array.length, &data, &buffer, nullptr) != napi_ok)
    expected(what, "a typed array that is readable");
  const std::size_t bytes = array.bytes();
  bool owned = false;
  if (napi_is_arraybuffer(env, buffer, &owned) != napi_ok) owned = true;
  if (owned && borrow) {
    const Napi::Value resizable = Napi::Object(env, buffer).Get("resizable");
    owned = resizable.IsBoolean() && resizable.As<Napi::Boolean>().Value();
  }
  if (!owned) {
    job.retain(value.As<Napi::Object>());
    array.data = data;
    return array;
  }
  auto copy = std::make_unique_for_overwrite<std::byte[]>(bytes);
  if (bytes > 0) std::memcpy(copy.get(), data, bytes);
  array.copy = std::move(copy);
  array.data = array.copy.get();
  return array;
}

}  // namespace

Array array_of(Napi::Value value, const char* what, Job& job) { return array_at(value, what, job, false); }

Array borrowed_array_of(Napi::Value value, const char* what, Job& job) { return array_at(value, what, job, true); }

}  // namespace warpframe
