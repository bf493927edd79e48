// Our kernels by name, for an engine's `invoke`, for the addon without libcudf and for tests. Knows neither Node, JSON nor
// libcudf: columns are device pointers, everything else numbers, texts and host arrays. Every number that decides an address
// is checked here.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/types.hh"

namespace warpframe::kernels {

/** Device memory during one call. What it gives lives until the call's results have been read. */
class Memory {
 public:
  virtual ~Memory() = default;
  /** At a multiple of 256 bytes. @throws Failure ERR_OUT_OF_MEMORY */
  virtual void* allocate(std::size_t bytes) = 0;
  /** Copies host memory to the device in the call's stream; it may be overwritten when this returns. */
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;

  template <class T>
  T* make(std::size_t count) {
    return static_cast<T*>(allocate(sizeof(T) * (count == 0 ? 1 : count)));
  }
};

/** Numbers in host memory. */
struct HostArray {
  std::string_view name;
  Type type = Type::f64;
  const void* data = nullptr;
  std::size_t length = 0;
};

/** A flag is a number, 0 or 1. */
struct Parameter {
  std::string_view name;
  double number = 0;
  std::string_view text;
};

/** Columns of one table; all have `rows` rows. */
struct TableView {
  std::span<const Column> columns;
  std::uint64_t rows = 0;
};

/** What a kernel made, in device memory: row-major where it has more than one dimension. */
struct Result {
  std::string name;
  Type type = Type::f64;
  std::size_t length = 0;
  const void* data = nullptr;
};

struct Call {
  Stream stream = nullptr;
  Memory& memory;
  std::span<const TableView> tables;
  std::span<const HostArray> arrays;
  std::span<const Parameter> parameters;
  std::vector<Result> results;
  /** Names of parameters and arrays that the kernel looked for, and the last table: the rest is a caller's mistake. */
  std::vector<std::string> known;
  std::size_t tables_known = 0;
};

struct Entry {
  std::string_view name;
  /** Queues the work on the stream and names its results. @throws Failure */
  void (*run)(Call& call);
};

/** All kernels; native/kernels/README.md lists their parameters, arrays and results. */
std::span<const Entry> table();
/** @returns null for an unknown name */
const Entry* find_entry(std::string_view name);
/** Runs a kernel. @throws Failure what the kernel throws, and ERR_PARAMETER for what it was given and does not know */
void run_entry(const Entry& entry, Call& call);

/** Bytes of a value. */
std::size_t bytes_of(Type type);
/** The type of a name of engine.h's wf_array: "i8" … "f64". @throws Failure ERR_DTYPE */
Type type_named(std::string_view name);
std::string_view name_of(Type type);

}  // namespace warpframe::kernels
