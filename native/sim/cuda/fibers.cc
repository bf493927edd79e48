// One fiber per CUDA thread. All lanes of a block take turns on the calling thread; a turn ends at a barrier. A fiber is
// entered through ucontext and then switched by the compiler's setjmp, which asks nothing of the kernel.
//
// ThreadSanitizer takes each fiber for a thread: switching orders nothing, barriers do, so that a missing one is a race
// whatever the turns were. This file is compiled without its instrumentation: lanes and scheduler share what is here.
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "sim/cuda/lanes.hh"
#include "sim/cuda/schedule.hh"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(WARPFRAME_SIM_RACES)
#include <sanitizer/tsan_interface.h>
#endif

namespace warpframe::sim {
namespace {

constexpr std::size_t kStackBytes = 128 * 1024;
#if defined(WARPFRAME_SIM_RACES)
/** Blocks that follow each other have fibers of their own: a race of a lane with the same lane of another block is one. */
constexpr std::size_t kFiberSets = 2;
#else
constexpr std::size_t kFiberSets = 1;
#endif

std::uint32_t seed_of_environment() {
  const char* const text = std::getenv("WARPFRAME_SIM_SEED");
  return text == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) * 2654435761u;
}
std::uint32_t schedule_seed = seed_of_environment();

struct Jump {
  void* state[5];
};

struct Fiber {
  Lane lane;
  ucontext_t context{};
  Jump jump{};
  bool entered = false;
  std::unique_ptr<char[]> stack;
  void* fake_stack = nullptr;
#if defined(WARPFRAME_SIM_RACES)
  void* thread = __tsan_create_fiber(0);
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() { __tsan_destroy_fiber(thread); }
#endif
};

/** What is running on this thread. */
struct Runner {
  Jump main{};
  const void* main_stack = nullptr;
  std::size_t main_stack_bytes = 0;
#if defined(WARPFRAME_SIM_RACES)
  void* main_thread = __tsan_get_current_fiber();
#endif
  void (*body)(const void*) = nullptr;
  const void* argument = nullptr;
  char begun = 0;  // by their addresses
  char ended = 0;
  Fiber* fiber = nullptr;
  std::string error;
};
thread_local Runner* runner = nullptr;
/** Those of earlier launches are used again: their stacks are in memory already. */
thread_local std::vector<std::unique_ptr<Fiber>> fibers;

[[noreturn]] __attribute__((noinline)) void jump(Jump& to) { __builtin_longjmp(to.state, 1); }

__attribute__((noinline)) void to_main(Fiber& fiber, [[maybe_unused]] bool last) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(last ? nullptr : &fiber.fake_stack, runner->main_stack, runner->main_stack_bytes);
#endif
#if defined(WARPFRAME_SIM_RACES)
  __tsan_switch_to_fiber(runner->main_thread, __tsan_switch_to_fiber_no_sync);
#endif
  if (__builtin_setjmp(fiber.jump.state) == 0) jump(runner->main);
#if defined(__SANITIZE_ADDRESS__)
  // The next lane of this fiber may be of another launch.
  __sanitizer_finish_switch_fiber(last ? nullptr : fiber.fake_stack, &runner->main_stack, &runner->main_stack_bytes);
#endif
}

void run_lane(Fiber& fiber) {
  // What the launcher did is before the lane, and the lane before what the launcher does next; lanes are not ordered.
#if defined(WARPFRAME_SIM_RACES)
  __tsan_acquire(&runner->begun);
#endif
  try {
    runner->body(runner->argument);
  } catch (const KernelError& error) {
    if (runner->error.empty()) runner->error = error.message;
    fiber.lane.block->grid->stopped = true;
  } catch (const LaneStopped&) {
    // Another lane has said why.
  }
#if defined(WARPFRAME_SIM_RACES)
  __tsan_release(&runner->ended);
#endif
  fiber.lane.block->grid->progress.fetch_add(1, std::memory_order_relaxed);
  fiber.lane.done = true;
}

/** Never returns: a fiber runs lane after lane. */
void enter() {
  Fiber& fiber = *runner->fiber;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &runner->main_stack, &runner->main_stack_bytes);
#endif
  for (;;) {
    run_lane(fiber);
    to_main(fiber, true);
  }
}

void prepare(Fiber& fiber) {
  const bool made = fiber.stack != nullptr;
  if (!made) fiber.stack = std::make_unique_for_overwrite<char[]>(kStackBytes);
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(fiber.stack.get(), kStackBytes);  // what the lane before left behind
#endif
  if (made) return;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, enter, 0);
}

