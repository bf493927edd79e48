#include "engine_handles.hh"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "engine_library.hh"

namespace warpframe {
namespace {

constexpr int kExitMilliseconds = 1000;

struct Engines {
  std::mutex mutex;
  std::map<std::pair<const wf_engine_api*, int>, std::shared_ptr<Engine>> open;
};

Engines& engines() {
  static auto* const instance = new Engines();
  return *instance;
}

#ifdef __GLIBC__
/**
 * A process that ends must not run the libraries' static destructors under a query. Registered after they were opened,
 * so it runs before those. A query that does not end in time is cut off.
 */
void at_exit(int status, void*) {
  for (auto& [key, engine] : engines().open) {
    if (engine->thread->close(kExitMilliseconds)) continue;
    std::fflush(nullptr);
    _exit(status);
  }
}
#endif

}  // namespace

void throw_engine_error(const wf_engine_api& api, wf_error& error) {
  Failure failure(error.code, take_text(api, error.message), take_text(api, error.detail));
  throw failure;
}

std::string take_text(const wf_engine_api& api, char* text) {
  std::string copy = text ? text : "";
  if (text) api.free_text(text);
  return copy;
}

std::shared_ptr<Engine> open_engine(const std::vector<std::string>& libraries, const std::string& path,
                                    const std::string& options, int device_id) {
  const wf_engine_api& api = open_engine_library(libraries, path);
  Engines& all = engines();
  const std::lock_guard lock(all.mutex);
  wf_error error{};
  if (const auto found = all.open.find({&api, device_id}); found != all.open.end()) {
    check_engine(api, api.configure(found->second->handle, options.c_str(), &error), error);
    return found->second;
  }
  wf_engine* handle = nullptr;
  check_engine(api, api.open(options.c_str(), &handle, &error), error);
  auto engine = std::make_shared<Engine>(Engine{api, handle, std::make_shared<DeviceThread>(), api.describe()});
#ifdef __GLIBC__
  if (all.open.empty()) on_exit(at_exit, nullptr);
#endif
  return all.open.emplace(std::make_pair(&api, device_id), std::move(engine)).first->second;
}

}  // namespace warpframe
