// kernels_bench [--rows N] [--repeats N] [--only PART]: milliseconds of each kernel, columns on the device before and
// results left there, a line of JSON each. On the simulator it only shows that it runs: the lines say "simulated" and have no times.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "cases.hh"
#include "kernels/table.hh"
#include "util/failure.hh"

namespace {

using namespace warpframe::kernels;
using namespace warpframe::kernels::tests;

/** What is timed: an entry of the table over columns on the device. */
struct Bench {
  std::string name;
  std::string_view kernel;
  std::vector<std::vector<OwnColumn>> tables;
  std::vector<HostArray> arrays;
  std::vector<Parameter> parameters;
  std::uint64_t rows;
  std::uint64_t bytes;  // that must be read and written at least
};

/** Numbers that arrays of benches point at. */
struct Held {
  std::vector<std::vector<std::uint32_t>> words;
  std::vector<std::vector<double>> doubles;
  std::vector<std::vector<std::int64_t>> longs;
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<std::vector<float>> floats;
};

std::vector<OwnColumn> columns_of(Random& random, Type type, std::uint64_t rows, std::size_t count) {
  std::vector<OwnColumn> columns;
  for (std::size_t j = 0; j < count; ++j) columns.push_back(random_column(random, type, rows, 0.01, false));
  return columns;
}

/** Complete trees of a depth on `features` features. */
void add_trees(Held& held, Random& random, std::uint32_t trees, std::uint32_t depth, std::uint32_t features) {
  std::vector<std::uint32_t> nodes;
  std::vector<std::uint32_t> roots;
  const std::uint32_t nan = 0x7fc00000u;
  for (std::uint32_t t = 0; t < trees; ++t) {
    const auto root = static_cast<std::uint32_t>(nodes.size() / 4);
    roots.push_back(root);
    const std::uint32_t inner = (1u << depth) - 1;
    for (std::uint32_t i = 0; i < 2 * inner + 1; ++i) {
      const float value = static_cast<float>(random.between(-1000, 1000));
      std::uint32_t bits = 0;
      static_assert(sizeof bits == sizeof value);
      std::copy_n(reinterpret_cast<const unsigned char*>(&value), 4, reinterpret_cast<unsigned char*>(&bits));
      if (i < inner)
        nodes.insert(nodes.end(), {bits, static_cast<std::uint32_t>(random.below(features)), root + 2 * i + 1, 0});
      else
        nodes.insert(nodes.end(), {nan, 0x80000000u, root + i, bits});
    }
  }
  held.words.push_back(std::move(nodes));
  held.words.push_back(std::move(roots));
  held.floats.push_back({0.5f});
}

std::vector<Bench> benches(Held& held, std::uint64_t rows) {
  Random random(1);
  std::vector<Bench> out;
  const auto count = static_cast<double>(rows);
  constexpr std::size_t kFeatures = 28;
  held.words.reserve(8);
  std::vector<std::uint32_t> sources(kFeatures);
  for (std::uint32_t j = 0; j < kFeatures; ++j) sources[j] = j;
  held.words.push_back(sources);
  held.bytes.push_back(std::vector<std::uint8_t>(kFeatures, 0));
  held.doubles.push_back(std::vector<double>(kFeatures, 0.5));
  held.longs.push_back(std::vector<std::int64_t>(kFeatures, 0));
  for (const std::string_view layout : {"row", "column"}) {
    Bench b{"matrix.fromTable " + std::string(layout), "matrix.fromTable", {}, {}, {{"layout", 0, layout}}, rows,
            rows * kFeatures * 12};
    b.tables.push_back(columns_of(random, Type::f64, rows, kFeatures));
    b.arrays = {array_of("columns", Type::u32, held.words[0]),   array_of("kinds", Type::u8, held.bytes[0]),
                array_of("fills", Type::f64, held.doubles[0]),   array_of("shifts", Type::f64, held.doubles[0]),
                array_of("scales", Type::f64, held.doubles[0]), array_of("categories", Type::i64, held.longs[0])};
    out.push_back(std::move(b));
  }
  out.push_back({"philox.uniform", "philox.uniform", {}, {}, {{"seed", 1, ""}, {"count", count, ""}}, rows, 8 * rows});
  out.push_back({"philox.bootstrap", "philox.bootstrap", {}, {},
                 {{"seed", 1, ""}, {"sample", 0, ""}, {"rows", count, ""}, {"draws", count, ""}}, rows, 4 * rows});
  out.push_back({"philox.permutation", "philox.permutation", {}, {}, {{"seed", 1, ""}, {"rows", count, ""}}, rows,
                 rows * 12 * 2 * 7});
  add_trees(held, random, 100, 6, kFeatures);
  Bench forest{"forest.predict 100 trees of depth 6", "forest.predict", {}, {}, {{"outputs", 1, ""}}, rows, rows * kFeatures * 4};
  forest.tables.push_back(columns_of(random, Type::f32, rows, kFeatures));
  forest.arrays = {array_of("nodes", Type::u32, held.words[1]), array_of("roots", Type::u32, held.words[2]),
                   array_of("base", Type::f32, held.floats[0])};
  out.push_back(std::move(forest));
  for (const std::string_view metric : {"euclidean", "cosine"}) {
    const std::uint64_t queries = std::max<std::uint64_t>(1, rows / 100);
    Bench b{"neighbors.topK " + std::string(metric) + " 64 columns, k 10", "neighbors.topK", {}, {},
            {{"k", 10, ""}, {"metric", 0, metric}}, queries, (rows + queries) * 64 * 4};
    b.tables.push_back(columns_of(random, Type::f32, rows, 64));
    b.tables.push_back(columns_of(random, Type::f32, queries, 64));
    out.push_back(std::move(b));
  }
  Bench confusion{"metrics.confusion 10 classes", "metrics.confusion", {}, {}, {{"classes", 10, ""}}, rows, 8 * rows};
  confusion.tables.emplace_back();
  for (int i = 0; i < 2; ++i) confusion.tables[0].push_back(random_codes(random, rows, 10, 0, false));
  out.push_back(std::move(confusion));
  Bench histogram{"metrics.rocHistogram 1,000 bins", "metrics.rocHistogram", {}, {},
                  {{"bins", 1000, ""}, {"low", -1000, ""}, {"high", 1000, ""}, {"positive", 1, ""}}, rows, 12 * rows};
  histogram.tables.push_back(columns_of(random, Type::f64, rows, 1));
  histogram.tables[0].push_back(random_codes(random, rows, 2, 0, false));
  out.push_back(std::move(histogram));
  return out;
}

/** Gives every run the blocks of the one before, as an engine's memory pool does. */
class ReusedMemory : public Memory {
 public:
  explicit ReusedMemory(PlainMemory& below) : below_(below) {}
  void* allocate(std::size_t bytes) override {
    if (next_ == blocks_.size()) blocks_.push_back(below_.allocate(bytes));
    return blocks_[next_++];
  }
  void upload(void* to, const void* from, std::size_t bytes) override { below_.upload(to, from, bytes); }
  void rewind() { next_ = 0; }

