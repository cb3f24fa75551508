#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#ifdef __APPLE__
#include <dispatch/dispatch.h>
#elif !defined(MPSBENCH_OPENMP)
#include <system_error>
#include <thread>
#include <vector>
#endif

#include "core/ceil_divide.h"
#include "core/error.h"

namespace mpsbench::cpu {

#if !defined(__APPLE__) && !defined(MPSBENCH_OPENMP)
/** Threads that are waited for wherever their scope ends: std::jthread is not in every libc++. */
class Helpers {
 public:
  explicit Helpers(int most) { threads_.reserve(static_cast<std::size_t>(most)); }
  ~Helpers() {
    for (std::thread& thread : threads_) thread.join();
  }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  /** @throws Error `unavailable` if the system starts no further thread. */
  template <class Work>
  void start(const Work& work) {
    try {
      threads_.emplace_back(work);
    } catch (const std::system_error& error) {
      // The calling thread is one of them.
      throw Error(ErrorCode::unavailable,
                  "The system lets the CPU backend use no more than " +
                      std::to_string(threads_.size() + 1) + " threads: " + error.code().message() +
                      ".",
                  "Choose fewer with --threads, or allow more processes (ulimit -u, or the pids "
                  "limit of the container).");
    }
  }

 private:
  std::vector<std::thread> threads_;
};
#endif

/**
 * Calls work(part) for each part in [0, parts), each on a thread of its own where there are enough.
 * @throws Error `unavailable` if a thread of our own cannot start.
 */
template <class Work>
void parallelParts(int parts, const Work& work) {
  if (parts <= 1) {
    work(0);
    return;
  }
#if defined(MPSBENCH_OPENMP)
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
  Helpers helpers(parts - 1);
  for (int part = 1; part < parts; ++part) helpers.start([&work, part] { work(part); });
  work(0);
#endif
}

/** How many rows each part gets when `threads` parts share `rows`, in whole multiples of `grain`.
 */
inline std::size_t rowsEach(int threads, std::size_t rows, std::size_t grain) {
  const std::size_t grains = ceilDivide(rows, grain);
  const auto parts = static_cast<std::size_t>(std::max(threads, 1));
  return std::max<std::size_t>(ceilDivide(grains, parts), 1) * grain;
}

#ifdef __APPLE__
/** Apple's chips have cores of two or three speeds, and no API says which one a thread runs on. */
inline constexpr bool kHasUnequalCores = true;
#else
inline constexpr bool kHasUnequalCores = false;
#endif

/**
 * Like parallelFor, for cores of unequal speed: each thread takes the next of several short ranges
 * when it has finished one, so that fast cores do not wait for slow ones.
 */
template <class Work>
void parallelForUnequal(int threads, std::size_t count, std::size_t grain, const Work& work) {
  constexpr int kRangesPerThread = 6;
  const std::size_t each = rowsEach(threads * kRangesPerThread, count, grain);
  const std::size_t ranges = ceilDivide(count, each);
  std::atomic<std::size_t> next = 0;
  parallelParts(std::min(threads, static_cast<int>(ranges)), [&](int) {
    for (std::size_t range = next++; range < ranges; range = next++) {
      work(range * each, std::min((range + 1) * each, count));
    }
  });
}

/**
 * Splits [0, count) in ranges whose starts are multiples of `grain`, and calls work(begin, end) for
 * each on at most `threads` threads: one range per thread where all cores are equal. Less than two
 * grains of work stays on the calling thread: handing it over would cost more than it brings.
 */
template <class Work>
void parallelFor(int threads, std::size_t count, std::size_t grain, const Work& work) {
  if constexpr (kHasUnequalCores) return parallelForUnequal(threads, count, grain, work);
  const std::size_t each = rowsEach(threads, count, grain);
  parallelParts(static_cast<int>(ceilDivide(count, each)), [&](int part) {
    const std::size_t begin = static_cast<std::size_t>(part) * each;
    work(begin, std::min(begin + each, count));
  });
}

}  // namespace mpsbench::cpu
