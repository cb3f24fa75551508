// The CUDA backend on fake libraries (test/fakes/cuda): search, life cycles, graphs, errors,
// sensors, several cards.
//   mpsbench_cuda_fakes_test runs|levels|graphs|convolutions|faults|libraries|sensors|topology
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "support.h"

int main(int count, char** arguments) {
  using namespace mpsbench::test;
  constexpr std::pair<std::string_view, void (*)()> kGroups[] = {
      {"runs", testRuns},       {"levels", testKernelLevels},
      {"graphs", testGraphs},   {"convolutions", testConvolutions},
      {"faults", testFaults},   {"libraries", testLibraries},
      {"sensors", testSensors}, {"topology", testTopology},
  };
  setenv("MPSBENCH_CUDA_PATH", FAKE_CUDA_DIR, 1);
  const std::string_view wanted = count > 1 ? arguments[1] : "";
  bool known = false;
  for (const auto& [name, test] : kGroups) {
    if (name != wanted) continue;
    known = true;
    test();
  }
  if (!known) std::fprintf(stderr, "There is no group '%s'.\n", arguments[count > 1 ? 1 : 0]);
  return known && failures == 0 ? 0 : 1;
}
