/* A libcuda.so.1 for tests: enough of a driver for the CUDA runtime inside the addon to get an answer from. What it
   answers is in the environment: FAKE_CUDA_VERSION (13000), FAKE_CUDA_INIT (a CUresult; 100: no device). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int number(const char* name, int fallback) {
  const char* const text = getenv(name);
  return text ? atoi(text) : fallback;
}

int cuInit(unsigned flags) {
  (void)flags;
  return number("FAKE_CUDA_INIT", 100);
}

int cuDriverGetVersion(int* version) {
  *version = number("FAKE_CUDA_VERSION", 13000);
  return 0;
}

int cuDeviceGetCount(int* count) {
  *count = 0;
  return 0;
}

/* Any other entry point: CUDA_ERROR_UNKNOWN. */
static int unknown(void) { return 999; }

/* Function pointers go through an integer: ISO C knows no conversion to void*. */
int cuGetProcAddress_v2(const char* name, void** found, int version, uint64_t flags, int* status) {
  (void)version;
  (void)flags;
  uintptr_t at = (uintptr_t)unknown;
  if (strcmp(name, "cuInit") == 0) at = (uintptr_t)cuInit;
  if (strcmp(name, "cuDriverGetVersion") == 0) at = (uintptr_t)cuDriverGetVersion;
  if (strcmp(name, "cuDeviceGetCount") == 0) at = (uintptr_t)cuDeviceGetCount;
  if (strcmp(name, "cuGetProcAddress") == 0) at = (uintptr_t)cuGetProcAddress_v2;
  *found = (void*)at;
  if (status) *status = 0;
  return 0;
}

int cuGetProcAddress(const char* name, void** found, int version, uint64_t flags) {
  return cuGetProcAddress_v2(name, found, version, flags, 0);
}
