#include "errors.hh"

#include <cuda/stream_ref>
#include <cuda_runtime_api.h>
#include <cudf/utilities/error.hpp>
#include <rmm/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>

#include "../util/failure.hh"
#include "../util/json_text.hh"

namespace warpframe::engine {
namespace {

void fill(wf_error* error, std::string_view code, std::string_view message, std::string_view detail = "{}") {
  std::strncpy(error->code, std::string(code).c_str(), sizeof error->code - 1);
  error->code[sizeof error->code - 1] = '\0';
  error->message = copy_text(message);
  error->detail = copy_text(detail);
}

std::string device_name(const Device* device) { return device ? "GPU " + std::to_string(device->id()) : "the GPU"; }

struct Name {
  cudaError_t code;
  std::string_view name;
};
#define WARPFRAME_NAMED(code) \
  { code, #code }
/** Errors after which a context is of no use any more. */
constexpr Name kFatal[] = {
    WARPFRAME_NAMED(cudaErrorIllegalAddress),      WARPFRAME_NAMED(cudaErrorLaunchFailure),
    WARPFRAME_NAMED(cudaErrorIllegalInstruction),  WARPFRAME_NAMED(cudaErrorHardwareStackError),
    WARPFRAME_NAMED(cudaErrorMisalignedAddress),   WARPFRAME_NAMED(cudaErrorAssert),
    WARPFRAME_NAMED(cudaErrorInvalidAddressSpace), WARPFRAME_NAMED(cudaErrorInvalidPc),
    WARPFRAME_NAMED(cudaErrorECCUncorrectable),    WARPFRAME_NAMED(cudaErrorNvlinkUncorrectable),
    WARPFRAME_NAMED(cudaErrorLaunchTimeout),       WARPFRAME_NAMED(cudaErrorDeviceUninitialized),
    WARPFRAME_NAMED(cudaErrorContained),           WARPFRAME_NAMED(cudaErrorMpsClientTerminated)};
/** That there is no usable device reaches us as a failed allocation, and is none. */
constexpr Name kAbsence[] = {
    WARPFRAME_NAMED(cudaErrorInsufficientDriver),          WARPFRAME_NAMED(cudaErrorNoDevice),
    WARPFRAME_NAMED(cudaErrorInitializationError),         WARPFRAME_NAMED(cudaErrorDevicesUnavailable),
    WARPFRAME_NAMED(cudaErrorSystemDriverMismatch),        WARPFRAME_NAMED(cudaErrorSystemNotReady),
    WARPFRAME_NAMED(cudaErrorCompatNotSupportedOnDevice)};
#undef WARPFRAME_NAMED

/** Which of the errors a text names; RMM's exceptions carry no number. */
bool names(std::span<const Name> errors, std::string_view text) {
  return std::ranges::any_of(errors, [&](const Name& error) { return text.find(error.name) != std::string_view::npos; });
}

void lose(wf_error* error, Device* device, const std::string& what) {
  if (!device) return fill(error, "ERR_DEVICE", "The GPU was lost: " + what + ". Start the process again to use it.");
  device->lose(what);
  const Failure lost = device->lost_failure();
  fill(error, lost.code, lost.message, lost.detail);
}

void cuda_failure(wf_error* error, Device* device, const std::string& what) {
  if (names(kFatal, what)) return lose(error, device, what);
  if (names(kAbsence, what)) return fill(error, "ERR_DEVICE", "There is no usable GPU: " + what);
  fill(error, "ERR_DEVICE", device_name(device) + " failed: " + what);
}

}  // namespace

char* copy_text(std::string_view text) {
  auto* const copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void describe_exception(wf_error* error, Device* device) noexcept {
  try {
    throw;
  } catch (const Failure& failure) {
    fill(error, failure.code, failure.message, failure.detail.empty() ? "{}" : failure.detail);
  } catch (const OutOfDeviceMemory& out) {
    const std::string name = device_name(device);
    fill(error, "ERR_OUT_OF_MEMORY", "Out of memory on " + name + ": " + out.what(),
         JsonObject()
             .number("requestedBytes", out.requested_bytes)
             .number("usedBytes", out.used_bytes)
             .number("limitBytes", out.limit_bytes)
             .text("device", name)
             .done());
  } catch (const cudf::fatal_cuda_error& fatal) {
    lose(error, device, fatal.what());
  } catch (const rmm::out_of_memory& out) {
    const std::string name = device_name(device);
    fill(error, "ERR_OUT_OF_MEMORY", "Out of memory on " + name + ": " + out.what(),
         JsonObject()
             .number("requestedBytes", std::uint64_t{0})
             .number("usedBytes", device ? device->memory().used() : 0)
             .number("limitBytes", device ? device->memory().limit() : 0)
             .text("device", name)
             .done());
  } catch (const rmm::bad_alloc& failed) {
    cuda_failure(error, device, failed.what());
  } catch (const rmm::cuda_error& failed) {
    cuda_failure(error, device, failed.what());
  } catch (const cudf::cuda_error& failed) {
    cuda_failure(error, device, failed.what());
  } catch (const cuda::cuda_error& failed) {
    // Of a stream or an event that was waited for: the text has no name, but a line of a header.
    const std::string_view what = failed.what();
    const std::size_t at = what.rfind("): ");
    cuda_failure(error, device, std::string(cudaGetErrorName(failed.status())) + ": " +
                                    std::string(at == std::string_view::npos ? what : what.substr(at + 3)));
  } catch (const std::overflow_error& large) {
    fill(error, "ERR_UNSUPPORTED",
         std::string("A result has more rows or bytes than a column of libcudf holds (2147483647): ") + large.what() +
             ". Use engine: 'cpu', or filter first.");
  } catch (const std::bad_alloc&) {
    fill(error, "ERR_OUT_OF_MEMORY", "Out of memory in native code",
         R"({"requestedBytes":0,"usedBytes":0,"limitBytes":0,"device":"host"})");
  } catch (const std::exception& other) {
    const std::string what = other.what();
    if (names(kFatal, what) || names(kAbsence, what)) return cuda_failure(error, device, what);
    fill(error, "ERR_INTERNAL", "Internal fault in the GPU engine: " + what + ". Please report it with the plan (explain()).");
  } catch (...) {
    fill(error, "ERR_INTERNAL", "Internal fault in the GPU engine: an unknown exception");
  }
}

}  // namespace warpframe::engine
