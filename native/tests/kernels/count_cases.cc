#include "cases.hh"
#include "kernels/reference/reference.hh"

namespace warpframe::kernels::tests {
namespace {

enum class Weights { none, whole, real };

OwnColumn weights_of(Random& random, Weights kind, std::uint64_t rows) {
  if (kind == Weights::real) return random_column(random, Type::f64, rows, 0.05, false);
  OwnColumn column = random_codes(random, rows, 9, 0.05, false);
  return column;
}

/** Weighted sums come in any order: exact for whole weights, nearly so for others. */
double allowed(Weights kind) { return kind == Weights::real ? 1e-9 : 0; }

void compare_cells(Outcome& outcome, const std::vector<HostResult>& results, const std::vector<double>& expected, Weights kind) {
  const HostResult& got = result_of(results, "counts");
  if (got.length != expected.size()) return outcome.fail("another number of cells");
  // Weights of both signs may cancel: a cell is held against what went into it.
  for (std::size_t i = 0; i < expected.size(); ++i)
    outcome.compare(got.data<double>()[i], expected[i], allowed(kind), kind == Weights::real ? 1e-5 : 0, "cell", i);
}

Outcome confusion(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  for (const Weights kind : {Weights::none, Weights::whole, Weights::real}) {
    for (const std::uint32_t classes : {1u, 2u, 10u, 63u, 64u, 300u}) {
      // Enough rows once that several blocks add to the result.
      const std::uint64_t rows = (classes == 2 ? 9000 : 700) * settings.scale + random.below(300);
      std::vector<OwnColumn> own;
      own.push_back(random_codes(random, rows, classes, random.below(2) == 0 ? 0 : 0.1, true));
      own.push_back(random_codes(random, rows, classes, random.below(2) == 0 ? 0 : 0.1, true));
      if (kind != Weights::none) own.push_back(weights_of(random, kind, rows));
      std::vector<HostColumn> views;
      for (const OwnColumn& c : own) views.push_back(c.view);
      const auto results =
          run_on_device({"metrics.confusion", {views}, {}, {{"classes", static_cast<double>(classes), ""}}});
      compare_cells(outcome, results, reference::confusion(views, classes), kind);
      outcome.rows += rows;
    }
  }
  return outcome;
}

Outcome histogram(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed + 1);
  for (const Weights kind : {Weights::none, Weights::whole, Weights::real}) {
    for (const std::uint32_t bins : {1u, 7u, 1000u, 5000u}) {
      const std::uint64_t rows = 700 * settings.scale + random.below(300);
      std::vector<OwnColumn> own;
      own.push_back(random_column(random, random.below(2) == 0 ? Type::f32 : Type::f64, rows, 0.1, true));
      own.push_back(random_codes(random, rows, 3, 0.05, false));
      if (kind != Weights::none) own.push_back(weights_of(random, kind, rows));
      std::vector<HostColumn> views;
      for (const OwnColumn& c : own) views.push_back(c.view);
      const double low = random.between(-200, 0);
      const double high = random.between(1, 300);
      const auto results = run_on_device({"metrics.rocHistogram",
                                          {views},
                                          {},
                                          {{"bins", static_cast<double>(bins), ""},
                                           {"low", low, ""},
                                           {"high", high, ""},
                                           {"positive", 1, ""}}});
      compare_cells(outcome, results, reference::score_histogram(views, 1, low, high, bins), kind);
      outcome.rows += rows;
    }
  }
  return outcome;
}

}  // namespace

std::vector<Case> count_cases() { return {{"metrics.confusion", confusion}, {"metrics.rocHistogram", histogram}}; }

}  // namespace warpframe::kernels::tests
