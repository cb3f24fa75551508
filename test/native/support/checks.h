#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/error.h"

/** What the C++ tests say and count. */
namespace mpsbench::test {

inline int failures = 0;

inline void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

template <class Work>
void expectError(ErrorCode code, const std::string& what, const Work& work) {
  try {
    work();
    check(false, what + ": no error");
  } catch (const Error& error) {
    check(error.code() == code, what + ": " + error.what());
  }
}

/** The exit status of the test. */
inline int finish() {
  std::printf(failures == 0 ? "all passed\n" : "%d failed\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mpsbench::test
