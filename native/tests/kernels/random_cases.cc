// Random numbers: against the checked-in numbers of ts/util/philox.ts and against the reference.
#include <bit>
#include <fstream>
#include <sstream>

#include "cases.hh"
#include "kernels/reference/reference.hh"

namespace warpframe::kernels::tests {
namespace {

std::vector<HostResult> run(std::string_view kernel, std::vector<Parameter> parameters, std::vector<HostArray> arrays = {}) {
  return run_on_device({kernel, {}, std::move(arrays), std::move(parameters)});
}

std::vector<std::uint32_t> words(std::string_view kernel, std::string_view result, std::vector<Parameter> parameters,
                                 std::vector<HostArray> arrays = {}) {
  const auto results = run(kernel, std::move(parameters), std::move(arrays));
  const HostResult& r = result_of(results, result);
  return {r.data<std::uint32_t>(), r.data<std::uint32_t>() + r.length};
}

void compare_words(Outcome& outcome, const std::vector<std::uint32_t>& got, const std::vector<std::uint32_t>& expected,
                   const char* what) {
  if (got.size() != expected.size()) outcome.fail(std::string(what) + ": another length");
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) outcome.compare(got[i], expected[i], 0, 0, what, i);
  outcome.rows += got.size();
}

/** A line of the golden file. */
struct Golden {
  std::string what;
  double seed;
  double a;
  double b;
  std::size_t count;
  std::vector<std::string> values;
};

void check_golden(Outcome& outcome, const Golden& g) {
  if (g.values.size() != g.count) return outcome.fail("a damaged golden file");
  if (g.what == "uniform") {
    const auto results = run("philox.uniform", {{"seed", g.seed, ""}, {"start", g.a, ""}, {"count", static_cast<double>(g.count), ""}});
    const double* const got = result_of(results, "values").data<double>();
    for (std::size_t i = 0; i < g.count; ++i) {
      const double expected = std::bit_cast<double>(std::stoull(g.values[i], nullptr, 16));
      outcome.compare(got[i], expected, 0, 0, "uniform", i);
    }
    outcome.rows += g.count;
    return;
  }
  std::vector<std::uint32_t> expected;
  for (const std::string& v : g.values) expected.push_back(static_cast<std::uint32_t>(std::stoul(v)));
  if (g.what == "permutation")
    compare_words(outcome, words("philox.permutation", "order", {{"seed", g.seed, ""}, {"start", g.a, ""}, {"rows", g.b, ""}}),
                  expected, "permutation");
  else
    compare_words(outcome,
                  words("philox.bootstrap", "rows",
                        {{"seed", g.seed, ""}, {"sample", g.a, ""}, {"rows", g.b, ""}, {"draws", static_cast<double>(g.count), ""}}),
                  expected, "bootstrap");
}

Outcome golden(const Settings& settings) {
  Outcome outcome;
  std::ifstream file(settings.golden);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    std::stringstream in(line);
    Golden g;
    in >> g.what >> g.seed >> g.a >> g.b >> g.count;
    for (std::string value; in >> value;) g.values.push_back(value);
    if (!settings.quick || g.seed == 0) check_golden(outcome, g);
  }
  if (lines == 0) outcome.fail("no golden file at " + settings.golden);
  return outcome;
}

Outcome uniform(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  for (const double start : {0.0, 17.0, 4294967000.0, 1099511627776.0}) {
    const auto seed = static_cast<std::uint32_t>(random.next());
    const std::uint64_t count = 1000 * settings.scale + random.below(300);
    const auto results = run("philox.uniform", {{"seed", static_cast<double>(seed), ""}, {"start", start, ""}, {"count", static_cast<double>(count), ""}});
    const double* const got = result_of(results, "values").data<double>();
    for (std::uint64_t i = 0; i < count; ++i)
      outcome.compare(got[i], reference::uniform(seed, static_cast<std::uint64_t>(start) + i), 0, 0, "uniform", i);
    outcome.rows += count;
  }
  return outcome;
}

Outcome bootstrap(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  for (const std::uint64_t draws : {std::uint64_t{0}, std::uint64_t{1}, 1500 * settings.scale + 3}) {
    const auto seed = static_cast<std::uint32_t>(random.next());
    const auto sample = static_cast<std::uint32_t>(random.below(1000));
    const auto rows = static_cast<std::uint32_t>(1 + random.below(2147483647));
    compare_words(outcome,
                  words("philox.bootstrap", "rows",
                        {{"seed", static_cast<double>(seed), ""},
                         {"sample", static_cast<double>(sample), ""},
                         {"rows", static_cast<double>(rows), ""},
                         {"draws", static_cast<double>(draws), ""}}),
                  reference::bootstrap(seed, sample, rows, draws), "bootstrap");
  }
  return outcome;
}

Outcome permutation(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2048}, 5000 * settings.scale + 1}) {
    const auto rows = static_cast<std::uint32_t>(size);
    const auto seed = static_cast<std::uint32_t>(random.next());
    const double start = random.below(2) == 0 ? 0.0 : 8589934592.0;
    compare_words(outcome,
                  words("philox.permutation", "order",
                        {{"seed", static_cast<double>(seed), ""}, {"start", start, ""}, {"rows", static_cast<double>(rows), ""}}),
                  reference::permutation(seed, static_cast<std::uint64_t>(start), rows), "permutation");
  }
  return outcome;
}

Outcome parts(const Settings& settings) {
  Outcome outcome;
  const auto rows = static_cast<std::uint32_t>(3000 * settings.scale + 5);
  for (const std::vector<std::uint32_t>& cuts :
       {std::vector<std::uint32_t>{}, {rows / 4}, {0, rows / 3, rows / 3, rows / 2, rows, rows}}) {
    const std::vector<std::uint32_t> order = reference::permutation(7, 0, rows);
    std::vector<std::uint32_t> expected(rows);
    for (std::uint32_t k = 0; k < rows; ++k)
      for (const std::uint32_t cut : cuts) expected[order[k]] += cut <= k ? 1 : 0;
    compare_words(outcome,
                  words("philox.parts", "parts", {{"seed", 7, ""}, {"rows", static_cast<double>(rows), ""}},
                        {array_of("cuts", Type::u32, cuts)}),
                  expected, "parts");
  }
  return outcome;
}

}  // namespace

std::vector<Case> random_cases() {
  return {{"philox.golden", golden},
          {"philox.uniform", uniform},
          {"philox.bootstrap", bootstrap},
          {"philox.permutation", permutation},
          {"philox.parts", parts}};
}

}  // namespace warpframe::kernels::tests
