#include "operations.hh"

#include "../ml/xgboost_operations.hh"
#include "device_operations.hh"
#include "engine_operations.hh"
#include "kernel_operations.hh"

namespace warpframe {

const Operation* find_operation(const std::string& name) {
  for (const std::span<const Operation> table : {device_operations(), engine_operations(), kernel_operations(),
                                                 std::span<const Operation>(xgboost::operations())}) {
    for (const Operation& operation : table) {
      if (name == operation.name) return &operation;
    }
  }
  return nullptr;
}

}  // namespace warpframe
