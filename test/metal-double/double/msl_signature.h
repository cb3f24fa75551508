#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metal_double {

/** A parameter of a kernel function, by its attribute. */
struct MslParameter {
  /** As MslArgument in msl/call.h calls it. */
  std::string kind;
  unsigned index = 0;
};

struct MslKernelSignature {
  std::string name;
  std::vector<MslParameter> parameters;
  /** Of [[max_total_threads_per_threadgroup(N)]] as it stands there; empty where there is none. */
  std::string maxThreads;
};

/** What the text of a source says that a C++ compiler would not tell. */
struct MslText {
  std::vector<MslKernelSignature> kernels;
  /** The source without its attributes, line by line as before. */
  std::string plain;
  /** What MSL 3.0 does not have, or the double does not know; empty where there is nothing. */
  std::string error;
};

/** Reads a source: its kernel functions, and constructs that C++ has and MSL 3.0 has not. */
MslText readMsl(std::string_view source);

}  // namespace metal_double
