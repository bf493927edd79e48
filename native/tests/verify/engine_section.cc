#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "addon/engine_library.hh"
#include "columns.hh"
#include "sections.hh"
#include "util/failure.hh"

namespace warpframe::verify {
namespace {

using plan::Json;

/** What libcudf needs, in the order in which it is opened. */
constexpr const char* kNeeded[] = {"libnvJitLink.so.", "libnvrtc.so.", "librapids_logger.so", "librmm.so",
                                   "libkvikio.so",     "libnvcomp.so.", "libcudf.so"};

std::vector<std::string> libraries_in(const std::string& folder) {
  std::vector<std::string> found;
  if (folder.empty()) return found;
  for (const std::string name : kNeeded) {
    std::string best;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const std::string file = entry.path().filename();
      const bool fits = name.ends_with('.') ? file.starts_with(name) && file.find('.', name.size()) == std::string::npos : file == name;
      if (fits && (best.empty() || entry.path().string() < best)) best = std::filesystem::absolute(entry.path());
    }
    if (best.empty()) throw Failure("ERR_MISSING_DEPENDENCY", folder + " holds no " + name);
    found.push_back(best);
  }
  return found;
}

/** An engine library with a device open; errors become Failures. */
class Engine {
 public:
  explicit Engine(const wf_engine_api& api) : api_(api) {
    run_.cancelled = &cancelled_;
    run_.memory_limit_bytes = UINT64_MAX;
    run_.seed = 1;
    call([&](wf_error* e) { return api.open(R"({"deviceId":0})", &engine_, e); });
  }
  ~Engine() { api_.close(engine_); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  template <class Function>
  void call(Function&& function) const {
    wf_error error{};
    if (function(&error) == 0) return;
    const Failure failure(error.code, error.message ? error.message : "", error.detail ? error.detail : "{}");
    api_.free_text(error.message);
    api_.free_text(error.detail);
    throw failure;
  }
  using Table = std::unique_ptr<wf_table, void (*)(wf_table*)>;
  using Slab = std::unique_ptr<wf_slab, void (*)(wf_slab*)>;

  Table upload(const std::string& schema, const std::vector<ColumnView>& columns) const {
    const ArrowBatch batch(columns);
    const ArrowArray* const arrays[] = {batch.array()};
    wf_table* table = nullptr;
    call([&](wf_error* e) { return api_.upload(engine_, &run_, schema.c_str(), arrays, 1, &table, e); });
    return {table, api_.release_table};
  }
  Table execute(const std::string& plan, const std::vector<wf_table_ref>& tables, const wf_run& run) const {
    wf_table* table = nullptr;
    char* trace = nullptr;
    call([&](wf_error* e) { return api_.execute(engine_, &run, plan.c_str(), tables.data(), tables.size(), &table, &trace, e); });
    api_.free_text(trace);
    return {table, api_.release_table};
  }
  Slab download(const wf_table* table) const {
    std::int64_t rows = 0;
    std::uint64_t bytes = 0;
    api_.table_info(table, &rows, &bytes);
    wf_slab* slab = nullptr;
    call([&](wf_error* e) { return api_.download(table, &run_, nullptr, 0, rows, &slab, e); });
    return {slab, api_.release_slab};
  }
  std::string why_not(const std::string& plan) const {
    char* sentence = nullptr;
    call([&](wf_error* e) { return api_.why_not(plan.c_str(), &sentence, e); });
    const std::string text = sentence ? sentence : "";
    api_.free_text(sentence);
    return text;
  }
  std::int64_t memory(const char* figure) const {
    char* json = nullptr;
    call([&](wf_error* e) { return api_.memory_info(engine_, &json, e); });
    const Json info = Json::parse(json);
    api_.free_text(json);
    return info.at(figure).as_int64();
  }
  const wf_run& run() const { return run_; }

 private:
  const wf_engine_api& api_;
  wf_engine* engine_ = nullptr;
  std::int32_t cancelled_ = 0;
  wf_run run_{};
};

/** A line of the goldens. */
struct Golden {
  Json json;
  std::string plan;
};

/** The text of a member of a line: plans and schemas travel as text. */
std::string member_text(const std::string& line, std::string_view key) {
  const std::string mark = "\"" + std::string(key) + "\":";
  const std::size_t at = line.find(mark);
  if (at == std::string::npos) throw Failure("ERR_CORRUPT_FILE", "A line of the plans has no " + std::string(key));
  std::size_t end = at + mark.size();
  int depth = 0;
  for (bool quoted = false; end < line.size(); ++end) {
    const char c = line[end];
    if (quoted) {
      if (c == '\\') ++end;
      else if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) break;
  }
  return line.substr(at + mark.size(), end + 1 - at - mark.size());
}

struct Goldens {
  Bytes bytes;
  std::map<std::int64_t, std::pair<std::string, std::vector<ColumnView>>> tables;  // schema, columns
  std::vector<Golden> plans;
};

Goldens read_goldens(const std::string& path) {
  Goldens out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    Json json = Json::parse(line);
    if (const Json* const number = json.find("table"))
      out.tables[number->as_int64()] = {member_text(line, "schema"), golden_columns(json.at("columns"), json.at("schema"), out.bytes)};
    else
      out.plans.push_back({std::move(json), member_text(line, "plan")});
  }
  if (out.plans.empty()) throw Failure("ERR_FILE_NOT_FOUND", path + " holds no plans");
  return out;
}

struct Resident {
  std::vector<Engine::Table> owned;
  std::vector<wf_table_ref> refs;
};

Resident uploaded(const Engine& engine, const Goldens& goldens) {
  Resident out;
  for (const auto& [number, table] : goldens.tables) {
    out.owned.push_back(engine.upload(table.first, table.second));
    out.refs.push_back({number, out.owned.back().get()});
  }
  return out;
}

Outcome run_golden(const Engine& engine, const Golden& golden, const Resident& tables) {
  const std::string refused = engine.why_not(golden.plan);
  if (!refused.empty()) return Outcome::not_run(refused);
  const Json* const error = golden.json.find("error");
  try {
    const Engine::Table result = engine.execute(golden.plan, tables.refs, engine.run());
    if (error) return Outcome::failed("rows instead of " + error->as_text());
    const Engine::Slab slab = engine.download(result.get());
    Bytes bytes;
    const Json& schema = golden.json.at("schema");
    const std::string different =
        difference(slab_columns(*slab, schema), golden_columns(golden.json.at("expected"), schema, bytes), schema);
    return different.empty() ? Outcome::passed() : Outcome::failed(different);
  } catch (const Failure& failure) {
    if (error && failure.code == error->as_text()) return Outcome::passed();
    throw;
  }
}

const Golden& plan_named(const Goldens& goldens, std::string_view name) {
  for (const Golden& golden : goldens.plans)
    if (golden.json.at("name").as_text() == name) return golden;
  throw Failure("ERR_CORRUPT_FILE", "The plans lack " + std::string(name));
}

constexpr const char* kWork = "sorts: several keys";

Outcome too_little_memory(const Engine& engine, const Goldens& goldens, const Resident& tables) {
  wf_run small = engine.run();
  small.memory_limit_bytes = 500;
  const Golden& golden = plan_named(goldens, kWork);
  try {
    engine.execute(golden.plan, tables.refs, small);
    return Outcome::failed("a run fits into 500 bytes");
  } catch (const Failure& failure) {
    if (failure.code != "ERR_OUT_OF_MEMORY") return Outcome::failed(failure.code + ": " + failure.message);
    const Json detail = Json::parse(failure.detail);
    for (const char* figure : {"requestedBytes", "usedBytes", "limitBytes"})
      if (!detail.find(figure)) return Outcome::failed(std::string("the error does not say ") + figure);
  }
  return run_golden(engine, golden, tables);
}

Outcome cancelled(const Engine& engine, const Goldens& goldens, const Resident& tables) {
  const std::int32_t yes = 1;
  wf_run stopped = engine.run();
  stopped.cancelled = &yes;
  const Golden& golden = plan_named(goldens, kWork);
  try {
    engine.execute(golden.plan, tables.refs, stopped);
    return Outcome::failed("a cancelled run gave rows");
  } catch (const Failure& failure) {
    if (failure.code != "ERR_ABORTED") return Outcome::failed(failure.code + ": " + failure.message);
  }
  return run_golden(engine, golden, tables);
}

Outcome leaks(const Engine& engine, const Goldens& goldens, int rounds) {
  const auto round = [&] {
    const Resident tables = uploaded(engine, goldens);
    for (const Golden& golden : goldens.plans)
      if (run_golden(engine, golden, tables).status == Outcome::Status::failed) throw Failure("ERR_INTERNAL", "A plan failed.");
  };
  round();
  const std::int64_t used = engine.memory("usedBytes");
  const std::int64_t external = engine.memory("liveExternalBytes");
  for (int i = 0; i < rounds; ++i) round();
  const std::int64_t more = engine.memory("usedBytes") - used;
  const std::int64_t pinned = engine.memory("liveExternalBytes") - external;
  const std::string queries = std::to_string(static_cast<std::size_t>(rounds) * goldens.plans.size()) + " plans";
  if (more > 0 || pinned > 0)
    return Outcome::failed(std::to_string(more) + " bytes on the device and " + std::to_string(pinned) + " in page-locked memory are left of " + queries);
  return Outcome::passed(queries);
}

bool wanted(const Settings& settings, std::string_view section) {
  for (const std::string& one : settings.only)
    if (one == section) return true;
  return settings.only.empty();
}

}  // namespace

