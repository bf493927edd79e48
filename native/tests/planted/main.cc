// Every planted mistake must fail, and the same code without it must pass; each runs in a process of its own, since some
// of them are fatal.
//   planted_tests                    all of them; exit 1 where one is not noticed
//   planted_tests right|wrong NAME   one, in this process
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "bugs.hh"

namespace {

using warpframe::planted::Bug;

std::vector<Bug> all_bugs() {
  std::vector<Bug> bugs = warpframe::planted::order_bugs();
  bugs.insert(bugs.end(), warpframe::planted::memory_bugs().begin(), warpframe::planted::memory_bugs().end());
  return bugs;
}

constexpr int kWrongAnswer = 3;
constexpr int kException = 4;

int run_one(const Bug& bug, bool planted) {
  try {
    return bug.holds(planted) ? 0 : kWrongAnswer;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", bug.name, error.what());
    return kException;
  }
}

/** "" where the program ended well, else how it ended. */
std::string ending_of(const char* program, const Bug& bug, const char* how) {
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    // The mistakes are expected to be loud.
    if (std::freopen("/dev/null", "w", stderr) == nullptr) std::abort();
    execl(program, program, how, bug.name, static_cast<char*>(nullptr));
    std::abort();
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return std::string("signal ") + strsignal(WTERMSIG(status));
  switch (WEXITSTATUS(status)) {
    case 0: return "";
    case kWrongAnswer: return "wrong answer";
    case kException: return "exception";
    default: return "exit " + std::to_string(WEXITSTATUS(status));  // of a sanitizer
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Bug> bugs = all_bugs();
  if (argc == 3) {
    for (const Bug& bug : bugs) {
      if (std::strcmp(bug.name, argv[2]) == 0) return run_one(bug, std::strcmp(argv[1], "wrong") == 0);
    }
    std::fprintf(stderr, "no mistake is called %s\n", argv[2]);
    return 2;
  }
  int unnoticed = 0;
  for (const Bug& bug : bugs) {
    const std::string right = ending_of(argv[0], bug, "right");
    const std::string wrong = ending_of(argv[0], bug, "wrong");
    const bool noticed = right.empty() && !wrong.empty();
    if (!noticed) ++unnoticed;
    std::printf("%s %s: %s (without it: %s; with it: %s; host-cudf, not a GPU)\n", noticed ? "noticed  " : "UNNOTICED", bug.name,
                bug.sentence, right.empty() ? "passes" : right.c_str(), wrong.empty() ? "passes" : wrong.c_str());
  }
  std::printf("%zu planted mistakes, %d unnoticed (host-cudf, not a GPU)\n", bugs.size(), unnoticed);
  return unnoticed == 0 ? 0 : 1;
}
