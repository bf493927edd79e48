#include "operations.hh"

#include "../ml/xgboost_operations.hh"

namespace warpframe {

const Operation* find_operation(const std::string& name) {
  for (const Operation& operation : xgboost::operations()) {
    if (name == operation.name) return &operation;
  }
  return nullptr;
}

}  // namespace warpframe
