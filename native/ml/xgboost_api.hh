// The part of XGBoost's C interface that is used, found at run time: the library is opened by path, once a process.
// The prototypes are written down here because wheels ship no header; the C ABI has been stable since 1.0.
#pragma once

#include <cstdint>
#include <string>

namespace warpframe::xgboost {

using Handle = void*;  // DMatrixHandle, BoosterHandle
using Count = std::uint64_t;

// name, return type, parameters
#define WARPFRAME_XGBOOST_FUNCTIONS(F)                                                                             \
  F(XGBoostVersion, void, (int*, int*, int*))                                                                      \
  F(XGBGetLastError, const char*, ())                                                                              \
  F(XGBRegisterLogCallback, int, (void (*)(const char*)))                                                          \
  F(XGDMatrixCreateFromColumnar, int, (const char* columns, const char* config, Handle*))                          \
  F(XGQuantileDMatrixCreateFromCallback, int,                                                                      \
    (void* iterator, Handle proxy, Handle reference, void (*reset)(void*), int (*next)(void*), const char*, Handle*)) \
  F(XGProxyDMatrixCreate, int, (Handle*))                                                                          \
  F(XGProxyDMatrixSetDataColumnar, int, (Handle, const char*))                                                     \
  F(XGDMatrixSetInfoFromInterface, int, (Handle, const char* field, const char* array))                            \
  F(XGDMatrixSetStrFeatureInfo, int, (Handle, const char* field, const char**, Count))                             \
  F(XGDMatrixNumRow, int, (Handle, Count*))                                                                        \
  F(XGDMatrixFree, int, (Handle))                                                                                  \
  F(XGBoosterCreate, int, (const Handle*, Count, Handle*))                                                         \
  F(XGBoosterFree, int, (Handle))                                                                                  \
  F(XGBoosterReset, int, (Handle))                                                                                 \
  F(XGBoosterSlice, int, (Handle, int begin, int end, int step, Handle*))                                          \
  F(XGBoosterSetParam, int, (Handle, const char* name, const char* value))                                         \
  F(XGBoosterUpdateOneIter, int, (Handle, int, Handle))                                                            \
  F(XGBoosterEvalOneIter, int, (Handle, int, Handle*, const char**, Count, const char**))                          \
  F(XGBoosterPredictFromDMatrix, int, (Handle, Handle, const char*, const Count**, Count*, const float**))         \
  F(XGBoosterPredictFromColumnar, int,                                                                             \
    (Handle, const char* columns, const char*, Handle, const Count**, Count*, const float**))                      \
  F(XGBoosterSaveModelToBuffer, int, (Handle, const char* config, Count*, const char**))                           \
  F(XGBoosterLoadModelFromBuffer, int, (Handle, const void*, Count))                                               \
  F(XGBoosterSaveJsonConfig, int, (Handle, Count*, const char**))                                                  \
  F(XGBoosterBoostedRounds, int, (Handle, int*))                                                                   \
  F(XGBoosterGetNumFeature, int, (Handle, Count*))                                                                 \
  F(XGBoosterFeatureScore, int,                                                                                    \
    (Handle, const char* config, Count* names, const char***, Count* dim, const Count** shape, const float**))     \
  F(XGBoosterGetAttr, int, (Handle, const char* key, const char**, int*))                                          \
  F(XGBoosterSetAttr, int, (Handle, const char* key, const char* value))                                           \
  F(XGBoosterGetAttrNames, int, (Handle, Count*, const char***))                                                   \
  F(XGBoosterGetStrFeatureInfo, int, (Handle, const char* field, Count*, const char***))                           \
  F(XGBoosterSetStrFeatureInfo, int, (Handle, const char* field, const char**, Count))

struct Api {
#define WARPFRAME_DECLARE(name, type, parameters) type(*name) parameters = nullptr;
  WARPFRAME_XGBOOST_FUNCTIONS(WARPFRAME_DECLARE)
#undef WARPFRAME_DECLARE
  std::string path;
  int major = 0;
  int minor = 0;
  int patch = 0;

  /** @throws Failure with XGBoost's message for a non-zero return code; call it on the thread that made the call. */
  void check(int rc) const;
};

/** Sets what must be in the environment before OpenMP starts. On the JavaScript thread. */
void prepare_environment();
/**
 * Opens the library, or returns the one that is open.
 * @throws Failure ERR_MISSING_DEPENDENCY where it cannot be used; ERR_PARAMETER where another one is open
 */
const Api& open(const std::string& path);
/** @throws Failure ERR_INTERNAL before open() */
const Api& api();

}  // namespace warpframe::xgboost
