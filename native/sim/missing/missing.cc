// Where every function of libcudf ends that nobody has written for the host yet (cmake/write-missing.cmake).
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

extern "C" [[noreturn, gnu::visibility("default")]] void host_cudf_missing(const char* mangled) {
  const std::unique_ptr<char, decltype(&std::free)> name{abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr),
                                                        &std::free};
  throw std::runtime_error(std::string{"host-cudf: not implemented: "} + (name ? name.get() : mangled));
}
