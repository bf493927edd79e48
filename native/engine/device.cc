#include "device.hh"

#include <cuda_runtime_api.h>
#include <cudf/utilities/error.hpp>
#include <cudf/utilities/memory_resource.hpp>

#include <algorithm>

#include "../util/failure.hh"
#include "../util/json_text.hh"
#include "table.hh"

namespace warpframe::engine {
namespace {

constexpr std::uint64_t kPinnedPoolBytes = std::uint64_t{256} << 20;

std::uint64_t bytes_option(const plan::Json& options, std::string_view key, std::uint64_t fallback) {
  const plan::Json* const value = options.find(key);
  if (!value || value->is_null()) return fallback;
  const std::int64_t bytes = value->as_int64();
  if (bytes <= 0) throw Failure("ERR_PARAMETER", "The '" + std::string(key) + "' option must be a positive number of bytes. Got " + std::to_string(bytes) + ".");
  return static_cast<std::uint64_t>(bytes);
}

int select_device(const plan::Json& options) {
  const plan::Json* const value = options.find("deviceId");
  const int id = value ? static_cast<int>(value->as_int64()) : 0;
  int count = 0;
  check_cuda(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  if (id < 0 || id >= count)
    throw Failure("ERR_PARAMETER", "The 'deviceId' option must be from 0 to " + std::to_string(count - 1) + ". Got " + std::to_string(id) + ".");
  check_cuda(cudaSetDevice(id), "cudaSetDevice");
  return id;
}

/** Nine tenths of what is free now, unless said. */
std::uint64_t limit_option(const plan::Json& options) {
  std::size_t free = 0, total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return bytes_option(options, "memoryLimitBytes", free / 10 * 9);
}

}  // namespace

void check_cuda(int error, const char* what) {
  if (error == cudaSuccess) return;
  const auto code = static_cast<cudaError_t>(error);
  (void)cudaGetLastError();
  throw cudf::cuda_error(std::string(what) + " failed: " + cudaGetErrorName(code) + " " + cudaGetErrorString(code), code);
}

Device::Device(const plan::Json& options)
    : id_(select_device(options)),
      stream_(rmm::cuda_stream::flags::non_blocking),
      memory_(*new DeviceMemory(bytes_option(options, "poolBytes", 0), limit_option(options))),
      resource_(memory_),
      slabs_(bytes_option(options, "pinnedPoolBytes", kPinnedPoolBytes)),
      spill_limit_(bytes_option(options, "spillBytes", memory_.limit())) {
  memory_.make_room = [this](std::uint64_t bytes) { return make_room(bytes); };
  cudf::set_current_device_resource(resource_);
}

Failure Device::lost_failure() const {
  const std::lock_guard lock(lost_mutex_);
  return {"ERR_DEVICE", "GPU " + std::to_string(id_) + " was lost: " + lost_ + ". Start the process again to use it.",
          R"({"lost":true})"};
}

void Device::enter() const {
  bool lost = false;
  {
    const std::lock_guard lock(lost_mutex_);
    lost = !lost_.empty();
  }
  if (lost) throw lost_failure();
  check_cuda(cudaSetDevice(id_), "cudaSetDevice");
}

void Device::lose(const std::string& reason) {
  const std::lock_guard lock(lost_mutex_);
  if (lost_.empty()) lost_ = reason;
}

void Device::configure(const plan::Json& options) {
  memory_.set_limit(bytes_option(options, "memoryLimitBytes", memory_.limit()));
  const std::lock_guard lock(mutex_);
  spill_limit_ = bytes_option(options, "spillBytes", spill_limit_);
}

std::string Device::memory_info() const {
  std::size_t free = 0, total = 0;
  check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return JsonObject()
      .number("usedBytes", memory_.used())
      .number("peakBytes", memory_.peak())
      .number("limitBytes", memory_.limit())
      .number("freeBytes", std::uint64_t{free})
      .number("totalBytes", std::uint64_t{total})
      .number("spilledBytes", spilled_bytes_.load())
      .number("liveExternalBytes", slabs_.live_bytes())
      .number("hostToDeviceBytes", copies_.to_device_bytes.load())
      .number("deviceToHostBytes", copies_.to_host_bytes.load())
      .number("hostToDeviceCopies", copies_.to_device.load())
      .number("deviceToHostCopies", copies_.to_host.load())
      .done();
}

void Device::copy_to_device(void* target, const void* source, std::size_t bytes) {
  if (bytes == 0) return;
  check_cuda(cudaMemcpyAsync(target, source, bytes, cudaMemcpyHostToDevice, stream_.value()), "A copy to the GPU");
  copies_.to_device_bytes += bytes;
  ++copies_.to_device;
}

void Device::copy_to_host(void* target, const void* source, std::size_t bytes, bool counted) {
  if (bytes == 0) return;
  check_cuda(cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToHost, stream_.value()), "A copy from the GPU");
  if (!counted) return;
  copies_.to_host_bytes += bytes;
  ++copies_.to_host;
}

void Device::add(Table& table) {
  const std::lock_guard lock(mutex_);
  tables_.push_back(&table);
}

void Device::remove(Table& table) {
  const std::lock_guard lock(mutex_);
  tables_.remove(&table);
}

void Device::touch(Table& table) {
  const std::lock_guard lock(mutex_);
  tables_.splice(tables_.end(), tables_, std::find(tables_.begin(), tables_.end(), &table));
}

bool Device::make_room(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  std::uint64_t freed = 0;
  for (Table* const table : tables_) {
    if (freed >= bytes) break;
    if (spilled_bytes_ + table->bytes() > spill_limit_) continue;
    freed += table->spill();
  }
  return freed > 0;
}

}  // namespace warpframe::engine
