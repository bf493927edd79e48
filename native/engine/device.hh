// One device: its stream, memory, tables, and whether it still works.
#pragma once

#include "memory.hh"

#include <rmm/cuda_stream.hpp>
#include <rmm/resource_ref.hpp>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "../plan/json.hh"
#include "../util/failure.hh"
#include "slabs.hh"

namespace warpframe::engine {

class Table;

/** Bytes and copies between host and device: of columns, not of single values. */
struct CopyCounts {
  std::atomic<std::uint64_t> to_device_bytes{0}, to_host_bytes{0}, to_device{0}, to_host{0};
};

/** Never destroyed: tables, blocks and streams refer to it until the process ends. */
class Device {
 public:
  /** options as engine.h has them. @throws Failure, or what CUDA throws */
  explicit Device(const plan::Json& options);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /** Makes it the calling thread's device. @throws Failure ERR_DEVICE once it is lost */
  void enter() const;
  /** After an error that no call survives. */
  void lose(const std::string& reason);
  /** What every later call is told; its detail says `lost`. */
  Failure lost_failure() const;
  void configure(const plan::Json& options);
  std::string memory_info() const;

  int id() const { return id_; }
  cuda::stream_ref stream() const { return stream_; }
  rmm::device_async_resource_ref memory_ref() { return resource_; }
  DeviceMemory& memory() { return memory_; }
  SlabPool& slabs() { return slabs_; }
  CopyCounts& copies() { return copies_; }

  void copy_to_device(void* target, const void* source, std::size_t bytes);
  void copy_to_host(void* target, const void* source, std::size_t bytes, bool counted = true);

  /** Tables that may be moved to the host when memory is short, the longest unused first. */
  void add(Table& table);
  void remove(Table& table);
  void touch(Table& table);
  /** Guards the list, and the tables' state. */
  std::recursive_mutex& mutex() { return mutex_; }
  std::atomic<std::uint64_t>& spilled_bytes() { return spilled_bytes_; }

 private:
  bool make_room(std::uint64_t bytes);
  int id_;
  rmm::cuda_stream stream_;
  DeviceMemory& memory_;
  MemoryResource resource_;
  SlabPool slabs_;
  CopyCounts copies_;
  std::uint64_t spill_limit_;
  std::atomic<std::uint64_t> spilled_bytes_{0};
  std::recursive_mutex mutex_;
  std::list<Table*> tables_;
  mutable std::mutex lost_mutex_;
  std::string lost_;
};

/** Throws what a failed call of the CUDA runtime means. */
void check_cuda(int error, const char* what);

}  // namespace warpframe::engine
