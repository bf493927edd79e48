#include "xgboost_api.hh"

#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#ifdef __GLIBC__
#include <unistd.h>
#endif

#include "../util/failure.hh"
#include "../addon/pool.hh"

namespace warpframe::xgboost {
namespace {

std::atomic<const Api*> opened = nullptr;
constexpr int kExitMilliseconds = 1000;

/** XGBoost appends a stack trace and prefixes a time and a place: what a user needs is between them. */
std::string first_sentence(std::string text) {
  if (const auto trace = text.find("\nStack trace"); trace != std::string::npos) text.resize(trace);
  if (text.starts_with('[')) {
    if (const auto place = text.find(": "); place != std::string::npos && place < 120) text.erase(0, place + 2);
  }
  std::string line;
  for (const char c : text) {
    const char kept = c == '\n' || c == '\t' ? ' ' : c;
    if (kept != ' ' || (!line.empty() && line.back() != ' ')) line += kept;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

#ifdef __GLIBC__
/**
 * A process that ends in the middle of a training step must not run libxgboost's static destructors under it.
 * Registered after the library was opened, so it runs before them. A step that does not end in time is cut off.
 */
void at_exit(int status, void*) {
  if (Pool::instance().close(kExitMilliseconds)) return;
  std::fflush(nullptr);
  _exit(status);
}
#endif

template <typename F>
void find(void* library, const char* name, F& function, const std::string& path) {
  function = reinterpret_cast<F>(dlsym(library, name));
  if (!function)
    throw Failure("ERR_MISSING_DEPENDENCY", path + " is not a libxgboost of version 3: it has no " + name);
}

}  // namespace

void Api::check(int rc) const {
  if (rc == 0) return;
  const std::string text = XGBGetLastError();
  const bool memory = text.find("bad_alloc") != std::string::npos || text.find("out of memory") != std::string::npos;
  throw Failure(memory ? "ERR_OUT_OF_MEMORY" : "ERR_PARAMETER", "XGBoost: " + first_sentence(text));
}

void prepare_environment() {
  // OpenMP's threads spin while they wait unless they are told not to; the user's own setting wins.
  if (!opened) setenv("OMP_WAIT_POLICY", "passive", 0);
}

const Api& open(const std::string& path) {
  static auto* const mutex = new std::mutex();
  const std::lock_guard lock(*mutex);
  if (const Api* present = opened) {
    if (present->path == path) return *present;
    throw Failure("ERR_PARAMETER", "A process opens one libxgboost: " + present->path + " is open already, so " + path + " is not");
  }
  // Never closed: OpenMP's threads outlive every booster.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* const reason = dlerror();
    throw Failure("ERR_MISSING_DEPENDENCY", reason ? reason : path + " cannot be opened");
  }
  auto api = std::make_unique<Api>();
  api->path = path;
#define WARPFRAME_FIND(name, type, parameters) find(library, #name, api->name, path);
  WARPFRAME_XGBOOST_FUNCTIONS(WARPFRAME_FIND)
#undef WARPFRAME_FIND
  api->XGBoostVersion(&api->major, &api->minor, &api->patch);
  if (api->major != 3)
    throw Failure("ERR_MISSING_DEPENDENCY", path + " is libxgboost " + std::to_string(api->major) + "." +
                                                std::to_string(api->minor) + "; version 3 is needed");
#ifdef __GLIBC__
  on_exit(at_exit, nullptr);
#endif
  opened = api.release();
  return *opened;
}

const Api& api() {
  const Api* const present = opened;
  if (!present) throw Failure("ERR_INTERNAL", "libxgboost is not open");
  return *present;
}

}  // namespace warpframe::xgboost
