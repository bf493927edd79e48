// One std::thread per CUDA thread, for ThreadSanitizer. Blocks are dealt out to groups of threads that share nothing, so
// that a race between blocks is seen like one between lanes.
#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "sim/cuda/lanes.hh"
#include "sim/cuda/schedule.hh"

namespace warpframe::sim {
namespace {

/** Threads of all groups together, where one block does not need more. */
constexpr unsigned kThreadsTogether = 512;
/** Without any barrier reached or lane done for this long, lanes wait for each other in vain. */
constexpr std::chrono::seconds kNoProgress{60};

struct Group {
  Block block;
  Barrier turn;  // all lanes are done with one block, before they take the next
};

struct Failures {
  std::mutex mutex;
  std::string first;
  void add(const std::string& message) {
    const std::lock_guard lock(mutex);
    if (first.empty()) first = message;
  }
};

struct Work {
  Grid grid;
  std::vector<Group> groups;
  void (*body)(const void*) = nullptr;
  const void* argument = nullptr;
  Failures failures;
  std::atomic<unsigned> running{0};
};

void run_lane(Work& work, std::size_t number, unsigned linear) {
  Group& group = work.groups[number];
  Grid& grid = work.grid;
  const Size3 t = grid.threads;
  Lane lane{{linear % t.x, linear / t.x % t.y, linear / t.x / t.y}, linear, &group.block, false, nullptr};
  current_lane = &lane;
  try {
    for (unsigned long long b = number; b < grid.blocks.count(); b += work.groups.size()) {
      if (linear == 0) group.block.start(b);
      group.turn.arrive("the start of a block");
      work.body(work.argument);
      group.turn.arrive("the end of a block");
    }
  } catch (const KernelError& error) {
    work.failures.add(error.message);
    grid.stopped = true;
  } catch (const LaneStopped&) {
    // Another lane, or the watch, has said why.
  }
  current_lane = nullptr;
  grid.progress.fetch_add(1, std::memory_order_relaxed);
  work.running.fetch_sub(1, std::memory_order_relaxed);
}

void wake_all(Work& work) {
  const auto nudge = [](Barrier& barrier) {
    // A generation of its own: those who wait see the stop and unwind.
    barrier.generation.fetch_add(1, std::memory_order_relaxed);
    barrier.generation.notify_all();
  };
  nudge(work.grid.all);
  for (Group& g : work.groups) {
    nudge(g.turn);
    nudge(g.block.all);
    for (Warp& w : g.block.warps) nudge(w.barrier);
  }
}

/** Waits for all lanes; stops them when one has failed, or when none gets on. */
void watch(Work& work) {
  std::uint64_t seen = 0;
  auto since = std::chrono::steady_clock::now();
  while (work.running.load(std::memory_order_relaxed) > 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    const std::uint64_t now = work.grid.progress.load(std::memory_order_relaxed);
    const auto time = std::chrono::steady_clock::now();
    if (now != seen) {
      seen = now;
      since = time;
    }
    if (time - since > kNoProgress) {
      work.failures.add("Divergent barrier: lanes wait at a barrier that others never reach");
      work.grid.stopped = true;
    }
    if (work.grid.stopped) wake_all(work);
  }
}

}  // namespace

void set_schedule(std::uint32_t) {}

void wait_for(const std::atomic<std::uint32_t>& value, std::uint32_t old) { value.wait(old, std::memory_order_acquire); }
void wake(std::atomic<std::uint32_t>& value) { value.notify_all(); }

void run_grid(Size3 blocks, Size3 threads, std::size_t dynamic_shared_bytes, bool cooperative, void (*body)(const void*),
              const void* argument) {
  Work work;
  work.grid.blocks = blocks;
  work.grid.threads = threads;
  work.grid.dynamic_shared_bytes = dynamic_shared_bytes;
  work.grid.cooperative = cooperative;
  work.body = body;
  work.argument = argument;
  const unsigned lanes = static_cast<unsigned>(threads.count());
  const unsigned long long fit = std::max(1u, kThreadsTogether / lanes);
  const std::size_t groups = cooperative ? blocks.count() : std::min(fit, blocks.count());
  work.groups = std::vector<Group>(groups);
  work.grid.all.expected = static_cast<std::uint32_t>(lanes * groups);
  for (std::size_t g = 0; g < groups; ++g) {
    work.groups[g].turn.expected = lanes;
    work.groups[g].block.prepare(work.grid);
  }
  std::vector<std::thread> all;
  all.reserve(lanes * groups);
  work.running = static_cast<unsigned>(lanes * groups);
  for (std::size_t g = 0; g < groups; ++g)
    for (unsigned i = 0; i < lanes; ++i) all.emplace_back(run_lane, std::ref(work), g, i);
  watch(work);
  for (std::thread& t : all) t.join();
  if (!work.failures.first.empty()) throw KernelError{work.failures.first};
}

}  // namespace warpframe::sim
