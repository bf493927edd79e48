// What a kernel must not be given is refused before anything is launched, with a code and a sentence.
#include <bit>
#include <limits>

#include "cases.hh"
#include "kernels/forest.cuh"
#include "util/failure.hh"

namespace warpframe::kernels::tests {
namespace {

void refused(Outcome& outcome, const HostCall& call, const std::string& code, const std::string& part) {
  ++outcome.rows;
  try {
    (void)run_on_device(call);
    outcome.fail("not refused: " + part);
  } catch (const Failure& failure) {
    if (failure.code != code || failure.message.find(part) == std::string::npos)
      outcome.fail("expected " + code + " with '" + part + "', got " + failure.code + ": " + failure.message);
  }
}

Outcome numbers(const Settings&) {
  Outcome outcome;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused(outcome, {"no.such", {}, {}, {}}, "ERR_PARAMETER", "no kernel 'no.such'");
  refused(outcome, {"philox.uniform", {}, {}, {{"seed", 1, ""}}}, "ERR_PARAMETER", "'count'");
  refused(outcome, {"philox.uniform", {}, {}, {{"seed", -1, ""}, {"count", 1, ""}}}, "ERR_PARAMETER", "Got -1");
  refused(outcome, {"philox.uniform", {}, {}, {{"seed", 1, ""}, {"count", 1.5, ""}}}, "ERR_PARAMETER", "Got 1.5");
  refused(outcome, {"philox.uniform", {}, {}, {{"seed", 1, ""}, {"count", nan, ""}}}, "ERR_PARAMETER", "'count'");
  refused(outcome, {"philox.bootstrap", {}, {}, {{"seed", 1, ""}, {"sample", 0, ""}, {"rows", 0, ""}, {"draws", 1, ""}}},
          "ERR_PARAMETER", "'rows'");
  const std::vector<std::uint32_t> cuts{5, 2};
  refused(outcome, {"philox.parts", {}, {array_of("cuts", Type::u32, cuts)}, {{"seed", 1, ""}, {"rows", 9, ""}}},
          "ERR_PARAMETER", "ascend");
  // What a kernel does not know is a mistake, not ignored.
  refused(outcome, {"philox.uniform", {}, {}, {{"seed", 1, ""}, {"count", 1, ""}, {"strat", 5, ""}}}, "ERR_PARAMETER",
          "no parameter 'strat'");
  refused(outcome, {"philox.uniform", {}, {array_of("cuts", Type::u32, cuts)}, {{"seed", 1, ""}, {"count", 1, ""}}},
          "ERR_PARAMETER", "no array 'cuts'");
  return outcome;
}

Outcome columns(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  const OwnColumn floats = random_column(random, Type::f64, 10, 0, false);
  const OwnColumn codes = random_codes(random, 10, 3, 0, false);
  const OwnColumn fewer = random_codes(random, 9, 3, 0, false);
  refused(outcome, {"metrics.confusion", {{codes.view, floats.view}}, {}, {{"classes", 3, ""}}}, "ERR_DTYPE", "f64");
  refused(outcome, {"metrics.confusion", {{codes.view, fewer.view}}, {}, {{"classes", 3, ""}}}, "ERR_SHAPE", "9 and 10 rows");
  refused(outcome, {"metrics.confusion", {{codes.view}}, {}, {{"classes", 3, ""}}}, "ERR_SHAPE", "2 columns");
  refused(outcome, {"metrics.rocHistogram", {{floats.view, codes.view}}, {}, {{"bins", 3, ""}, {"low", 1, ""}, {"high", 1, ""}}},
          "ERR_PARAMETER", "below");
  refused(outcome, {"neighbors.topK", {{floats.view}}, {}, {{"k", 1, ""}}}, "ERR_PARAMETER", "2 tables");
  refused(outcome, {"metrics.confusion", {{codes.view, codes.view}, {codes.view}}, {}, {{"classes", 3, ""}}}, "ERR_PARAMETER",
          "takes 1 tables. Got 2");
  refused(outcome, {"neighbors.topK", {{floats.view}, {floats.view, floats.view}}, {}, {{"k", 1, ""}}}, "ERR_SHAPE", "queries 2");
  refused(outcome, {"neighbors.topK", {{floats.view}, {floats.view}}, {}, {{"k", 1, ""}, {"metric", 0, "dot"}}}, "ERR_PARAMETER",
          "'cosine'");
  return outcome;
}

/** One split on feature 0 with two leaves, then what is changed about it. */
Outcome trees(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  const OwnColumn column = random_column(random, Type::f32, 10, 0, false);
  const std::uint32_t nan = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN());
  const std::uint32_t leaf = TreeNode::kMissingLeft;
  const std::vector<std::uint32_t> good{0, 0, 1, 0, nan, leaf, 1, 0, nan, leaf, 2, 0};
  const std::vector<std::uint32_t> root{0};
  const std::vector<std::uint32_t> far{7};
  const std::vector<std::uint32_t> group{4};
  const std::vector<float> base{0};
  const auto attempt = [&](std::size_t word, std::uint32_t value, const char* part, const std::vector<std::uint32_t>& roots,
                           const std::vector<std::uint32_t>& groups) {
    std::vector<std::uint32_t> nodes = good;
    nodes[word] = value;
    HostCall call{"forest.predict",
                  {{column.view}},
                  {array_of("nodes", Type::u32, nodes), array_of("roots", Type::u32, roots), array_of("base", Type::f32, base)},
                  {{"outputs", 1, ""}}};
    if (!groups.empty()) call.arrays.push_back(array_of("groups", Type::u32, groups));
    refused(outcome, call, "ERR_PARAMETER", part);
  };
  attempt(1, 1, "feature 1 of 1", root, {});
  attempt(2, 2, "not behind it", root, {});
  attempt(2, 0, "no leaf", root, {});
  attempt(6, 0, "not behind it", root, {});
  attempt(4, 0, "no leaf", root, {});
  attempt(5, 0, "no leaf", root, {});
  attempt(1, TreeNode::kCategorical, "set at 0", root, {});
  attempt(0, 0, "begins at node 7", far, {});
  attempt(0, 0, "output 4 of 1", root, group);
  return outcome;
}

}  // namespace

std::vector<Case> refusal_cases() {
  return {{"refusals: numbers", numbers}, {"refusals: columns", columns}, {"refusals: trees", trees}};
}

}  // namespace warpframe::kernels::tests
