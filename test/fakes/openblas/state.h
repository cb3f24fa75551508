#pragma once

#include <atomic>

/** What the fake OpenBLAS was told and saw. */
namespace mpsbench::fakes {

struct OpenBlas {
  /** How many threads a call may use. */
  std::atomic<int> threads = 0;
  /** Calls so far, and the most threads that one of them might have used. */
  std::atomic<int> calls = 0;
  std::atomic<int> mostThreads = 0;
};

OpenBlas& openBlas();

}  // namespace mpsbench::fakes
