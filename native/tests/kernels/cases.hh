// Every kernel of the table against its reference, on whatever device this was built for. The same source runs on the
// simulator and on a GPU; only sizes differ.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/host_run.hh"

namespace warpframe::kernels::tests {

/** What one case found. */
struct Outcome {
  std::uint64_t rows = 0;
  double max_difference = 0;  // relative to what the case allows where it allows any; 0: bit for bit
  bool ok = true;
  std::string note;

  void fail(const std::string& why) {
    if (ok) note = why;
    ok = false;
  }
  /** Adds a comparison; values differ by at most `relative` × |expected| + `absolute`, NaN equals NaN. */
  void compare(double got, double expected, double relative, double absolute, const char* what, std::size_t at);
};

struct Settings {
  std::uint64_t scale = 1;  // times the rows of the simulator's sizes
  std::uint64_t seed = 1;
  bool quick = false;  // part of the golden file: where ThreadSanitizer watches every CUDA thread
  std::string golden;  // path of philox-golden.tsv
};
struct Case {
  std::string name;
  std::function<Outcome(const Settings&)> run;
};

std::vector<Case> random_cases();
std::vector<Case> matrix_cases();
std::vector<Case> forest_cases();
std::vector<Case> neighbor_cases();
std::vector<Case> count_cases();
std::vector<Case> refusal_cases();

/** Numbers that need no quality: splitmix64. */
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 1) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  double unit() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }
  double between(double low, double high) { return low + (high - low) * unit(); }

 private:
  std::uint64_t state_;
};

/** A column with its own memory. */
struct OwnColumn {
  HostColumn view;
  std::vector<unsigned char> bytes;
};
/** Random values of a type; `nulls` of them are null (0: no mask). Floats have some NaN and infinities where `odd`. */
OwnColumn random_column(Random& random, Type type, std::uint64_t rows, double nulls, bool odd);
/** Codes in [0, n) of a random integer type that holds them; some outside where `strays`. */
OwnColumn random_codes(Random& random, std::uint64_t rows, std::uint32_t n, double nulls, bool strays);
OwnColumn column_of(std::span<const float> values, std::uint64_t stride, std::uint64_t offset);
void add_nulls(Random& random, OwnColumn& column, double nulls);

template <class T>
HostArray array_of(std::string_view name, Type type, const std::vector<T>& values) {
  return {name, type, values.data(), values.size()};
}

/** The result of a name. @throws Failure */
const HostResult& result_of(const std::vector<HostResult>& results, std::string_view name);

}  // namespace warpframe::kernels::tests
