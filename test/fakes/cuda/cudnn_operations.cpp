#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "call.h"
#include "convolution.h"
#include "cudnn_descriptor.h"

namespace mpsbench::cuda::fake {

namespace {

using Pair = std::array<std::int64_t, 2>;

template <std::size_t kCount>
std::array<std::int64_t, kCount> integers(const Descriptor& of, cudnnBackendAttributeName_t name) {
  const auto values = of.all<std::int64_t>(name);
  std::array<std::int64_t, kCount> made{};
  if (values.size() == kCount) std::copy(values.begin(), values.end(), made.begin());
  return made;
}

struct Tensor {
  explicit Tensor(const Descriptor& of)
      : layout{integers<4>(of, CUDNN_ATTR_TENSOR_DIMENSIONS),
               integers<4>(of, CUDNN_ATTR_TENSOR_STRIDES)},
        type(of.get<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE)),
        id(of.get<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID)),
        alignment(of.get<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT)),
        isVirtual(of.get<unsigned char>(CUDNN_ATTR_TENSOR_IS_VIRTUAL) != 0) {}

  Layout layout;
  cudnnDataType_t type;
  std::int64_t id;
  std::int64_t alignment;
  bool isVirtual;
};

/** An operation; what it has of another kind than its own is empty. */
struct Operation {
  explicit Operation(const Descriptor& of)
      : isConvolution(of.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR),
        shape(of.part(isConvolution ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC
                                    : CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)),
        mode(shape->get<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE)),
        windows{integers<2>(*shape, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES),
                integers<2>(*shape, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS)},
        y(*of.part(isConvolution ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y
                                 : CUDNN_ATTR_OPERATION_POINTWISE_YDESC)) {
    for (const auto name :
         {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
          CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_ATTR_OPERATION_POINTWISE_BDESC}) {
      for (const auto& tensor : of.parts(name)) inputs.emplace_back(*tensor);
    }
  }

  bool isConvolution;
  std::shared_ptr<const Descriptor> shape;
  cudnnPointwiseMode_t mode;
  Windows windows;
  Tensor y;
  std::vector<Tensor> inputs;
};

std::vector<Operation> operationsOf(const Descriptor& graph) {
  std::vector<Operation> made;
  for (const auto& one : graph.parts(CUDNN_ATTR_OPERATIONGRAPH_OPS)) made.emplace_back(*one);
  return made;
}

/** Whether y has the extents that x, the filters, strides and paddings give it. */
bool extentsAgree(const Operation& operation) {
  const Axes& x = operation.inputs[0].layout.size;
  const Axes& filters = operation.inputs[1].layout.size;
  const Axes& y = operation.y.layout.size;
  const Pair after = integers<2>(*operation.shape, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS);
  bool agree = y[0] == x[0] && y[1] == filters[0] && x[1] == filters[1];
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t room = x[i + 2] + operation.windows.before[i] + after[i] - filters[i + 2];
    const std::int64_t stride = operation.windows.strides[i];
    agree = agree && room >= 0 && stride > 0 && y[i + 2] == room / stride + 1;
  }
  return agree;
}

/** Whether the results are those of the operation with factors 1 and 0. */
template <class Value>
bool isUnscaled(const Descriptor& of) {
  return of.get<Value>(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA) == 1 &&
         of.all<Value>(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA) == std::vector<Value>{0};
}

bool isKnown(const Operation& operation, const Descriptor& of, cudnnDataType_t type) {
  const Descriptor& shape = *operation.shape;
  if (!operation.isConvolution) {
    const std::size_t inputs = operation.mode == CUDNN_POINTWISE_RELU_FWD ? 1 : 2;
    return operation.inputs.size() == inputs &&
           shape.get<cudnnDataType_t>(CUDNN_ATTR_POINTWISE_MATH_PREC) == type;
  }
  return operation.inputs.size() == 2 && extentsAgree(operation) &&
         (type == CUDNN_DATA_DOUBLE ? isUnscaled<double>(of) : isUnscaled<float>(of)) &&
         shape.get<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE) == type &&
         shape.get<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) ==
             CUDNN_CROSS_CORRELATION &&
         shape.get<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS) == 2 &&
         integers<2>(shape, CUDNN_ATTR_CONVOLUTION_DILATIONS) == Pair{1, 1};
}