void check_engine(Report& report, const Settings& settings) {
  const bool plans = wanted(settings, "plans");
  const bool drills = wanted(settings, "drills");
  if (!plans && !drills) return;
  try {
    if (settings.library.empty()) throw Failure("ERR_MISSING_DEPENDENCY", "no engine library was named (--library) or built beside this program");
    const wf_engine_api& api = open_engine_library(libraries_in(settings.rapids), settings.library);
    const Json about = Json::parse(api.describe());
    report.facts.emplace_back(about.at("library").as_text(), about.at("version").as_text() + ", " + settings.library);
    // The device's own thread is this one.
    const Engine engine(api);
    const Goldens goldens = read_goldens(settings.plans);
    {
      const Resident tables = uploaded(engine, goldens);
      for (const Golden& golden : goldens.plans) {
        if (!plans) break;
        const std::string& name = golden.json.at("name").as_text();
        report.check("plans", name.substr(0, name.find(':')), name, [&] { return run_golden(engine, golden, tables); });
      }
      if (!drills) return;
      report.check("drills", "memory", "a limit that is too low", [&] { return too_little_memory(engine, goldens, tables); });
      report.check("drills", "cancel", "a run that is stopped", [&] { return cancelled(engine, goldens, tables); });
    }
    report.check("drills", "leaks", "many plans leave nothing", [&] { return leaks(engine, goldens, settings.rounds); });
  } catch (const Failure& failure) {
    report.reason = failure.message;
    const Outcome outcome = failure.code == "ERR_MISSING_DEPENDENCY" ? Outcome::not_run(failure.message)
                                                                     : Outcome::failed(failure.code + ": " + failure.message);
    report.add(plans ? "plans" : "drills", "engine library", "opens", outcome, 0);
  }
}

}  // namespace warpframe::verify
