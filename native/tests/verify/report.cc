#include "report.hh"

#include <sys/utsname.h>

#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <thread>

#include "util/failure.hh"
#include "util/json_text.hh"

namespace warpframe::verify {
namespace {

constexpr std::size_t kKept = 50;
constexpr std::size_t kExamples = 3;

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

Facts machine() {
  Facts facts{{"processor", std::to_string(std::thread::hardware_concurrency()) + " × " + processor()}};
  utsname system{};
  if (uname(&system) == 0)
    facts.emplace_back("system", std::string(system.sysname) + " " + system.release + ", " + system.machine);
  return facts;
}

std::string named_values(const Facts& facts) {
  JsonList list;
  for (const auto& [name, value] : facts) list.raw(JsonObject().text("name", name).text("value", value).done());
  return list.done();
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

void Report::check(const std::string& section, const std::string& name, const std::string& what,
                   const std::function<Outcome()>& run) {
  const auto start = std::chrono::steady_clock::now();
  Outcome outcome;
  try {
    outcome = run();
  } catch (const Failure& failure) {
    outcome = Outcome::failed(failure.code + ": " + failure.message);
  } catch (const std::exception& error) {
    outcome = Outcome::failed(error.what());
  }
  add(section, name, what, outcome, since(start));
}

void Report::add(const std::string& section, const std::string& name, const std::string& what, const Outcome& outcome,
                 double ms) {
  Group& in = group(section, name);
  in.ms += ms;
  switch (outcome.status) {
    case Outcome::Status::passed:
      ++in.passed;
      ++passed_;
      if (!outcome.text.empty() && in.notes.size() < kKept) in.notes.push_back(what + ": " + outcome.text);
      return;
    case Outcome::Status::failed:
      ++in.failed;
      ++failed_;
      if (in.failures.size() < kKept) in.failures.emplace_back(what, outcome.text);
      std::fprintf(stderr, "  ✗ %s: %s: %s\n", name.c_str(), what.c_str(), outcome.text.c_str());
      return;
    case Outcome::Status::not_run: break;
  }
  ++not_run_;
  for (auto& [why, names] : in.not_run)
    if (why == outcome.text) return names.push_back(what);
  in.not_run.push_back({outcome.text, {what}});
}

Report::Group& Report::group(const std::string& section, const std::string& name) {
  for (Group& one : groups_)
    if (one.section == section && one.name == name) return one;
  return groups_.emplace_back(Group{section, name, 0, 0, 0, {}, {}, {}});
}

std::string Report::json() const {
  JsonList groups;
  for (const Group& g : groups_) {
    JsonList not_run;
    for (const auto& [why, names] : g.not_run) {
      JsonList examples;
      for (std::size_t i = 0; i < names.size() && i < kExamples; ++i) examples.raw(json_quote(names[i]));
      not_run.raw(JsonObject().text("reason", why).number("count", std::uint64_t{names.size()}).raw("examples", examples.done()).done());
    }
    JsonList failures;
    for (const auto& [name, message] : g.failures) failures.raw(JsonObject().text("name", name).text("message", message).done());
    JsonList notes;
    for (const std::string& note : g.notes) notes.raw(json_quote(note));
    groups.raw(JsonObject()
                   .text("section", g.section)
                   .text("name", g.name)
                   .number("passed", g.passed)
                   .number("failed", g.failed)
                   .raw("notRun", not_run.done())
                   .number("ms", g.ms)
                   .raw("failures", failures.done())
                   .raw("notes", notes.done())
                   .done());
  }
  JsonObject set;
  for (const auto& [name, value] : settings) set.text(name, value);
  const std::string engine = JsonObject()
                                 .raw("label", label.empty() ? "null" : json_quote(label))
                                 .flag("host", host)
                                 .raw("reason", reason.empty() ? "null" : json_quote(reason))
                                 .raw("facts", named_values(facts))
                                 .done();
  const std::string totals = JsonObject().number("passed", passed_).number("failed", failed_).number("notRun", not_run_).done();
  return JsonObject()
      .number("format", std::uint64_t{1})
      .text("tool", "warpframe_verify")
      .text("version", WARPFRAME_VERSION)
      .text("date", now())
      .raw("engine", engine)
      .raw("machine", named_values(machine()))
      .raw("settings", set.done())
      .raw("totals", totals)
      .flag("ok", failed_ == 0 && passed_ > 0)
      .number("ms", since(started_))
      .raw("groups", groups.done())
      .raw("bench", "[]")
      .raw("wins", "[]")
      .done();
}

}  // namespace warpframe::verify
