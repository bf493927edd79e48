// One fiber per CUDA thread. All lanes of a block take turns on the calling thread; a turn ends at a barrier. A fiber is
// entered through ucontext and then switched by the compiler's setjmp, which asks nothing of the kernel.
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "sim/cuda/lanes.hh"
#include "sim/cuda/schedule.hh"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace warpframe::sim {
namespace {

constexpr std::size_t kStackBytes = 128 * 1024;

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
};

/** What is running on this thread. */
struct Runner {
  Jump main{};
  const void* main_stack = nullptr;
  std::size_t main_stack_bytes = 0;
  void (*body)(const void*) = nullptr;
  const void* argument = nullptr;
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
  if (__builtin_setjmp(fiber.jump.state) == 0) jump(runner->main);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fiber.fake_stack, nullptr, nullptr);
#endif
}

void run_lane(Fiber& fiber) {
  try {
    runner->body(runner->argument);
  } catch (const KernelError& error) {
    if (runner->error.empty()) runner->error = error.message;
    fiber.lane.block->grid->stopped = true;
  } catch (const LaneStopped&) {
    // Another lane has said why.
  }
  fiber.lane.block->grid->progress.fetch_add(1, std::memory_order_relaxed);
  fiber.lane.done = true;
}

void enter() {
  Fiber& fiber = *runner->fiber;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &runner->main_stack, &runner->main_stack_bytes);
#endif
  run_lane(fiber);
  to_main(fiber, true);
}

void start(Fiber& fiber) {
  fiber.entered = false;
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
  for (Fiber* f : turns) start(*f);
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
  std::vector<Block> running(together);
  for (Block& block : running) block.prepare(grid);
  std::vector<Fiber*> turns(static_cast<std::size_t>(lanes) * together);
  while (fibers.size() < turns.size()) fibers.push_back(std::make_unique<Fiber>());
  for (std::size_t first = 0; first < order.size() && own.error.empty(); first += together) {
    for (unsigned b = 0; b < together; ++b) {
      running[b].start(order[first + b]);
      for (unsigned i = 0; i < lanes; ++i) {
        Fiber& f = *fibers[static_cast<std::size_t>(b) * lanes + i];
        f.lane = {{i % threads.x, i / threads.x % threads.y, i / threads.x / threads.y}, i, &running[b], false, nullptr};
        turns[static_cast<std::size_t>(b) * lanes + i] = &f;
      }
    }
    run_together(grid, turns, shuffler);
  }
  runner = nullptr;
  if (!own.error.empty()) throw KernelError{own.error};
}

}  // namespace warpframe::sim
