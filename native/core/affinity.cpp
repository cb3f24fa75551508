#include "core/affinity.h"

#ifdef __linux__
#include <sched.h>

#include <algorithm>
#endif

namespace mpsbench {

#ifdef __linux__

std::vector<int> allowedCpus() {
  std::vector<int> cpus;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &mask)) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<int> keepOnCpus(std::span<const int> cpus) {
  const std::vector<int> allowed = allowedCpus();
  std::vector<int> kept;
  std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(kept),
               [&](int cpu) { return std::find(cpus.begin(), cpus.end(), cpu) != cpus.end(); });
  if (kept.empty() || kept.size() == allowed.size()) return {};
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (const int cpu : kept) CPU_SET(static_cast<std::size_t>(cpu), &mask);
  if (sched_setaffinity(0, sizeof mask, &mask) != 0) return {};
  return kept;
}

#else

std::vector<int> allowedCpus() {
  return {};
}

std::vector<int> keepOnCpus(std::span<const int> /*cpus*/) {
  return {};
}

#endif

}  // namespace mpsbench
