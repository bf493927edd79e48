// Runs when the library is built, where there is no nvcc: compiles the device half of all kernels with NVRTC, which is
// opened by path, and writes them as a C++ table (images.hh). Needs no GPU.
//   embed_kernels LIBNVRTC OUT.cc ARCHITECTURES INCLUDE_DIRS FILE.cu...     (lists are separated by commas)
#include <dlfcn.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void stop(const std::string& message) {
  std::fprintf(stderr, "embed_kernels: %s\n", message.c_str());
  std::exit(1);
}

std::vector<std::string> parts(const std::string& list) {
  std::vector<std::string> out;
  std::stringstream in(list);
  for (std::string item; std::getline(in, item, ',');) out.push_back(item);
  return out;
}

/** NVRTC's C interface, as far as it is used. */
struct Nvrtc {
  using Program = struct OpaqueProgram*;
  int (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
  int (*compile)(Program, int, const char* const*);
  int (*log_size)(Program, std::size_t*);
  int (*log)(Program, char*);
  int (*cubin_size)(Program, std::size_t*);
  int (*cubin)(Program, char*);
  int (*ptx_size)(Program, std::size_t*);
  int (*ptx)(Program, char*);
  int (*destroy)(Program*);
  int (*version)(int*, int*);
};

template <class F>
void find(void* library, const char* name, F* function) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) stop(dlerror());
  *function = reinterpret_cast<F>(symbol);
}

Nvrtc open(const char* path) {
  void* const library = dlopen(path, RTLD_NOW);
  if (library == nullptr) stop(dlerror());
  Nvrtc n{};
  find(library, "nvrtcCreateProgram", &n.create);
  find(library, "nvrtcCompileProgram", &n.compile);
  find(library, "nvrtcGetProgramLogSize", &n.log_size);
  find(library, "nvrtcGetProgramLog", &n.log);
  find(library, "nvrtcGetCUBINSize", &n.cubin_size);
  find(library, "nvrtcGetCUBIN", &n.cubin);
  find(library, "nvrtcGetPTXSize", &n.ptx_size);
  find(library, "nvrtcGetPTX", &n.ptx);
  find(library, "nvrtcDestroyProgram", &n.destroy);
  find(library, "nvrtcVersion", &n.version);
  return n;
}

std::string compiled(const Nvrtc& n, const std::string& source, std::vector<std::string> options, bool as_ptx) {
  std::vector<const char*> flags;
  for (const std::string& o : options) flags.push_back(o.c_str());
  Nvrtc::Program program = nullptr;
  if (n.create(&program, source.c_str(), "kernels.cu", 0, nullptr, nullptr) != 0) stop("no program");
  const int status = n.compile(program, static_cast<int>(flags.size()), flags.data());
  std::size_t bytes = 0;
  n.log_size(program, &bytes);
  std::string log(bytes, '\0');
  n.log(program, log.data());
  // A warning is an error: nvcc builds the same source with warnings as errors.
  if (status != 0 || log.find("warning") != std::string::npos) stop(options.front() + ":\n" + log);
  (as_ptx ? n.ptx_size : n.cubin_size)(program, &bytes);
  std::string image(bytes, '\0');
  (as_ptx ? n.ptx : n.cubin)(program, image.data());
  n.destroy(&program);
  if (image.empty()) stop("an empty image for " + options.front());
  return image;
}

void write_bytes(std::ostream& out, const std::string& name, const std::string& bytes) {
  out << "alignas(16) constexpr unsigned char " << name << "[] = {";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 32 == 0) out << "\n";
    out << static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) << ",";
  }
  out << "};\n";
}

}  // namespace

int main(int count, char** values) {
  if (count < 6) stop("LIBNVRTC OUT.cc ARCHITECTURES INCLUDE_DIRS FILE.cu...");
  const Nvrtc nvrtc = open(values[1]);
  const std::vector<std::string> architectures = parts(values[3]);
  std::string source;
  for (int i = 5; i < count; ++i) source += "#include \"" + std::string(values[i]) + "\"\n";
  // What only the host half calls is declared, never compiled.
  std::vector<std::string> common{"--std=c++20", "--device-as-default-execution-space"};
  for (const std::string& dir : parts(values[4])) common.push_back("--include-path=" + dir);

  std::ofstream out(values[2]);
  out << "// Written by embed_kernels.cc.\n#include \"kernels/images.hh\"\n\nnamespace warpframe::kernels {\nnamespace {\n";
  std::string table;
  for (std::size_t i = 0; i <= architectures.size(); ++i) {
    const bool as_ptx = i == architectures.size();  // the PTX of the first: it runs on all that are newer
    const std::string& number = architectures[as_ptx ? 0 : i];
    std::vector<std::string> options{std::string("--gpu-architecture=") + (as_ptx ? "compute_" : "sm_") + number};
    options.insert(options.end(), common.begin(), common.end());
    const std::string image = compiled(nvrtc, source, options, as_ptx);
    const std::string name = (as_ptx ? "ptx_" : "sm_") + number;
    write_bytes(out, name, image);
    table += "    {" + number + ", " + (as_ptx ? "true" : "false") + ", " + name + ", sizeof(" + name + ")},\n";
    std::printf("%s: %zu bytes\n", name.c_str(), image.size());
  }
  out << "constexpr Image kImages[] = {\n" << table << "};\n}  // namespace\n\n";
  out << "std::span<const Image> embedded_images() { return kImages; }\n\n}  // namespace warpframe::kernels\n";
  if (!out.flush()) stop("cannot write " + std::string(values[2]));
  return 0;
}
