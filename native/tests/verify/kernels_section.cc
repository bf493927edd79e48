#include "kernels/host_run.hh"
#include "sections.hh"
#include "tests/kernels/cases.hh"

namespace warpframe::verify {

void check_kernels(Report& report, const Settings& settings) {
  namespace tests = kernels::tests;
  std::string why;
  const std::string device = kernels::device_name(&why);
  if (device.empty()) {
    report.add("kernels", "against their references", "all", Outcome::not_run(why), 0);
    return;
  }
  tests::Settings sizes;
  sizes.golden = settings.philox;
  sizes.scale = settings.scale;
  for (const auto& cases : {tests::random_cases(), tests::matrix_cases(), tests::forest_cases(), tests::neighbor_cases(),
                            tests::count_cases(), tests::refusal_cases()})
    for (const tests::Case& one : cases)
      report.check("kernels", "against their references", one.name, [&] {
        const tests::Outcome outcome = one.run(sizes);
        return outcome.ok ? Outcome::passed(std::to_string(outcome.rows) + " rows") : Outcome::failed(outcome.note);
      });
}

}  // namespace warpframe::verify
