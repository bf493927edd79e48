// Element types of host arrays: engine.h's names and JavaScript's typed arrays. Sizes of both sides are the same.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <string_view>

#include "../util/failure.hh"
#include "arguments.hh"
#include "slab_buffer.hh"

namespace warpframe {

struct ElementType {
  const char* name;
  napi_typedarray_type type;
};
inline constexpr ElementType kElements[] = {{"i8", napi_int8_array},       {"u8", napi_uint8_array},
                                            {"i16", napi_int16_array},     {"u16", napi_uint16_array},
                                            {"i32", napi_int32_array},     {"u32", napi_uint32_array},
                                            {"i64", napi_bigint64_array},  {"u64", napi_biguint64_array},
                                            {"f32", napi_float32_array},   {"f64", napi_float64_array}};

/** @throws Failure ERR_PARAMETER for a Uint8ClampedArray and the like */
inline const char* element_type(napi_typedarray_type type, const std::string& what) {
  for (const ElementType& element : kElements)
    if (element.type == type) return element.name;
  throw Failure("ERR_PARAMETER", "Expected integers or floats of 8 to 64 bits for " + what);
}

/** Results of a kernel as a typed array, which lets `owner` go when it is collected (slab_buffer.hh). Nobody writes to them any more. */
inline Napi::Value typed_array(Napi::Env env, std::string_view name, const void* data, std::size_t length,
                               const std::shared_ptr<void>& owner) {
  for (const ElementType& element : kElements) {
    if (name != element.name) continue;
    const Napi::ArrayBuffer buffer = external_buffer(env, const_cast<void*>(data), length * element_bytes(element.type), owner);
    napi_value value = nullptr;
    if (napi_create_typedarray(env, element.type, length, buffer, 0, &value) == napi_ok) return {env, value};
  }
  throw Failure("ERR_INTERNAL", "A kernel made an array of type " + std::string(name));
}

}  // namespace warpframe
