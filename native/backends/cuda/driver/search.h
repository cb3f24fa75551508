#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/dynamic_library.h"

/** Where NVIDIA's libraries are looked for. */
namespace mpsbench::cuda {

/** A library to look for. */
struct LibraryRequest {
  /** As it is called in messages, for example `NVRTC`. */
  std::string name;
  /** File names, the preferred one first, for example `libnvrtc.so.13`. */
  std::vector<std::string> files;
  /** What to do where none is found. */
  std::string remedy;
  /** Part of the driver: CUDA_HOME and the packages of Python hold none, or a stub. */
  bool ofDriver = false;
};

/** Names the folders that are searched instead of all others, separated by ':'. */
inline constexpr const char* kPathVariable = "MPSBENCH_CUDA_PATH";

/** A library that was found, or why not. */
struct SearchResult {
  std::optional<DynamicLibrary> library;
  /** What was looked for, where, and what the loader said; empty where it was found. */
  std::string reason;
};

/** Asks the loader's own path first, unless MPSBENCH_CUDA_PATH is set. */
SearchResult findLibrary(const LibraryRequest& request);

}  // namespace mpsbench::cuda
