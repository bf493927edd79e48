// The table behind `invoke(name, params)`: new native work is a row here, never an export.
#pragma once

#include <napi.h>

#include <string>

namespace warpframe {

class Environment;

struct Operation {
  const char* name;
  /** Checks the parameters, starts the work and returns its promise. On the JavaScript thread; throws Failure. */
  Napi::Value (*start)(Environment& environment, Napi::Object params);
};

/** @returns null for an unknown name */
const Operation* find_operation(const std::string& name);

}  // namespace warpframe
