#include "backends/cpu/hardware/isa.h"

#include <initializer_list>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mpsbench::cpu {

namespace {

void append(std::string& list, const char* name) {
  list += (list.empty() ? "" : ", ") + std::string(name);
}

#if defined(__x86_64__)
/** A bit of CPUID leaf 7; the builtins of older compilers do not know these extensions. */
bool leaf7(unsigned subleaf, char reg, unsigned bit) {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid_count(7, subleaf, &a, &b, &c, &d) == 0) return false;
  const unsigned value = reg == 'a' ? a : reg == 'd' ? d : b;
  return ((value >> bit) & 1U) != 0;
}
#endif

}  // namespace

Isa bestIsa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    return Isa::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
  return Isa::baseline;
}

const char* name(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return "avx512";
    case Isa::avx2:
      return "avx2";
    case Isa::baseline:
      break;
  }
#if defined(__aarch64__)
  return "neon";
#elif defined(__x86_64__)
  return "sse2";
#else
  return "baseline";
#endif
}

std::string isaNames() {
  std::string list;
#if defined(__x86_64__)
  append(list, "SSE2");
  if (__builtin_cpu_supports("avx2")) append(list, "AVX2");
  if (__builtin_cpu_supports("fma")) append(list, "FMA");
  // The builtin also checks that the operating system saves the registers; leaf 7 alone does not.
  if (__builtin_cpu_supports("avx512f")) {
    append(list, "AVX-512");
    if (leaf7(1, 'a', 5)) append(list, "AVX-512 BF16");
    if (leaf7(0, 'd', 23)) append(list, "AVX-512 FP16");
    if (leaf7(0, 'd', 24)) append(list, "AMX");
  }
#elif defined(__aarch64__)
  append(list, "NEON");
#endif
  return list;
}

}  // namespace mpsbench::cpu
