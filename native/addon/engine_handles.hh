// What JavaScript holds of an engine library: engines, tables, streams. Numbers there, never addresses.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device_thread.hh"
#include "engine/engine.h"
#include "../util/failure.hh"
#include "job.hh"

namespace warpframe {

/** An open device of an engine library: one a process, shared by its environments, never closed. */
struct Engine {
  const wf_engine_api& api;
  wf_engine* handle;
  std::shared_ptr<DeviceThread> thread;
  std::string description;
};

/**
 * Opens the library and the device of the options, or returns the open one, configured anew. Takes up to a second:
 * not on the JavaScript thread.
 */
std::shared_ptr<Engine> open_engine(const std::vector<std::string>& libraries, const std::string& path,
                                    const std::string& options, int device_id);

/** Throws the Failure that a library's error is, and frees its texts. */
[[noreturn]] void throw_engine_error(const wf_engine_api& api, wf_error& error);
/** Throws unless the call returned 0. */
inline void check_engine(const wf_engine_api& api, int rc, wf_error& error) {
  if (rc != 0) throw_engine_error(api, error);
}
/** A text of the library's as ours. */
std::string take_text(const wf_engine_api& api, char* text);

class EngineResource final : public Resource {
 public:
  explicit EngineResource(std::shared_ptr<Engine> engine) : Resource(engine->thread), engine_(std::move(engine)) {}
  void close() override {}
  const std::shared_ptr<Engine>& engine() const { return engine_; }

 private:
  std::shared_ptr<Engine> engine_;
};

/** A thing of the library's that is freed on the device's thread. */
template <typename T>
class EngineThing final : public Resource {
 public:
  using Free = void (*)(T*);
  EngineThing(std::shared_ptr<Engine> engine, T* thing, Free free)
      : Resource(engine->thread), engine_(std::move(engine)), thing_(thing), free_(free) {}
  ~EngineThing() override { EngineThing::close(); }
  EngineThing(const EngineThing&) = delete;
  EngineThing& operator=(const EngineThing&) = delete;

  void close() override {
    if (T* const thing = std::exchange(thing_, nullptr)) lane->post([thing, free = free_] { free(thing); });
  }
  const std::shared_ptr<Engine>& engine() const { return engine_; }
  /** @throws Failure ERR_DISPOSED */
  T* get(const char* what) const {
    if (!thing_) throw Failure("ERR_DISPOSED", std::string("This ") + what + " is disposed. Keep it until its last use, or make it again.");
    return thing_;
  }

 private:
  std::shared_ptr<Engine> engine_;
  T* thing_;
  Free free_;
};

using TableResource = EngineThing<wf_table>;
using StreamResource = EngineThing<wf_stream>;

}  // namespace warpframe