/** Computes operations one after the other; what is virtual has memory here. */
template <class Value>
class Computation {
 public:
  explicit Computation(const Descriptor& pack) {
    const auto ids = pack.all<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    const auto pointers = pack.all<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
    for (std::size_t i = 0; i < std::min(ids.size(), pointers.size()); ++i) {
      addresses_[ids[i]] = reinterpret_cast<CUdeviceptr>(pointers[i]);
    }
  }

  void run(const Operation& operation) {
    const Strided<Value> y = at(operation.y);
    std::vector<Strided<Value>> inputs;
    for (const Tensor& input : operation.inputs) inputs.push_back(at(input));
    for (const auto& input : inputs) {
      if (input.data == nullptr || y.data == nullptr) return;
    }
    if (operation.isConvolution) {
      return convolve(inputs[0], inputs[1], y, operation.windows, error());
    }
    forEachPlace(y.layout.size, [&](const Axes& place) {
      const Value value = inputs[0][place];
      y[place] = operation.mode == CUDNN_POINTWISE_RELU_FWD ? std::max(value, Value{0})
                                                            : value + inputs[1][place];
    });
  }

 private:
  Strided<Value> at(const Tensor& tensor) {
    const std::int64_t extent = tensor.layout.extent();
    if (tensor.isVirtual) {
      auto& values = virtual_[tensor.id];
      values.resize(static_cast<std::size_t>(extent));
      return {values.data(), tensor.layout};
    }
    const CUdeviceptr address = addresses_[tensor.id];
    if (tensor.alignment == 0 || address % static_cast<CUdeviceptr>(tensor.alignment) != 0) {
      State::get().violation("cuDNN was given a tensor that is not aligned");
    }
    return {Call::arrayAt<Value>(address, extent), tensor.layout};
  }

  std::map<std::int64_t, CUdeviceptr> addresses_;
  std::map<std::int64_t, std::vector<Value>> virtual_;
};

}  // namespace

bool isSupported(const Descriptor& graph) {
  std::set<std::int64_t> computed;
  const auto descriptors = graph.parts(CUDNN_ATTR_OPERATIONGRAPH_OPS);
  for (const auto& one : descriptors) {
    const Operation operation(*one);
    const cudnnDataType_t type = operation.y.type;
    const bool ready =
        std::all_of(operation.inputs.begin(), operation.inputs.end(), [&](const Tensor& input) {
          return input.type == type && (!input.isVirtual || computed.count(input.id) > 0);
        });
    const bool has = type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_DOUBLE;
    if (!has || !ready || !isKnown(operation, *one, type)) return false;
    computed.insert(operation.y.id);
  }
  const bool hasHandle = !graph.all<cudnnHandle_t>(CUDNN_ATTR_OPERATIONGRAPH_HANDLE).empty();
  return hasHandle && !descriptors.empty();
}

void compute(const Descriptor& graph, const Descriptor& pack, std::int64_t workspaceBytes) {
  if (workspaceBytes > 0) {
    // An engine leaves there what it likes.
    const auto address =
        reinterpret_cast<CUdeviceptr>(pack.get<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE));
    auto* workspace = Call::arrayAt<std::byte>(address, workspaceBytes);
    if (workspace != nullptr) std::fill_n(workspace, workspaceBytes, std::byte{0xff});
  }
  const std::vector<Operation> operations = operationsOf(graph);
  const auto runAll = [&](auto computation) {
    for (const Operation& operation : operations) computation.run(operation);
  };
  if (operations.front().y.type == CUDNN_DATA_DOUBLE) return runAll(Computation<double>(pack));
  runAll(Computation<float>(pack));
}

}  // namespace mpsbench::cuda::fake
