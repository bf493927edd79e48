// The report of a verification without Node: the shape of ts/verify/report.ts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace warpframe::verify {

struct Outcome {
  enum class Status : std::uint8_t { passed, failed, not_run };
  Status status = Status::passed;
  /** Why it failed or did not run; of one that passed, something worth noting. */
  std::string text;

  static Outcome passed(std::string note = {}) { return {Status::passed, std::move(note)}; }
  static Outcome failed(std::string why) { return {Status::failed, std::move(why)}; }
  static Outcome not_run(std::string why) { return {Status::not_run, std::move(why)}; }
};

using Facts = std::vector<std::pair<std::string, std::string>>;

class Report {
 public:
  /** Runs a check, prints it, keeps what came of it. What it throws is a failure. */
  void check(const std::string& section, const std::string& group, const std::string& name,
             const std::function<Outcome()>& run);
  void add(const std::string& section, const std::string& group, const std::string& name, const Outcome& outcome, double ms);

  std::string label;  // of the engine; empty: none
  bool host = false;
  std::string reason;  // why no plans could run; empty: they could
  Facts facts;
  Facts settings;

  std::uint64_t passed() const { return passed_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t not_run() const { return not_run_; }
  std::string json() const;

 private:
  struct Group {
    std::string section;
    std::string name;
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    double ms = 0;
    std::vector<std::pair<std::string, std::string>> failures;
    std::vector<std::pair<std::string, std::vector<std::string>>> not_run;  // reason, names
    std::vector<std::string> notes;
  };
  Group& group(const std::string& section, const std::string& name);

  std::vector<Group> groups_;
  std::uint64_t passed_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t not_run_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace warpframe::verify
