#include "kernels.hh"

namespace warpframe::engine {

std::span<const Kernel> kernels() { return {}; }

const Kernel* find_kernel(std::string_view name) {
  for (const Kernel& kernel : kernels())
    if (kernel.name == name) return &kernel;
  return nullptr;
}

}  // namespace warpframe::engine
