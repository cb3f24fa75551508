#pragma once

#include "backends/cpu/kernels/kernels.h"

/** What each compiled variant offers; MPSBENCH_ISA is its namespace. */
#define MPSBENCH_DECLARE_VARIANT(isa)                                                          \
  namespace mpsbench::cpu::isa {                                                               \
  void fill(Kernels<float>& table);                                                            \
  void fill(Kernels<double>& table);                                                           \
  void fill(Kernels<BFloat16>& table);                                                         \
  void fillReductions(Kernels<float>& table);                                                  \
  void fillReductions(Kernels<double>& table);                                                 \
  void fillReductions(Kernels<BFloat16>& table);                                               \
  extern const ConvPoolKernel convPool;                                                        \
  void narrowDense(const float*, const float*, const float*, float*, std::size_t, std::size_t, \
                   std::size_t);                                                               \
  }

MPSBENCH_DECLARE_VARIANT(baseline)
// Those of x86-64: a build for several architectures compiles them for the others too.
MPSBENCH_DECLARE_VARIANT(avx2)
MPSBENCH_DECLARE_VARIANT(avx512)
