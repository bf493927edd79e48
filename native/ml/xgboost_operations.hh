// The rows of the operation table that reach libxgboost.
#pragma once

#include <span>

#include "../addon/operations.hh"

namespace warpframe::xgboost {

std::span<const Operation> operations();

}  // namespace warpframe::xgboost
