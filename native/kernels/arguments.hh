// What kernels are given, read with checks. Every function throws a Failure that names the kernel, what it wants and what it
// got.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "kernels/table.hh"
#include "util/failure.hh"

namespace warpframe::kernels {

class Arguments {
 public:
  Arguments(Call& call, std::string_view kernel) : call_(call), kernel_(kernel) {}

  [[noreturn]] void fail(const char* code, const std::string& sentence) const;

  /** A whole number in [least, most]. */
  std::uint64_t whole(std::string_view name, std::uint64_t least, std::uint64_t most) const;
  std::uint64_t whole_or(std::string_view name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise) const;
  std::int64_t integer(std::string_view name) const;
  double finite(std::string_view name) const;
  std::string_view text(std::string_view name, std::span<const std::string_view> choices, std::string_view otherwise) const;

  const TableView& table(std::size_t index, std::size_t least_columns) const;
  /** An array of a type; with `length` other than `kAnyLength` of that length. */
  static constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();
  const HostArray& array(std::string_view name, Type type, std::size_t length = kAnyLength) const;
  const HostArray* find_array(std::string_view name) const;
  /** The array in device memory; null for an empty one. */
  const void* uploaded(const HostArray& array) const;
  template <class T>
  const T* uploaded(std::string_view name, Type type, std::size_t length = kAnyLength) const {
    return static_cast<const T*>(uploaded(array(name, type, length)));
  }
  template <class T>
  std::span<const T> host(std::string_view name, Type type, std::size_t length = kAnyLength) const {
    const HostArray& a = array(name, type, length);
    return {static_cast<const T*>(a.data), a.length};
  }

  /** Fails for a name that nothing was looked for by. */
  void check_known(const char* what, std::string_view name) const;

  /** Fails unless codes can be read from the column. */
  void check_codes(const Column& column, const char* what) const;

  template <class T>
  T* result(std::string name, Type type, std::size_t length) {
    T* const data = call_.memory.make<T>(length);
    call_.results.push_back({std::move(name), type, length, data});
    return data;
  }
  Memory& memory() { return call_.memory; }
  Stream stream() const { return call_.stream; }

 private:
  const Parameter* find(std::string_view name) const;
  Call& call_;
  std::string_view kernel_;
};

}  // namespace warpframe::kernels
