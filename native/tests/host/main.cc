// Runs every case, or those whose name has the first argument in it. Exit 1 where one failed.
#include <cstdio>
#include <cstring>
#include <exception>

#include "check.hh"

int main(int argc, char** argv) {
  using warpframe::tests::Case;
  int ran = 0;
  int failed = 0;
  for (const Case& each : warpframe::tests::cases()) {
    if (argc > 1 && std::strstr(each.name, argv[1]) == nullptr) continue;
    ++ran;
    std::string problem;
    try {
      each.run();
    } catch (const warpframe::tests::Difference& difference) {
      problem = difference.sentence;
    } catch (const std::exception& error) {
      problem = std::string("exception: ") + error.what();
    }
    if (!problem.empty()) ++failed;
    std::printf("%s %s (host-cudf, not a GPU)\n", problem.empty() ? "ok    " : "FAILED", each.name);
    if (!problem.empty()) std::printf("  %s\n", problem.c_str());
  }
  std::printf("%d cases, %d failed (host-cudf, not a GPU)\n", ran, failed);
  return failed == 0 && ran > 0 ? 0 : 1;
}
