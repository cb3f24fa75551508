#pragma once

#include <optional>
#include <string>

#include "backends/cpu/ops/own_kernel.h"
#include "backends/cpu/ops/partials.h"

namespace mpsbench::cpu {

/** mse_grad, and in the same pass the mse_loss of the same tensors and the reduce_sum of the
 * gradient where they are given. */
template <class T>
Candidate mseGradient(Lowering& lowering, OpIndex index, std::optional<OpIndex> lossOp,
                      std::optional<OpIndex> sumOp) {
  const Op& op = lowering.op(index);
  const T* p = lowering.data<T>(op.inputs[0]);
  const T* t = lowering.data<T>(op.inputs[1]);
  T* g = lowering.data<T>(op.output);
  T* loss = lossOp ? lowering.data<T>(lowering.op(*lossOp).output) : nullptr;
  T* columnSum = sumOp ? lowering.data<T>(lowering.op(*sumOp).output) : nullptr;
  const Matrix matrix = asMatrix(lowering.graph().output(op));
  const std::size_t sums = columnSum == nullptr ? 0 : matrix.columns;
  const std::string label =
      std::string(lossOp ? "mse_loss + mse_grad" : "mse_grad") + (sumOp ? " + reduce_sum" : "");
  return {kernelName(label),
          [=, partials = makePartials(lowering, sums + 1), kernel = kernels<T>().mse] {
            const std::size_t rows = matrix.rows;
            const std::size_t columns = matrix.columns;
            const auto count = static_cast<double>(rows * columns);
            const std::size_t grain = kElementGrain / columns + 1;
            partials.accumulate(rows, grain, [&](std::size_t begin, std::size_t end, double* out) {
              const std::size_t at = begin * columns;
              // The last of the sums is the loss.
              out[sums] = kernel(p + at, t + at, g + at, end - begin, columns, 2 / count,
                                 sums == 0 ? nullptr : out);
            });
            if (loss != nullptr) {
              *loss = static_cast<T>(partials.total(sums, rows, grain) / count);
            }
            for (std::size_t c = 0; c < sums; ++c) {
              columnSum[c] = static_cast<T>(partials.total(c, rows, grain));
            }
          }};
}

}  // namespace mpsbench::cpu
