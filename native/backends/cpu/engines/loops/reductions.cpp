#include <algorithm>

#include "backends/cpu/engines/loops/dispatch.h"
#include "backends/cpu/parallel.h"

namespace mpsbench::cpu {

namespace {

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

/** Room for `width` sums a thread, each thread's on cache lines of its own. */
Partials makePartials(Lowering& lowering, std::size_t width) {
  const std::size_t padded = ceilDivide(width, 8) * 8 + 8;
  const auto threads = static_cast<std::size_t>(lowering.threads());
  return {static_cast<double*>(lowering.scratch(threads * padded * sizeof(double))), padded,
          lowering.threads()};
}

/** The first op of `kind` that takes these inputs and can run with `group`, after its first. */
std::optional<OpIndex> follower(const Lowering& lowering, const std::vector<OpIndex>& group,
                                OpKind kind, const std::vector<TensorIndex>& inputs) {
  const auto& ops = lowering.graph().ops;
  for (OpIndex other = group.front() + 1; other < ops.size(); ++other) {
    if (ops[other].spec.kind == kind && ops[other].inputs == inputs &&
        lowering.canJoin(other, group)) {
      return other;
    }
  }
  return std::nullopt;
}

struct MseOps {
  std::optional<OpIndex> loss;
  OpIndex gradient = 0;
  std::optional<OpIndex> columnSum;
};

template <class T>
void emitMseLoss(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  const T* p = lowering.data<T>(op.inputs[0]);
  const T* t = lowering.data<T>(op.inputs[1]);
  T* loss = lowering.data<T>(op.output);
  const std::size_t count = lowering.graph().input(op, 0).elements();
  lowering.emit({index}, kernelName("mse_loss"),
                [=, partials = makePartials(lowering, 1), kernel = kernels<T>().squaredError] {
                  partials.accumulate(count, kElementGrain,
                                      [&](std::size_t begin, std::size_t end, double* sum) {
                                        *sum = kernel(p + begin, t + begin, end - begin);
                                      });
                  const double sum = partials.total(0, count, kElementGrain);
                  *loss = static_cast<T>(sum / static_cast<double>(count));
                });
}

template <class T>
void emitMse(Lowering& lowering, const MseOps& ops) {
  const Op& gradient = lowering.op(ops.gradient);
  std::vector<OpIndex> covered;
  std::string label = "mse_grad";
  if (ops.loss) {
    covered.push_back(*ops.loss);
    label = "mse_loss + mse_grad";
  }
  covered.push_back(ops.gradient);
  if (ops.columnSum) {
    covered.push_back(*ops.columnSum);
    label += " + reduce_sum";
  }
  std::sort(covered.begin(), covered.end());
  const T* p = lowering.data<T>(gradient.inputs[0]);
  const T* t = lowering.data<T>(gradient.inputs[1]);
  T* g = lowering.data<T>(gradient.output);
  T* loss = ops.loss ? lowering.data<T>(lowering.op(*ops.loss).output) : nullptr;
  T* columnSum = ops.columnSum ? lowering.data<T>(lowering.op(*ops.columnSum).output) : nullptr;
  const Matrix matrix = asMatrix(lowering.graph().output(gradient));
  const std::size_t sums = columnSum == nullptr ? 0 : matrix.columns;
  lowering.emit(covered, kernelName(label),
                [=, partials = makePartials(lowering, sums + 1), kernel = kernels<T>().mse] {
                  const std::size_t rows = matrix.rows;
                  const std::size_t columns = matrix.columns;
                  const auto count = static_cast<double>(rows * columns);
                  const std::size_t grain = kElementGrain / columns + 1;
                  partials.accumulate(
                      rows, grain, [&](std::size_t begin, std::size_t end, double* out) {
                        const std::size_t at = begin * columns;
                        // The last of the sums is the loss.
                        out[sums] = kernel(p + at, t + at, g + at, end - begin, columns, 2 / count,
                                           sums == 0 ? nullptr : out);
                      });
                  if (loss != nullptr)
                    *loss = static_cast<T>(partials.total(sums, rows, grain) / count);
                  for (std::size_t c = 0; c < sums; ++c) {
                    columnSum[c] = static_cast<T>(partials.total(c, rows, grain));
                  }
                });
}

}  // namespace

bool lowerMse(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::mseLoss && op.spec.kind != OpKind::mseGrad) return false;
  return dispatchLoops(lowering.graph().output(op).dtype, [&]<class T>() {
    const bool isLoss = op.spec.kind == OpKind::mseLoss;
    std::vector<OpIndex> group = {index};
    const auto other =
        follower(lowering, group, isLoss ? OpKind::mseGrad : OpKind::mseLoss, op.inputs);
    if (isLoss && !other) return emitMseLoss<T>(lowering, index);
    if (other) group.push_back(*other);
    const OpIndex gradient = isLoss ? *other : index;
    emitMse<T>(lowering,
               {isLoss ? std::optional(index) : other, gradient,
                follower(lowering, group, OpKind::reduceSum, {lowering.op(gradient).output})});
  });
}

bool lowerReduceSum(Lowering& lowering, OpIndex index) {
  const Op& op = lowering.op(index);
  if (op.spec.kind != OpKind::reduceSum) return false;
  return dispatchLoops(lowering.graph().output(op).dtype, [&]<class T>() {
    const T* x = lowering.data<T>(op.inputs[0]);
    T* y = lowering.data<T>(op.output);
    const Matrix matrix = asMatrix(lowering.graph().input(op, 0));
    lowering.emit(
        {index}, kernelName("reduce_sum"),
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
        });
  });
}

}  // namespace mpsbench::cpu
