#pragma once

#include <algorithm>
#include <cstddef>

#ifdef MPSBENCH_OPENMP
#include <omp.h>
#elif defined(__APPLE__)
#include <dispatch/dispatch.h>
#else
#include <thread>
#include <vector>
#endif

#ifdef MPSBENCH_OPENBLAS_THREADS
extern "C" void openblas_set_num_threads(int threads);
#endif

namespace mpsbench::cpu {

/** Tells OpenMP, or an OpenBLAS with threads of its own, how many threads may be used. */
inline void useThreads([[maybe_unused]] int threads) {
#if defined(MPSBENCH_OPENMP)
  omp_set_num_threads(threads);
#elif defined(MPSBENCH_OPENBLAS_THREADS)
  openblas_set_num_threads(threads);
#endif
}

/** Calls work(part) for each part in [0, parts), each on a thread of its own where there are
 * enough. */
template <class Work>
void parallelParts(int parts, const Work& work) {
  if (parts <= 1) {
    work(0);
    return;
  }
#ifdef MPSBENCH_OPENMP
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) work(part);
#elif defined(__APPLE__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"  // in DISPATCH_APPLY_AUTO itself
  dispatch_apply_f(static_cast<std::size_t>(parts), DISPATCH_APPLY_AUTO, const_cast<Work*>(&work),
                   [](void* context, std::size_t part) {
                     (*static_cast<const Work*>(context))(static_cast<int>(part));
                   });
#pragma clang diagnostic pop
#else
  std::vector<std::thread> helpers;
  helpers.reserve(static_cast<std::size_t>(parts - 1));
  for (int part = 1; part < parts; ++part) helpers.emplace_back([&work, part] { work(part); });
  work(0);
  for (std::thread& helper : helpers) helper.join();
#endif
}

/** How many rows each part takes when `threads` parts share `rows`, in whole multiples of `grain`.
 */
inline std::size_t rowsEach(int threads, std::size_t rows, std::size_t grain) {
  const std::size_t grains = (rows + grain - 1) / grain;
  const auto parts = static_cast<std::size_t>(std::max(threads, 1));
  return std::max<std::size_t>((grains + parts - 1) / parts, 1) * grain;
}

/**
 * Splits [0, count) in at most `threads` ranges whose starts are multiples of `grain`, and calls
 * work(begin, end) for each. Less than two grains of work stays on the calling thread: handing it
 * over would cost more than it brings.
 */
template <class Work>
void parallelFor(int threads, std::size_t count, std::size_t grain, const Work& work) {
  const std::size_t each = rowsEach(threads, count, grain);
  parallelParts(static_cast<int>((count + each - 1) / each), [&](int part) {
    const std::size_t begin = static_cast<std::size_t>(part) * each;
    work(begin, std::min(begin + each, count));
  });
}

}  // namespace mpsbench::cpu
