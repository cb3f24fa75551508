#include "backends/cpu/ops/mse.h"
#include "backends/cpu/ops/ops.h"
#include "backends/cpu/ops/own_kernel.h"
#include "backends/cpu/ops/partials.h"

namespace mpsbench::cpu {

std::optional<Match> matchMseLoss(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::mseLoss) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) -> Candidate {
    const Op& op = lowering.op(index);
    const T* p = lowering.data<T>(op.inputs[0]);
    const T* t = lowering.data<T>(op.inputs[1]);
    T* loss = lowering.data<T>(op.output);
    const std::size_t count = lowering.graph().input(op, 0).elements();
    return {kernelName("mse_loss"),
            [=, partials = makePartials(lowering, 1), kernel = kernels<T>().squaredError] {
              partials.accumulate(count, kElementGrain,
                                  [&](std::size_t begin, std::size_t end, double* sum) {
                                    *sum = kernel(p + begin, t + begin, end - begin);
                                  });
              const double sum = partials.total(0, count, kElementGrain);
              *loss = static_cast<T>(sum / static_cast<double>(count));
            }};
  });
}

std::optional<Match> matchMseGrad(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::mseGrad) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) {
    return mseGradient<T>(lowering, index, std::nullopt, std::nullopt);
  });
}

std::optional<Match> matchReduceSum(const GraphView& view, OpIndex index, const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::reduceSum) return std::nullopt;
  return ownKernelMatch(view, {index}, [index]<class T>(Lowering& lowering) -> Candidate {
    const Op& op = lowering.op(index);
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    const Matrix matrix = asMatrix(lowering.graph().input(op, 0));
    return {
        kernelName("reduce_sum"),
        [=, partials = makePartials(lowering, matrix.columns), kernel = kernels<T>().columnSums] {
          const std::size_t rows = matrix.rows;
          const std::size_t columns = matrix.columns;
          const std::size_t grain = kElementGrain / columns + 1;
          partials.accumulate(rows, grain, [&](std::size_t begin, std::size_t end, double* sums) {
            kernel(x + begin * columns, end - begin, columns, sums);
          });
          for (std::size_t c = 0; c < columns; ++c) {
            y[c] = static_cast<T>(partials.total(c, rows, grain));
          }
        }};
  });
}

}  // namespace mpsbench::cpu
