// warpframe_verify [--only addon,kernels,plans,drills] [--library FILE] [--rapids FOLDER] [--out FILE] [--plans FILE]
//                  [--philox FILE] [--scale N] [--rounds N]
// Checks a GPU without Node and writes a report in the shape of `warpframe verify-gpu` (ts/verify/report.ts). Ends with 0
// where everything that ran passed, 1 where something failed, 77 where nothing could run, 2 for a wrong argument.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sections.hh"

namespace {

using warpframe::verify::Report;
using warpframe::verify::Settings;

constexpr int kNothingRan = 77;
constexpr const char* kSections[] = {"addon", "kernels", "plans", "drills"};

bool split(const std::string& text, std::vector<std::string>& out) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, comma - at);
    bool known = false;
    for (const char* const section : kSections) known = known || name == section;
    if (!known) {
      std::fprintf(stderr, "--only has the section \"%s\". Sections: addon, kernels, plans, drills.\n", name.c_str());
      return false;
    }
    out.push_back(name);
    at = comma + 1;
  }
  return true;
}

bool wanted(const Settings& settings, const std::string& section) {
  return settings.only.empty() || std::find(settings.only.begin(), settings.only.end(), section) != settings.only.end();
}

}  // namespace

int main(int count, char** values) {
  Settings settings;
  settings.plans = WARPFRAME_PLANS;
  settings.philox = WARPFRAME_PHILOX_GOLDEN;
  const auto beside = std::filesystem::absolute(std::filesystem::path(values[0])).parent_path().parent_path() / "libwarpframe_cudf.so";
  if (std::filesystem::exists(beside)) settings.library = beside;
  std::string out = "report.json";
  bool scaled = false;
  for (int i = 1; i < count; ++i) {
    const std::string option = values[i];
    if (i + 1 == count) {
      std::fprintf(stderr, "%s needs a value, or is no option.\n", option.c_str());
      return 2;
    }
    const std::string value = values[++i];
    if (option == "--only") {
      if (!split(value, settings.only)) return 2;
    } else if (option == "--library") {
      settings.library = std::filesystem::absolute(value);
    } else if (option == "--rapids") {
      settings.rapids = value;
    } else if (option == "--out") {
      out = value;
    } else if (option == "--plans") {
      settings.plans = value;
    } else if (option == "--philox") {
      settings.philox = value;
    } else if (option == "--scale" || option == "--rounds") {
      char* end = nullptr;
      const unsigned long number = std::strtoul(value.c_str(), &end, 10);
      if (number == 0 || *end != 0) {
        std::fprintf(stderr, "%s takes a whole number from 1. Got \"%s\".\n", option.c_str(), value.c_str());
        return 2;
      }
      if (option == "--scale") settings.scale = number;
      else settings.rounds = static_cast<int>(number);
      scaled = scaled || option == "--scale";
    } else {
      std::fprintf(stderr, "There is no option %s.\n", option.c_str());
      return 2;
    }
  }
  Report report;
  const bool there = warpframe::verify::check_device(report, settings);
  // A device is worth asking only with many rows.
  if (!scaled && there && !report.host) settings.scale = 200;
  report.settings = {{"scale", std::to_string(settings.scale)}, {"rounds", std::to_string(settings.rounds)}};
  std::fprintf(stderr, "On %s\n", report.label.empty() ? "no GPU" : report.label.c_str());
  if (wanted(settings, "kernels")) warpframe::verify::check_kernels(report, settings);
  if (there) warpframe::verify::check_engine(report, settings);
  else report.reason = "there is no device";
  std::ofstream(out) << report.json() << "\n";
  std::printf("%llu passed, %llu failed, %llu not run%s: %s\n", static_cast<unsigned long long>(report.passed()),
              static_cast<unsigned long long>(report.failed()), static_cast<unsigned long long>(report.not_run()),
              report.host ? " (host-cudf, not a GPU)" : "", out.c_str());
  if (report.failed() > 0) return 1;
  return report.passed() > 0 ? 0 : kNothingRan;
}
