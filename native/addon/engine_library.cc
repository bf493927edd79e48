#include "engine_library.hh"

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "util/failure.hh"

namespace warpframe {
namespace {

struct Opened {
  std::string path;
  const wf_engine_api* api;
};

struct Registry {
  std::mutex mutex;
  std::map<std::string, Opened> libraries;  // by file name
};

Registry& registry() {
  static auto* const instance = new Registry();
  return *instance;
}

void* open(const std::string& path) {
  if (!std::filesystem::path(path).is_absolute())
    throw Failure("ERR_PARAMETER", "Libraries are opened by absolute path; got " + path);
  // Never closed: the device's state that lives in libraries is freed by nobody, and is one for the process.
  if (void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  const char* const reason = dlerror();
  throw Failure("ERR_MISSING_DEPENDENCY", reason ? reason : path + " cannot be opened");
}

/** The host libcudf brings its own libcuda.so.1, and a process has room for one. */
void refuse_beside_a_driver() {
#ifdef WARPFRAME_SIM
  // Its own is there where another copy of this addon has opened it.
  void* const driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver && !dlsym(driver, "hostcudf_unlock"))
    throw Failure("ERR_DEVICE", "The host libcudf is for tests and is not opened in a process that has a CUDA driver open");
#endif
}

}  // namespace

const wf_engine_api& open_engine_library(const std::vector<std::string>& needed, const std::string& path) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const std::string name = std::filesystem::path(path).filename();
  if (const auto found = all.libraries.find(name); found != all.libraries.end()) {
    if (found->second.path == path) return *found->second.api;
    throw Failure("ERR_PARAMETER", "A process opens one " + name + ": " + found->second.path + " is open already, so " + path + " is not");
  }
  refuse_beside_a_driver();
  for (const std::string& library : needed) open(library);
  void* const library = open(path);
  const auto entry = reinterpret_cast<decltype(&warpframe_engine)>(dlsym(library, "warpframe_engine"));
  if (!entry) throw Failure("ERR_MISSING_DEPENDENCY", path + " is not an engine library of warpframe");
  const wf_engine_api* const api = entry();
  if (!api || api->abi != WARPFRAME_ENGINE_ABI)
    throw Failure("ERR_MISSING_DEPENDENCY",
                  path + " has version " + std::to_string(api ? api->abi : 0) + " of the engine interface; this addon needs " +
                      std::to_string(WARPFRAME_ENGINE_ABI) + ": install matching versions");
  return *all.libraries.emplace(name, Opened{path, api}).first->second.api;
}

const wf_engine_api* opened_engine_library(const std::string& file_name) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.libraries.find(file_name);
  return found == all.libraries.end() ? nullptr : found->second.api;
}

}  // namespace warpframe
