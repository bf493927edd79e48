// kernels_test [--scale N] [--seed N] [--only PART] [--golden FILE]: a line of JSON per case, exit code 0 when all agree,
// 1 when one does not, 77 where there is no device. Runs on a GPU or, built with the simulator, on any machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "cases.hh"

#ifndef WARPFRAME_PHILOX_GOLDEN
#define WARPFRAME_PHILOX_GOLDEN "philox-golden.tsv"
#endif

namespace {

using namespace warpframe::kernels;
using namespace warpframe::kernels::tests;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 32 ? ' ' : c;
  }
  return out + "\"";
}

Outcome guarded(const Case& one, const Settings& settings) {
  try {
    return one.run(settings);
  } catch (const std::exception& error) {
    Outcome outcome;
    outcome.fail(error.what());
    return outcome;
  }
}

}  // namespace

int main(int count, char** values) {
  std::string why;
  const std::string device = device_name(&why);
  if (device.empty()) {
    std::printf("{\"device\":null,\"reason\":%s}\n", quoted(why).c_str());
    return 77;
  }
  Settings settings;
  settings.golden = WARPFRAME_PHILOX_GOLDEN;
  // A device is worth asking only with many rows.
  settings.scale = device == "simulated" ? 1 : 200;
#if defined(__SANITIZE_THREAD__)
  settings.quick = true;
#endif
  std::string only;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = values[i];
    if (option == "--scale") settings.scale = std::strtoull(values[i + 1], nullptr, 10);
    if (option == "--seed") settings.seed = std::strtoull(values[i + 1], nullptr, 10);
    if (option == "--only") only = values[i + 1];
    if (option == "--golden") settings.golden = values[i + 1];
  }
  std::vector<Case> all;
  for (const auto& group : {random_cases(), matrix_cases(), forest_cases(), neighbor_cases(), count_cases(), refusal_cases()})
    all.insert(all.end(), group.begin(), group.end());
  std::size_t ran = 0;
  std::size_t failed = 0;
  for (const Case& one : all) {
    if (one.name.find(only) == std::string::npos) continue;
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = guarded(one, settings);
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    ++ran;
    failed += outcome.ok ? 0 : 1;
    std::printf("{\"name\":%s,\"rows\":%llu,\"maxDifference\":%.9g,\"ok\":%s,\"ms\":%.1f,\"device\":%s%s%s}\n",
                quoted(one.name).c_str(), static_cast<unsigned long long>(outcome.rows), outcome.max_difference,
                outcome.ok ? "true" : "false", ms, quoted(device).c_str(), outcome.note.empty() ? "" : ",\"note\":",
                outcome.note.empty() ? "" : quoted(outcome.note).c_str());
    std::fflush(stdout);
  }
  if (ran == 0) std::fprintf(stderr, "No case is called '%s'.\n", only.c_str());
  return ran == 0 || failed > 0 ? 1 : 0;
}
