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
  std::shared_ptr<void> owner;
  std::int64_t bytes;
};

void give_back(napi_env env, void*, void* hint) {
  const std::unique_ptr<Lease> lease(static_cast<Lease*>(hint));
  live_bytes -= lease->bytes;
  std::int64_t ignored = 0;
  napi_adjust_external_memory(env, -lease->bytes, &ignored);
}

}  // namespace

Napi::ArrayBuffer external_buffer(Napi::Env env, void* data, std::size_t bytes, std::shared_ptr<void> owner) {
  const auto size = static_cast<std::int64_t>(bytes);
  if (bytes >= kExternalFrom && !refused && live_bytes + size <= kMostExternal) {
    auto lease = std::make_unique<Lease>(Lease{owner, size});
    napi_value buffer = nullptr;
    const napi_status status = napi_create_external_arraybuffer(env, data, bytes, give_back, lease.get(), &buffer);
    if (status == napi_ok) {
      lease.release();
      live_bytes += size;
      std::int64_t ignored = 0;
      napi_adjust_external_memory(env, size, &ignored);
      return {env, buffer};
    }
    if (status == napi_no_external_buffers_allowed) refused = true;
  }
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, bytes);
  if (bytes > 0) std::memcpy(copy.Data(), data, bytes);
  return copy;
}

Napi::Value slab_buffer(Napi::Env env, const wf_engine_api& api, wf_slab* slab) {
  return external_buffer(env, slab->data, slab->bytes, std::shared_ptr<wf_slab>(slab, api.release_slab));
}

}  // namespace warpframe
