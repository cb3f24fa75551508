#pragma once

namespace mpsbench {

/** A file of a backend's kernels/ as embed_kernels.cmake embeds it. */
struct KernelFile {
  const char* name;
  const char* text;
};

}  // namespace mpsbench
