#include "backends/metal/calls/linear_residual.h"

#include <algorithm>
#include <array>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

// Threadgroups of linear_residual.metal: 8 simdgroups, the lanes of one along a row.
constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kRowsAtOnce = 8;
/** At least so many rows for each thread, so that a threadgroup's sums pay. */
constexpr std::int64_t kRowsEach = 8;
/** Enough threadgroups for every GPU. */
constexpr std::int64_t kMostGroups = 1024;

KernelCall callOf(const LinearStep& step, const char* entry, std::int64_t groupsX,
                  std::int64_t groupsY) {
  KernelCall call{"linear_residual.metal", {{"TYPE", metalType(step.dtype)}}, entry};
  call.shape.threads[0] = kRowsAtOnce * kLanes;
  call.shape.groups = {static_cast<std::size_t>(groupsX), static_cast<std::size_t>(groupsY), 1};
  call.groupMemory = {kRowsAtOnce * kLanes * sizeof(float), kRowsAtOnce * sizeof(float)};
  return call;
}

}  // namespace

LargeStepCalls largeStepCalls(const LinearStep& step) {
  const std::int64_t columnGroups = ceilDivide(step.units, kLanes);
  const std::int64_t wanted = ceilDivide(kMostGroups, columnGroups);
  const std::int64_t rowsPerGroup =
      std::max(ceilDivide(step.rows, wanted), kRowsAtOnce * kRowsEach);
  const std::int64_t rowGroups = ceilDivide(step.rows, rowsPerGroup);
  const auto bytes = [](std::int64_t count, std::size_t each) {
    return static_cast<std::size_t>(count) * each;
  };
  const auto outputs = static_cast<double>(step.rows) * static_cast<double>(step.units);
  LargeStepCalls calls;
  calls.forward = {.dtype = step.dtype,
                   .rows = step.rows,
                   .columns = step.units,
                   .inner = step.features,
                   .epilogue = ProductSpec::Epilogue::bias};
  calls.update = {.dtype = step.dtype,
                  .rows = step.features,
                  .columns = step.units,
                  .inner = step.rows,
                  .transposeA = true,
                  .epilogue = ProductSpec::Epilogue::update,
                  .rate = static_cast<float>(step.weightRate * 2 / outputs)};
  calls.residual = callOf(step, "linear_residual", columnGroups, rowGroups);
  calls.residual.setValue(5, uint4(step.rows, step.units, rowsPerGroup));
  calls.finish = callOf(step, "linear_finish", columnGroups + 1, 1);
  calls.finish.setValue(5, uint4(step.units, rowGroups, rowGroups * columnGroups));
  calls.finish.setValue(6, std::array{static_cast<float>(step.biasRate * 2 / outputs),
                                      static_cast<float>(1 / outputs)});
  calls.residualBytes = bytes(step.rows * step.units, sizeOf(step.dtype));
  calls.squareBytes = bytes(rowGroups * columnGroups, sizeof(float));
  calls.columnSumBytes = bytes(rowGroups * step.units, sizeof(float));
  return calls;
}

}  // namespace mpsbench::metal
