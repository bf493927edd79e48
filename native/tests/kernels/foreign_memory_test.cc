// Kernels over device memory of somebody else, as the host libcudf keeps it: closed to the program but between its unlock
// and lock, with streams that the simulator does not know.
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>

#include "kernels/counts.cuh"
#include "kernels/philox.cuh"
#include "kernels/reference/reference.hh"

namespace {

constexpr std::size_t kBytes = 1 << 16;
char* memory = nullptr;
int unlocks = 0;

}  // namespace

extern "C" {
void hostcudf_unlock() {
  ++unlocks;
  mprotect(memory, kBytes, PROT_READ | PROT_WRITE);
}
void hostcudf_lock() { mprotect(memory, kBytes, PROT_NONE); }
}

int main() {
  using namespace warpframe::kernels;
  memory = static_cast<char*>(mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  const auto stream = reinterpret_cast<Stream>(std::uintptr_t{0x1000});
  auto* const numbers = reinterpret_cast<double*>(memory);
  auto* const codes = reinterpret_cast<std::int32_t*>(memory + 8192);
  auto* const matrix = reinterpret_cast<double*>(memory + 16384);
  philox_uniform(stream, 3, 5, 1000, numbers);
  hostcudf_unlock();
  for (int i = 0; i < 1000; ++i) codes[i] = i % 2;
  hostcudf_lock();
  const Column column{codes, nullptr, 0, 1000, Type::i32, 0};
  confusion_matrix(stream, column, column, nullptr, 2, matrix);
  hostcudf_unlock();
  bool ok = unlocks == 5 && matrix[0] == 500 && matrix[3] == 500 && matrix[1] + matrix[2] + matrix[4] == 0;
  for (std::uint64_t i = 0; i < 1000; ++i) ok = ok && numbers[i] == reference::uniform(3, 5 + i);
  std::puts(ok ? "foreign memory ok" : "foreign memory failed");
  return ok ? 0 : 1;
}
