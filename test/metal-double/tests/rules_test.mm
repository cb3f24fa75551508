// Every rule of the double is broken in a process of its own, which has to end with the rule's
// name. The test runs in the scenario `intel`, whose two devices differ in all that the rules look
// at.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "rule_cases.h"

namespace {

using metal_double::Rule;

struct Ending {
  int status = 0;
  std::string text;
};

/** Runs `misuse` in a child; its standard error is the text. */
Ending runApart(const std::function<void()>& misuse) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    @autoreleasepool {
      misuse();
    }
    _exit(EXIT_SUCCESS);
  }
  close(ends[1]);
  Ending ending;
  char buffer[512];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    ending.text.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  waitpid(child, &ending.status, 0);
  return ending;
}

bool isCaught(const RuleCase& tried) {
  const Ending ending = runApart(tried.misuse);
  const std::string wanted =
      std::string("metal (double): broken rule ") + metal_double::name(tried.rule) + ": ";
  const bool aborted = WIFSIGNALED(ending.status) && WTERMSIG(ending.status) == SIGABRT;
  if (aborted && ending.text.find(wanted) != std::string::npos) return true;
  std::fprintf(stderr, "failed: %s: expected the rule %s, the process ended with status %d: %s\n",
               tried.name.c_str(), metal_double::name(tried.rule), ending.status,
               ending.text.c_str());
  return false;
}

}  // namespace

int main() {
  std::vector<RuleCase> cases = metalRuleCases();
  for (RuleCase& more : graphRuleCases()) cases.push_back(std::move(more));
  for (RuleCase& more : kernelRuleCases()) cases.push_back(std::move(more));
  std::set<Rule> seen;
  int failures = 0;
  // In a process of its own as well: the GPU's thread does not outlive a fork.
  const Ending unbroken = runApart([] {
    for (const std::string& fault : kernelFaults()) std::fprintf(stderr, "%s; ", fault.c_str());
  });
  if (unbroken.status != 0 || !unbroken.text.empty()) {
    std::fprintf(stderr, "failed: kernels ended with status %d: %s\n", unbroken.status,
                 unbroken.text.c_str());
    ++failures;
  }
  for (const RuleCase& tried : cases) {
    seen.insert(tried.rule);
    if (!isCaught(tried)) ++failures;
  }
  for (std::size_t i = 0; i < metal_double::kRules; ++i) {
    const auto rule = static_cast<Rule>(i);
    if (seen.contains(rule)) continue;
    std::fprintf(stderr, "failed: no case breaks the rule %s\n", metal_double::name(rule));
    ++failures;
  }
  std::printf("%zu misuses, %d not caught\n", cases.size(), failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
