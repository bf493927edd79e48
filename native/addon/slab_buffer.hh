// A slab of an engine library as an ArrayBuffer.
#pragma once

#include <napi.h>

#include "engine/engine.h"

namespace warpframe {

/**
 * Hands a slab to JavaScript: from 64 kB on in place, given back when the ArrayBuffer is collected; smaller ones, and all
 * where the runtime refuses external memory or too much of it is alive, are copied and given back at once.
 */
Napi::Value slab_buffer(Napi::Env env, const wf_engine_api& api, wf_slab* slab);

}  // namespace warpframe
