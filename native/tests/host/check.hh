// A test program without a library: cases register themselves, main.cc runs them.
#pragma once

#include "../../exec/prelude.hh"

#include <cudf/column/column_view.hpp>
#include <cudf/table/table_view.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../../sim/cudf/host.hh"

namespace warpframe::tests {

/** A failed check. */
struct Difference {
  std::string sentence;
};

void check(bool holds, std::string_view what);
void same(const std::string& got, const std::string& expected, std::string_view what);

/** Checks that the call throws E and that its text has `part`. */
template <typename E, typename Call>
void throws(Call call, std::string_view part, std::string_view what) {
  try {
    call();
  } catch (const E& error) {
    check(std::string_view(error.what()).find(part) != std::string_view::npos, std::string(what) + ": " + error.what());
    return;
  }
  throw Difference{std::string(what) + ": nothing was thrown"};
}

struct Case {
  const char* name;
  void (*run)();
};
std::vector<Case>& cases();
struct Register {
  Register(const char* name, void (*run)()) { cases().push_back({name, run}); }
};
#define WARPFRAME_CASE_2(name, line)                                                   \
  static void case_##line();                                                           \
  static const ::warpframe::tests::Register register_##line(name, case_##line);        \
  static void case_##line()
#define WARPFRAME_CASE_1(name, line) WARPFRAME_CASE_2(name, line)
/** CASE("what it shows") { … } */
#define CASE(name) WARPFRAME_CASE_1(name, __LINE__)

// Columns to test with, on the stream that every case uses.

cuda::stream_ref stream();
rmm::device_async_resource_ref memory();

using host::ColumnPtr;
using host::Val;

/** A column of these values; nullopt is null. */
ColumnPtr numbers(cudf::data_type type, std::initializer_list<std::optional<double>> values);
ColumnPtr ints(std::initializer_list<std::optional<std::int64_t>> values, cudf::type_id type = cudf::type_id::INT64);
ColumnPtr texts(std::initializer_list<std::optional<std::string>> values);
ColumnPtr bools(std::initializer_list<std::optional<bool>> values);
/** "1 | null | [2, 3]": what a person would write. */
std::string show(const cudf::column_view& column);
/** One line a row; `sorted` where the order is open. */
std::string show(const cudf::table_view& table, bool sorted = false);

}  // namespace warpframe::tests
