#pragma once

#include "backends/cpu/ops/own_kernel.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

/** bias_add, with ReLU where `output` is that of the relu that follows it. */
template <class T>
Candidate biasAdd(Lowering& lowering, OpIndex index, TensorIndex output, bool withRelu) {
  const Op& op = lowering.op(index);
  const T* x = lowering.data<T>(op.inputs[0]);
  const T* bias = lowering.data<T>(op.inputs[1]);
  T* y = lowering.data<T>(output);
  const Matrix matrix = asMatrix(lowering.graph().output(op));
  return {kernelName(withRelu ? "bias_add + relu" : "bias_add"),
          [=, threads = lowering.threads(), kernel = kernels<T>().bias] {
            const std::size_t grain = kElementGrain / matrix.columns + 1;
            parallelFor(threads, matrix.rows, grain, [&](std::size_t begin, std::size_t end) {
              kernel(x + begin * matrix.columns, bias, y + begin * matrix.columns, end - begin,
                     matrix.columns, withRelu);
            });
          }};
}

}  // namespace mpsbench::cpu
