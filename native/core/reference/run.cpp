#include <cstring>

#include "core/reference/kernels.h"

namespace mpsbench::reference {

std::size_t elements(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

void run(const OpSpec& op, DType dtype, std::span<const ConstView> inputs, View output) {
  dispatch(dtype, [&]<class T>() {
    switch (op.kind) {
      case OpKind::add:
      case OpKind::sub:
      case OpKind::mul:
      case OpKind::biasAdd:
      case OpKind::relu:
      case OpKind::mseGrad:
      case OpKind::sgdUpdate:
        return elementwise<T>(op, inputs, output);
      case OpKind::matmul:
        return matmul<T>(op, inputs, output);
      case OpKind::conv2d:
        return conv2d<T>(op, inputs, output);
      case OpKind::maxPool2d:
        return maxPool2d<T>(op, inputs, output);
      case OpKind::softmax:
        return softmax<T>(op, inputs, output);
      case OpKind::mseLoss:
      case OpKind::reduceSum:
        return reduce<T>(op, inputs, output);
      case OpKind::reshape:
        std::memcpy(output.data, inputs[0].data, elements(*output.shape) * sizeof(T));
        return;
    }
  });
}

}  // namespace mpsbench::reference
