#include "addon/device_probe.hh"
#include "sections.hh"

namespace warpframe::verify {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

bool check_device(Report& report, const Settings& settings) {
  const DeviceProbe probe = probe_devices();
  report.host = probe.host;
  report.facts.emplace_back("variant", WARPFRAME_VARIANT_NAME);
  if (probe.driver_version > 0) report.facts.emplace_back("driver", "for CUDA " + version_text(probe.driver_version));
  if (probe.runtime_version > 0) report.facts.emplace_back("CUDA runtime", version_text(probe.runtime_version));
  std::string names;
  for (const DeviceProperties& device : probe.devices) {
    names += (names.empty() ? "" : ", ") + device.name;
    if (!probe.host)
      report.facts.emplace_back("GPU " + std::to_string(device.id),
                                device.name + ", " + std::to_string(device.total_bytes >> 20) + " MiB, compute capability " +
                                    std::to_string(device.capability_major) + "." + std::to_string(device.capability_minor));
  }
  const bool there = probe.code == 0 && !probe.devices.empty();
  if (there) report.label = probe.host ? names : "GPU: " + names;
  const auto wanted = [&](const std::string& section) {
    for (const std::string& one : settings.only)
      if (one == section) return true;
    return settings.only.empty();
  };
  if (!wanted("addon")) return there;
  report.check("addon", "device", "sees a device", [&] {
    if (!there) return Outcome::not_run("CUDA answers " + probe.code_name + " (" + std::to_string(probe.code) + ")");
    for (const DeviceProperties& device : probe.devices)
      if (!probe.host && (device.total_bytes < std::uint64_t{1} << 28 || device.multiprocessors <= 0 || device.name.empty()))
        return Outcome::failed("device " + std::to_string(device.id) + " says nothing of itself");
    return Outcome::passed(names);
  });
  return there;
}

}  // namespace warpframe::verify
