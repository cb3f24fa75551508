#include "backends/metal/calls/rows.h"

#include <algorithm>

#include "core/ceil_divide.h"

namespace mpsbench::metal {

namespace {

constexpr std::int64_t kLanes = 32;
/** Simdgroups of a threadgroup. */
constexpr std::int64_t kSimdgroups = 8;
constexpr std::int64_t kThreads = kSimdgroups * kLanes;
/** Values of a row that a thread of softmax.metal keeps at most. */
constexpr std::int64_t kMostValues = 16;
/** Enough threadgroups for every GPU, and few enough that a second launch soon has added them up.
 */
constexpr std::int64_t kMostGroups = 512;
/** At least so many rows for each thread, so that a threadgroup's sums pay. */
constexpr std::int64_t kRowsEach = 8;

std::array<std::uint32_t, 2> uint2(std::int64_t x, std::int64_t y) {
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)};
}

KernelCall reduceCall(DType dtype, const char* entry, std::int64_t groupsX, std::int64_t groupsY) {
  KernelCall call{"reduce.metal", {{"TYPE", metalType(dtype)}}, entry};
  call.shape.threads[0] = kThreads;
  call.shape.groups = {static_cast<std::size_t>(groupsX), static_cast<std::size_t>(groupsY), 1};
  call.groupMemory = {kThreads * sizeof(float)};
  call.label = "reduce.metal";
  return call;
}

}  // namespace

KernelCall softmaxCall(DType dtype, const MatrixSize& size) {
  // What a simdgroup cannot keep, a whole threadgroup takes.
  const bool isLong = size.columns > kLanes * kMostValues;
  const std::int64_t values = ceilDivide(size.columns, isLong ? kThreads : kLanes);
  KernelCall call{"softmax.metal",
                  {{"TYPE", metalType(dtype)},
                   {"SIMDGROUPS", std::to_string(isLong ? kSimdgroups : 1)},
                   {"ROWS", std::to_string(isLong ? 1 : kSimdgroups)},
                   {"VALUES", std::to_string(values <= kMostValues ? values : 0)}},
                  "softmax"};
  call.shape.threads[0] = kThreads;
  call.shape.groups[0] = static_cast<std::size_t>(ceilDivide(size.rows, isLong ? 1 : kSimdgroups));
  call.groupMemory = {kSimdgroups * sizeof(float), kSimdgroups * sizeof(float)};
  call.setValue(2, uint2(size.rows, size.columns));
  call.label = "softmax.metal";
  return call;
}

KernelCall biasAddCall(DType dtype, const MatrixSize& size) {
  constexpr std::int64_t kVector = 4;
  const std::int64_t vector = size.columns % kVector == 0 ? kVector : 1;
  const std::int64_t count = size.rows * size.columns;
  KernelCall call{"bias_add.metal",
                  {{"TYPE", metalType(dtype)},
                   {"COLUMNS", std::to_string(size.columns) + "u"},
                   {"VECTOR", std::to_string(vector)},
                   {"THREADS", std::to_string(kThreads)}},
                  "bias_add"};
  call.shape.threads[0] = kThreads;
  call.shape.groups[0] = static_cast<std::size_t>(ceilDivide(count / vector, kThreads));
  call.setValue(3, static_cast<std::uint32_t>(count));
  call.label = "bias_add.metal";
  return call;
}

SumCalls columnSumCalls(DType dtype, const MatrixSize& size) {
  const std::int64_t groupsX = ceilDivide(size.columns, kLanes);
  const std::int64_t wanted = ceilDivide(kMostGroups, groupsX);
  const std::int64_t rowsPerGroup =
      std::max(ceilDivide(size.rows, wanted), kSimdgroups * kRowsEach);
  const std::int64_t groupsY = ceilDivide(size.rows, rowsPerGroup);
  SumCalls calls;
  calls.partial = reduceCall(dtype, "column_sums", groupsX, groupsY);
  calls.partial.setValue(2, uint4(size.rows, size.columns, rowsPerGroup));
  calls.finish = reduceCall(dtype, "finish", groupsX, 1);
  calls.finish.setValue(2, uint2(groupsY, size.columns));
  calls.finish.setValue(3, 1.0F);
  calls.partialBytes = static_cast<std::size_t>(groupsY * size.columns) * sizeof(float);
  return calls;
}

SumCalls meanSquareCalls(DType dtype, std::int64_t count) {
  const std::int64_t groups = std::min(ceilDivide(count, kThreads * kRowsEach), kMostGroups);
  SumCalls calls;
  calls.partial = reduceCall(dtype, "squares", groups, 1);
  calls.partial.setValue(3, static_cast<std::uint32_t>(count));
  calls.finish = reduceCall(dtype, "finish_one", 1, 1);
  calls.finish.setValue(2, static_cast<std::uint32_t>(groups));
  calls.finish.setValue(3, static_cast<float>(1 / static_cast<double>(count)));
  calls.partialBytes = static_cast<std::size_t>(groups) * sizeof(float);
  return calls;
}

}  // namespace mpsbench::metal
