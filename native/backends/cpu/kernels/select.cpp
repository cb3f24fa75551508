#include "backends/cpu/hardware/isa.h"
#include "backends/cpu/kernels/variants.h"

namespace mpsbench::cpu {

namespace {

/** The symbol `name` of the variant for this CPU, as a `Type` (which picks an overload). */
#if defined(__x86_64__)
#define MPSBENCH_SELECT_AS(Type, name)                        \
  (bestIsa() == Isa::avx512 ? static_cast<Type>(avx512::name) \
   : bestIsa() == Isa::avx2 ? static_cast<Type>(avx2::name)   \
                            : static_cast<Type>(baseline::name))
#else
#define MPSBENCH_SELECT_AS(Type, name) static_cast<Type>(baseline::name)
#endif

template <class T>
Kernels<T> selected() {
  using Fill = void (*)(Kernels<T>&);
  Kernels<T> table{};
  const Fill fill = MPSBENCH_SELECT_AS(Fill, fill);
  const Fill fillReductions = MPSBENCH_SELECT_AS(Fill, fillReductions);
  fill(table);
  fillReductions(table);
  return table;
}

}  // namespace

template <class T>
const Kernels<T>& kernels() {
  static const Kernels<T> table = selected<T>();
  return table;
}

template const Kernels<float>& kernels();
template const Kernels<double>& kernels();
template const Kernels<BFloat16>& kernels();

const ConvPoolKernel& convPoolKernel() {
  return MPSBENCH_SELECT_AS(const ConvPoolKernel&, convPool);
}

NarrowDense narrowDenseKernel() {
  return MPSBENCH_SELECT_AS(NarrowDense, narrowDense);
}

}  // namespace mpsbench::cpu
