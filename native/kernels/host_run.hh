// One kernel of the table over columns in host memory, with CUDA's own allocator and a stream of its own: what the addon
// uses where there is no libcudf, and tests and benchmarks everywhere.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/table.hh"

namespace warpframe::kernels {

/** A column in host memory; fields as in Column. An empty mask: no row is null. */
struct HostColumn {
  Type type = Type::f64;
  const void* data = nullptr;
  std::uint64_t rows = 0;
  std::vector<std::uint32_t> mask;
  std::uint64_t mask_offset = 0;
  std::int32_t decimal_scale = 0;
};
struct HostResult {
  std::string name;
  Type type = Type::f64;
  std::size_t length = 0;
  std::vector<std::byte> bytes;
  template <class T>
  const T* data() const {
    return reinterpret_cast<const T*>(bytes.data());
  }
};
struct HostCall {
  std::string_view kernel;
  std::vector<std::vector<HostColumn>> tables;
  std::vector<HostArray> arrays;
  std::vector<Parameter> parameters;
};

/** Memory of cudaMalloc on a stream; frees everything when it goes, after the stream's work is done. */
class PlainMemory : public Memory {
 public:
  PlainMemory();
  ~PlainMemory() override;
  PlainMemory(const PlainMemory&) = delete;
  PlainMemory& operator=(const PlainMemory&) = delete;
  void* allocate(std::size_t bytes) override;
  void upload(void* to, const void* from, std::size_t bytes) override;
  void download(void* to, const void* from, std::size_t bytes);
  /** Waits for everything queued so far. @throws Failure of a kernel that failed */
  void synchronize();
  Stream stream() const { return stream_; }

 private:
  Stream stream_ = nullptr;
  std::vector<void*> blocks_;
};

/** Uploads, runs, downloads. @throws Failure ERR_PARAMETER for an unknown kernel, and what the kernel throws */
std::vector<HostResult> run_on_device(const HostCall& call);

/** Makes a device the calling thread's. @throws Failure ERR_DEVICE with CUDA's name and words */
void use_device(int id);

/** What runs kernels here: a device's name, or that it is simulated. Empty: nothing does, and `why` says so. */
std::string device_name(std::string* why);

}  // namespace warpframe::kernels