__attribute__((noinline)) void resume(Fiber& fiber) {
  runner->fiber = &fiber;
  current_lane = &fiber.lane;
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, fiber.stack.get(), kStackBytes);
#endif
#if defined(WARPFRAME_SIM_RACES)
  __tsan_switch_to_fiber(fiber.thread, __tsan_switch_to_fiber_no_sync);
#endif
  if (__builtin_setjmp(runner->main.state) == 0) {
    if (fiber.entered) jump(fiber.jump);
    fiber.entered = true;
    setcontext(&fiber.context);
  }
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  current_lane = nullptr;
}

/** An xorshift: the schedule must not depend on a standard library. */
struct Shuffler {
  std::uint32_t state;
  unsigned below(unsigned n) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return static_cast<unsigned>((static_cast<std::uint64_t>(state) * n) >> 32);
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    if (state == 0) return;
    for (unsigned i = static_cast<unsigned>(items.size()); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
};

std::string divergence(const std::vector<Fiber*>& all) {
  const char* what = "a barrier";
  unsigned waiting = 0;
  unsigned left = 0;
  for (const Fiber* f : all) {
    left += f->lane.done ? 1 : 0;
    if (f->lane.done || f->lane.waits_for == nullptr) continue;
    what = f->lane.waits_for;
    ++waiting;
  }
  return std::string("Divergent barrier: ") + std::to_string(waiting) + " lanes wait at " + what + " that others never reach; " +
         std::to_string(left) + " have left the kernel";
}

/** Runs lanes of one block, or of all blocks of a cooperative launch, until all are done. */
void run_together(Grid& grid, std::vector<Fiber*>& turns, Shuffler& shuffler) {
  for (Fiber* f : turns) prepare(*f);
  for (;;) {
    const std::uint64_t before = grid.progress.load(std::memory_order_relaxed);
    bool left = false;
    shuffler.shuffle(turns);
    for (Fiber* f : turns) {
      if (f->lane.done) continue;
      resume(*f);
      left = left || !f->lane.done;
    }
    if (!left) return;
    if (grid.stopped || grid.progress.load(std::memory_order_relaxed) != before) continue;
    if (runner->error.empty()) runner->error = divergence(turns);
    grid.stopped = true;  // every waiting lane unwinds at its next turn
  }
}

}  // namespace

void set_schedule(std::uint32_t seed) { schedule_seed = seed; }

void wait_for(const std::atomic<std::uint32_t>&, std::uint32_t) { to_main(*runner->fiber, false); }
void wake(std::atomic<std::uint32_t>&) {}

void run_grid(Size3 blocks, Size3 threads, std::size_t dynamic_shared_bytes, bool cooperative, void (*body)(const void*),
              const void* argument) {
  Grid grid;
  grid.blocks = blocks;
  grid.threads = threads;
  grid.dynamic_shared_bytes = dynamic_shared_bytes;
  grid.cooperative = cooperative;
  const unsigned lanes = static_cast<unsigned>(threads.count());
  const unsigned together = cooperative ? static_cast<unsigned>(blocks.count()) : 1;
  grid.all.expected = lanes * together;
  Runner own;
  own.body = body;
  own.argument = argument;
  runner = &own;
  Shuffler shuffler{schedule_seed};
  std::vector<unsigned long long> order(blocks.count());
  std::iota(order.begin(), order.end(), 0);
  shuffler.shuffle(order);
  std::vector<Fiber*> turns(static_cast<std::size_t>(lanes) * together);
  const std::size_t sets = cooperative ? 1 : kFiberSets;
  while (fibers.size() < turns.size() * sets) fibers.push_back(std::make_unique<Fiber>());
#if defined(WARPFRAME_SIM_RACES)
  __tsan_release(&own.begun);
#endif
  std::unique_ptr<Block[]> running;
  for (std::size_t first = 0; first < order.size() && own.error.empty(); first += together) {
    {
      // New ones each time: a barrier that was used before would order this block's lanes after the last one's.
      const Unseen unseen;
      running = std::make_unique<Block[]>(together);
      for (unsigned b = 0; b < together; ++b) running[b].start(grid, order[first + b]);
    }
    for (std::size_t t = 0; t < turns.size(); ++t) {
      const auto i = static_cast<unsigned>(t % lanes);
      Fiber& f = *fibers[first % sets * turns.size() + t];
      f.lane = {{i % threads.x, i / threads.x % threads.y, i / threads.x / threads.y}, i, &running[t / lanes], false, nullptr};
      turns[t] = &f;
    }
    run_together(grid, turns, shuffler);
  }
  {
    const Unseen unseen;
    running.reset();
  }
#if defined(WARPFRAME_SIM_RACES)
  __tsan_acquire(&own.ended);
#endif
  runner = nullptr;
  if (!own.error.empty()) throw KernelError{own.error};
}

}  // namespace warpframe::sim