 private:
  PlainMemory& below_;
  std::vector<void*> blocks_;
  std::size_t next_ = 0;
};

/** The same call asks for the same blocks each time. */
double run_once(const Bench& bench, const std::vector<TableView>& tables, PlainMemory& memory, ReusedMemory& reused) {
  reused.rewind();
  Call call{memory.stream(), reused, tables, bench.arrays, bench.parameters, {}, {}};
  const auto start = std::chrono::steady_clock::now();
  run_entry(*find_entry(bench.kernel), call);
  memory.synchronize();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void run(const Bench& bench, bool simulated, const std::string& device, std::size_t repeats) {
  PlainMemory memory;
  std::vector<std::vector<Column>> columns(bench.tables.size());
  std::vector<TableView> tables;
  for (std::size_t t = 0; t < bench.tables.size(); ++t) {
    for (const OwnColumn& c : bench.tables[t]) {
      void* const data = memory.allocate(c.bytes.size());
      memory.upload(data, c.bytes.data(), c.bytes.size());
      std::uint32_t* mask = nullptr;
      if (!c.view.mask.empty()) {
        mask = memory.make<std::uint32_t>(c.view.mask.size());
        memory.upload(mask, c.view.mask.data(), 4 * c.view.mask.size());
      }
      columns[t].push_back({data, mask, c.view.mask_offset, c.view.rows, c.view.type, 0});
    }
    tables.push_back({columns[t], bench.tables[t][0].view.rows});
  }
  memory.synchronize();
  ReusedMemory reused(memory);
  (void)run_once(bench, tables, memory, reused);  // loads the kernels
  if (simulated) {
    std::printf("{\"name\":\"%s\",\"rows\":%llu,\"device\":\"simulated\"}\n", bench.name.c_str(),
                static_cast<unsigned long long>(bench.rows));
    return;
  }
  std::vector<double> times;
  for (std::size_t i = 0; i < repeats; ++i) times.push_back(run_once(bench, tables, memory, reused));
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf("{\"name\":\"%s\",\"rows\":%llu,\"medianMs\":%.4f,\"leastMs\":%.4f,\"gigabytesPerSecond\":%.1f,\"device\":\"%s\"}\n",
              bench.name.c_str(), static_cast<unsigned long long>(bench.rows), median, times[0],
              static_cast<double>(bench.bytes) / median / 1e6, device.c_str());
}

}  // namespace

int main(int count, char** values) {
  std::string why;
  const std::string device = device_name(&why);
  if (device.empty()) {
    std::printf("{\"device\":null,\"reason\":\"%s\"}\n", why.c_str());
    return 77;
  }
  const bool simulated = device == "simulated";
  std::uint64_t rows = simulated ? 2000 : 10'000'000;
  std::size_t repeats = 11;
  std::string only;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = values[i];
    if (option == "--rows") rows = std::max(1ull, std::strtoull(values[i + 1], nullptr, 10));
    if (option == "--repeats") repeats = std::max(1ull, std::strtoull(values[i + 1], nullptr, 10));
    if (option == "--only") only = values[i + 1];
  }
  try {
    Held held;
    for (const Bench& bench : benches(held, rows)) {
      if (bench.name.find(only) == std::string::npos) continue;
      run(bench, simulated, device, repeats);
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
