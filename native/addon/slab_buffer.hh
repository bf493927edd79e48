// Host memory of an engine as ArrayBuffers.
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>

#include "engine/engine.h"

namespace warpframe {

/**
 * Hands memory to JavaScript: from 64 kB on in place, its owner let go on the JS thread when the ArrayBuffer is collected;
 * less, and all where the runtime refuses external memory or too much of it is alive, is copied.
 */
Napi::ArrayBuffer external_buffer(Napi::Env env, void* data, std::size_t bytes, std::shared_ptr<void> owner);

/** The same of a slab, which is given back by then. */
Napi::Value slab_buffer(Napi::Env env, const wf_engine_api& api, wf_slab* slab);

}  // namespace warpframe
