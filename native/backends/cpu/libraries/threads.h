#pragma once

#include <algorithm>
#include <limits>

#ifdef MPSBENCH_OPENMP
#include <omp.h>
#endif
#ifdef __APPLE__
#include <dlfcn.h>
#endif

#ifdef MPSBENCH_OPENBLAS
extern "C" {
void openblas_set_num_threads(int threads);
int openblas_get_parallel();
}
#endif

/** How many threads the libraries may use that the engines call. */
namespace mpsbench::cpu {

#ifdef __APPLE__
/** Whether Accelerate's BLAS may use several threads; unknown before macOS 15. */
inline void setAccelerateThreading(bool isSingle) {
  // BLASSetThreading of vecLib/thread_api.h, which SDKs before 15 lack: 0 is multi, 1 is single.
  using SetThreading = int (*)(unsigned int);
  static const auto set = reinterpret_cast<SetThreading>(dlsym(RTLD_DEFAULT, "BLASSetThreading"));
  if (set != nullptr) set(isSingle ? 1U : 0U);
}
#endif

/**
 * Tells the BLAS how many threads it may use: an OpenBLAS whose threads are its own the number,
 * Accelerate only whether it is one.
 */
inline void useBlasThreads([[maybe_unused]] int threads) {
#ifdef __APPLE__
  setAccelerateThreading(threads == 1);
#endif
#ifdef MPSBENCH_OPENBLAS
#ifdef MPSBENCH_OPENMP
  constexpr int kPthreads = 1;
  // With OpenMP's it knows how many there are, and when it is called from several of them.
  if (openblas_get_parallel() != kPthreads) return;
#endif
  openblas_set_num_threads(threads);
#endif
}

/** The most threads that the environment allows (OMP_THREAD_LIMIT); the largest int without limit.
 */
inline int threadLimit() {
#ifdef MPSBENCH_OPENMP
  return std::max(1, omp_get_thread_limit());
#else
  return std::numeric_limits<int>::max();
#endif
}

/**
 * Tells every library how many threads it may use, at most `threadLimit`. oneDNN divides its work
 * by the number that OpenMP promises and computes only part of the result if fewer threads start,
 * so what makes OpenMP start fewer (OMP_DYNAMIC, OMP_MAX_ACTIVE_LEVELS) is overruled.
 */
inline void useThreads([[maybe_unused]] int threads) {
#ifdef MPSBENCH_OPENMP
  omp_set_dynamic(0);
  if (omp_get_max_active_levels() < 1) omp_set_max_active_levels(1);
  omp_set_num_threads(threads);
#endif
  useBlasThreads(threads);
}

/**
 * For work that calls the BLAS from several threads of ours: each call stays on its thread while
 * this lives. Calls that would each take all of the library's threads wait for one another.
 */
class BlasOnCallingThread {
 public:
  /** `threads`: how many it may use again afterwards. */
  explicit BlasOnCallingThread(int threads) : threads_(threads) { useBlasThreads(1); }
  ~BlasOnCallingThread() { useBlasThreads(threads_); }
  BlasOnCallingThread(const BlasOnCallingThread&) = delete;
  BlasOnCallingThread& operator=(const BlasOnCallingThread&) = delete;

 private:
  int threads_;
};

}  // namespace mpsbench::cpu
