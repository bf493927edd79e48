#include "slab_buffer.hh"

#include <atomic>
#include <cstring>
#include <memory>

namespace warpframe {
namespace {

/** Below this a copy is cheaper than an external ArrayBuffer. */
constexpr std::size_t kExternalFrom = std::size_t{64} << 10;
/** Most external bytes alive at a time: collecting them is the garbage collector's business, and it may be late. */
constexpr std::int64_t kMostExternal = std::int64_t{2} << 30;

std::atomic<std::int64_t> live_bytes{0};
/** Electron and V8's sandbox refuse external memory, always. */
std::atomic<bool> refused{false};

struct Lease {
  const wf_engine_api& api;
  wf_slab* slab;
};

void give_back(napi_env env, void*, void* hint) {
  const std::unique_ptr<Lease> lease(static_cast<Lease*>(hint));
  const auto bytes = static_cast<std::int64_t>(lease->slab->bytes);
  lease->api.release_slab(lease->slab);
  live_bytes -= bytes;
  std::int64_t ignored = 0;
  napi_adjust_external_memory(env, -bytes, &ignored);
}

}  // namespace

Napi::Value slab_buffer(Napi::Env env, const wf_engine_api& api, wf_slab* slab) {
  const auto bytes = static_cast<std::int64_t>(slab->bytes);
  if (slab->bytes >= kExternalFrom && !refused && live_bytes + bytes <= kMostExternal) {
    auto lease = std::make_unique<Lease>(Lease{api, slab});
    napi_value buffer = nullptr;
    const napi_status status =
        napi_create_external_arraybuffer(env, slab->data, slab->bytes, give_back, lease.get(), &buffer);
    if (status == napi_ok) {
      lease.release();
      live_bytes += bytes;
      std::int64_t ignored = 0;
      napi_adjust_external_memory(env, bytes, &ignored);
      return {env, buffer};
    }
    if (status == napi_no_external_buffers_allowed) refused = true;
  }
  const std::unique_ptr<wf_slab, decltype(api.release_slab)> owner(slab, api.release_slab);
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, slab->bytes);
  if (slab->bytes > 0) std::memcpy(copy.Data(), slab->data, slab->bytes);
  return copy;
}

}  // namespace warpframe
