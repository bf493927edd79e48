#include "kernels/device.cuh"

#if WF_HOST_HALF
#include "kernels/host_run.hh"

namespace warpframe::kernels {

PlainMemory::PlainMemory() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "Making a stream");
}

PlainMemory::~PlainMemory() {
  (void)cudaStreamSynchronize(stream_);
  for (void* block : blocks_) (void)cudaFree(block);
  (void)cudaStreamDestroy(stream_);
}

void* PlainMemory::allocate(std::size_t bytes) {
  blocks_.reserve(blocks_.size() + 1);
  void* block = nullptr;
  check(cudaMalloc(&block, bytes == 0 ? 1 : bytes), "Allocating device memory");
  blocks_.push_back(block);
  return block;
}

void PlainMemory::upload(void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "Copying to the device");
}

void PlainMemory::download(void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "Copying from the device");
}

void PlainMemory::synchronize() { check(cudaStreamSynchronize(stream_), "A kernel"); }

std::vector<HostResult> run_on_device(const HostCall& host) {
  const Entry* const entry = find_entry(host.kernel);
  if (entry == nullptr) throw Failure("ERR_PARAMETER", "There is no kernel '" + std::string(host.kernel) + "'.");
  PlainMemory memory;
  std::vector<std::vector<Column>> columns;
  std::vector<TableView> tables;
  for (const std::vector<HostColumn>& table : host.tables) {
    std::vector<Column>& views = columns.emplace_back();
    for (const HostColumn& c : table) {
      Column view{nullptr, nullptr, c.mask_offset, c.rows, c.type, c.decimal_scale};
      if (c.rows > 0) {
        void* const data = memory.allocate(bytes_of(c.type) * c.rows);
        memory.upload(data, c.data, bytes_of(c.type) * c.rows);
        view.data = data;
      }
      if (!c.mask.empty()) {
        void* const mask = memory.allocate(sizeof(std::uint32_t) * c.mask.size());
        memory.upload(mask, c.mask.data(), sizeof(std::uint32_t) * c.mask.size());
        view.mask = static_cast<const std::uint32_t*>(mask);
      }
      views.push_back(view);
    }
    tables.push_back({views, table.empty() ? 0 : table[0].rows});
  }
  // The vectors of views have moved while they grew; their elements have not.
  Call call{memory.stream(), memory, tables, host.arrays, host.parameters, {}, {}};
  run_entry(*entry, call);
  std::vector<HostResult> results;
  for (const Result& r : call.results) {
    HostResult& out = results.emplace_back(HostResult{r.name, r.type, r.length, {}});
    out.bytes.resize(bytes_of(r.type) * r.length);
    if (!out.bytes.empty()) memory.download(out.bytes.data(), r.data, out.bytes.size());
  }
  memory.synchronize();
  return results;
}

void use_device(int id) { check(cudaSetDevice(id), "Selecting the device"); }

std::string device_name(std::string* why) {
#if defined(WARPFRAME_CUDA_SIM)
  why->clear();
  return "simulated";
#else
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  (void)cudaGetLastError();
  if (status != cudaSuccess) {
    *why = std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status);
    return {};
  }
  if (count == 0) {
    *why = "there is no CUDA device";
    return {};
  }
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "Asking for the device");
  why->clear();
  return properties.name;
#endif
}

}  // namespace warpframe::kernels
#endif
