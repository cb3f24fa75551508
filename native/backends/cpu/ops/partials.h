#pragma once

#include <algorithm>

#include "backends/cpu/lowering.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

/** Sums that each thread makes of its rows, added up at the end in a fixed order. */
struct Partials {
  double* values;
  std::size_t width;
  int threads;

  /** Calls work(begin, end, sums) for ranges of rows, `sums` zeroed. */
  template <class Work>
  void accumulate(std::size_t rows, std::size_t grain, const Work& work) const {
    const std::size_t each = rowsEach(threads, rows, grain);
    parallelParts(parts(rows, grain), [&](int part) {
      double* sums = values + static_cast<std::size_t>(part) * width;
      std::fill(sums, sums + width, 0.0);
      const std::size_t begin = static_cast<std::size_t>(part) * each;
      work(begin, std::min(begin + each, rows), sums);
    });
  }

  [[nodiscard]] double total(std::size_t column, std::size_t rows, std::size_t grain) const {
    double sum = 0;
    for (int part = 0; part < parts(rows, grain); ++part) {
      sum += values[static_cast<std::size_t>(part) * width + column];
    }
    return sum;
  }

 private:
  [[nodiscard]] int parts(std::size_t rows, std::size_t grain) const {
    const std::size_t each = rowsEach(threads, rows, grain);
    return static_cast<int>(ceilDivide(rows, each));
  }
};

/** Room for `width` sums per thread, each thread's on its own cache lines. */
inline Partials makePartials(Lowering& lowering, std::size_t width) {
  const std::size_t padded = ceilDivide(width, 8) * 8 + 8;
  const auto threads = static_cast<std::size_t>(lowering.threads());
  return {static_cast<double*>(lowering.scratch(threads * padded * sizeof(double))), padded,
          lowering.threads()};
}

}  // namespace mpsbench::cpu
