#include "errors.hh"

#include <cuda_runtime_api.h>
#include <cudf/utilities/error.hpp>
#include <rmm/error.hpp>

#include <cstdlib>
#include <cstring>
#include <new>
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

/** Names of errors after which a context is of no use any more. */
bool is_fatal(std::string_view text) {
  for (const char* const name : {"cudaErrorIllegalAddress", "cudaErrorLaunchFailure", "cudaErrorIllegalInstruction",
                                 "cudaErrorHardwareStackError", "cudaErrorMisalignedAddress", "cudaErrorAssert",
                                 "cudaErrorInvalidAddressSpace", "cudaErrorInvalidPc", "cudaErrorECCUncorrectable",
                                 "cudaErrorLaunchTimeout", "cudaErrorDeviceUninitialized", "cudaErrorContained"})
    if (text.find(name) != std::string_view::npos) return true;
  return false;
}

/** That there is no usable device reaches us as a failed allocation, and is none. */
bool is_absence(std::string_view text) {
  for (const char* const name : {"cudaErrorInsufficientDriver", "cudaErrorNoDevice", "cudaErrorInitializationError",
                                 "cudaErrorDevicesUnavailable", "cudaErrorSystemDriverMismatch",
                                 "cudaErrorCompatNotSupportedOnDevice", "cudaErrorSystemNotReady"})
    if (text.find(name) != std::string_view::npos) return true;
  return false;
}

void lose(wf_error* error, Device* device, const std::string& what) {
  if (device) device->lose(what);
  fill(error, "ERR_DEVICE", device_name(device) + " was lost: " + what + ". Start the process again to use it.");
}

void cuda_failure(wf_error* error, Device* device, const std::string& what) {
  if (is_fatal(what)) return lose(error, device, what);
  if (is_absence(what)) return fill(error, "ERR_DEVICE", "There is no usable GPU: " + what);
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
    fill(error, failure.code, failure.message);
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
  } catch (const std::overflow_error& large) {
    fill(error, "ERR_UNSUPPORTED",
         std::string("A result has more rows or bytes than a column of libcudf holds (2147483647): ") + large.what() +
             ". Use engine: 'cpu', or filter first.");
  } catch (const std::bad_alloc&) {
    fill(error, "ERR_OUT_OF_MEMORY", "Out of memory in native code",
         R"({"requestedBytes":0,"usedBytes":0,"limitBytes":0,"device":"host"})");
  } catch (const std::exception& other) {
    const std::string what = other.what();
    if (is_fatal(what) || is_absence(what)) return cuda_failure(error, device, what);
    fill(error, "ERR_INTERNAL", "Internal fault in the GPU engine: " + what + ". Please report it with the plan (explain()).");
  } catch (...) {
    fill(error, "ERR_INTERNAL", "Internal fault in the GPU engine: an unknown exception");
  }
}

}  // namespace warpframe::engine
