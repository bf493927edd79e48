// Reading what JavaScript passed, with checks: every reader throws Failure ERR_PARAMETER that names the field.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "job.hh"

namespace warpframe {

/** Elements of a typed array, as another thread may read them until the job is done. */
struct Array {
  const void* data = nullptr;
  std::size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  /** Set where the elements had to be copied. */
  std::shared_ptr<const std::byte[]> copy;

  std::size_t bytes() const;
};

std::size_t element_bytes(napi_typedarray_type type);

std::string string_field(Napi::Object object, const char* key);
std::uint32_t uint32_field(Napi::Object object, const char* key, std::uint32_t fallback);
std::uint32_t uint32_field(Napi::Object object, const char* key);
bool bool_field(Napi::Object object, const char* key, bool fallback);
Napi::Object object_field(Napi::Object object, const char* key);
/** @returns the elements; empty where the field is absent */
std::vector<Napi::Value> list_field(Napi::Object object, const char* key);
std::vector<std::string> strings_field(Napi::Object object, const char* key);
/** Pairs of strings: `[['eta', '0.3'], …]`. */
std::vector<std::pair<std::string, std::string>> pairs_field(Napi::Object object, const char* key);
bool has(Napi::Object object, const char* key);

/**
 * A typed array. Over shared memory it is read in place and kept alive by the job; over an ordinary ArrayBuffer it is
 * copied, because JavaScript could transfer or resize that buffer while another thread reads it.
 */
Array array_of(Napi::Value value, const char* what, Job& job);

/**
 * A typed array that is read in place over an ordinary ArrayBuffer too: for memory whose owner has promised to leave it
 * alone until the job is done. One over a resizable buffer is copied.
 */
Array borrowed_array_of(Napi::Value value, const char* what, Job& job);

}  // namespace warpframe
