#pragma once

#include <string>

namespace mpsbench::cpu {

/** The vector level that our own kernels can use on this CPU. */
enum class Isa { baseline, avx2, avx512 };

Isa bestIsa();
const char* name(Isa isa);

/** The vector and matrix extensions of this CPU that matter here, for example `AVX2, AVX-512`. */
std::string isaNames();

}  // namespace mpsbench::cpu
