// Holds a model against its own numbers before libxgboost reads it: libxgboost 3.4 trusts them, and a cut or altered
// file makes it abort or read past its memory.
#pragma once

#include <cstddef>

namespace warpframe::xgboost {

/** @throws Failure ERR_CORRUPT_FILE that says what is wrong */
void check_model(const char* bytes, std::size_t size);

}  // namespace warpframe::xgboost
