#include <algorithm>
#include <array>
#include <utility>

#include "backends/cuda/matchers.h"
#include "backends/cuda/ops/cudnn_graph.h"
#include "core/ceil_divide.h"

namespace mpsbench::cuda {

namespace {

constexpr std::size_t kPlans = 4;
constexpr std::int64_t kAlignment = 16;

using Dimensions = std::array<std::int64_t, 4>;

cudnnDataType_t dataType(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return CUDNN_DATA_HALF;
    case DType::bf16:
      return CUDNN_DATA_BFLOAT16;
    case DType::f64:
      return CUDNN_DATA_DOUBLE;
    case DType::f32:
      break;
  }
  return CUDNN_DATA_FLOAT;
}

/** The names under which the pack gives the tensors' addresses. */
enum Id : std::int64_t { kX = 1, kFilters, kBias, kY, kProduct, kBiased };

/** conv2d, with the bias_add and the relu after it if there are any. */
struct Convolution {
  DType dtype = DType::f32;
  Dimensions x{};        // batch, channels, height, width
  Dimensions filters{};  // outputs, inputs, height, width
  Dimensions y{};
  std::array<std::int64_t, 2> strides{};
  std::array<std::int64_t, 2> before{};
  std::array<std::int64_t, 2> after{};
  bool bias = false;
  bool relu = false;
};

Dimensions channelsLast(const Dimensions& size) {
  return {size[1] * size[2] * size[3], 1, size[1] * size[3], size[1]};
}

Convolution convolutionOf(const Lowering& lowering, const std::vector<OpIndex>& ops) {
  const Op& op = lowering.op(ops.front());
  const Shape& x = lowering.graph().input(op, 0).shape;
  const Shape& k = lowering.graph().input(op, 1).shape;
  const Shape& y = lowering.graph().output(op).shape;
  Convolution made;
  made.dtype = lowering.graph().output(op).dtype;
  made.x = {x[0], x[3], x[1], x[2]};
  made.filters = {k[3], k[2], k[0], k[1]};
  made.y = {y[0], y[3], y[1], y[2]};
  made.strides = op.spec.strides;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const WindowAxis window =
        windowAxis(x[axis + 1], k[axis], op.spec.strides[axis], op.spec.padding);
    made.before[axis] = window.padBefore;
    made.after[axis] = window.padAfter;
  }
  for (const OpIndex next : ops) {
    made.bias = made.bias || lowering.spec(next).kind == OpKind::biasAdd;
    made.relu = made.relu || lowering.spec(next).kind == OpKind::relu;
  }
  return made;
}

/** Builds the graph of operations; what it returns must outlive the plans' making only. */
class Operations {
 public:
  Operations(const Cudnn& library, const Convolution& convolution)
      : library_(library),
        convolution_(convolution),
        sums_(convolution.dtype == DType::f64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT) {
    const bool alone = !convolution_.bias && !convolution_.relu;
    CudnnDescriptor& product = result(alone, kProduct);
    addConvolution(product);
    if (convolution_.bias) {
      const Dimensions size = {1, convolution_.y[1], 1, 1};
      CudnnDescriptor& bias = tensor(size, dataType(convolution_.dtype), kBias, false);
      CudnnDescriptor& biased = result(!convolution_.relu, kBiased);
      addPointwise(CUDNN_POINTWISE_ADD, product, &bias, biased);
      if (convolution_.relu) {
        addPointwise(CUDNN_POINTWISE_RELU_FWD, biased, nullptr, result(true, kY));
      }
    } else if (convolution_.relu) {
      addPointwise(CUDNN_POINTWISE_RELU_FWD, product, nullptr, result(true, kY));
    }
  }

  [[nodiscard]] std::span<const CudnnDescriptor> all() const { return operations_; }

 private:
  CudnnDescriptor& tensor(const Dimensions& size, cudnnDataType_t type, std::int64_t id,
                          bool isVirtual) {
    const Dimensions strides = channelsLast(size);
    auto made = std::make_unique<CudnnDescriptor>(library_, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    made->set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, std::span<const std::int64_t>(size))
        .set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, std::span<const std::int64_t>(strides))
        .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id)
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, kAlignment)
        .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, isVirtual)
        .finalize();
    parts_.push_back(std::move(made));
    return *parts_.back();
  }

  /** A tensor of the result's shape: the result itself, or one that is never stored. */
  CudnnDescriptor& result(bool stored, std::int64_t id) {
    if (stored) return tensor(convolution_.y, dataType(convolution_.dtype), kY, false);
    return tensor(convolution_.y, sums_, id, true);
  }

  void addConvolution(const CudnnDescriptor& y) {
    constexpr std::array<std::int64_t, 2> kDense = {1, 1};
    const auto pair = [](const auto& values) { return std::span<const std::int64_t>(values); };
    CudnnDescriptor shape(library_, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    shape.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, sums_)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION)
        .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2})
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, pair(kDense))
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, pair(convolution_.strides))
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, pair(convolution_.before))
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, pair(convolution_.after))
        .finalize();
    const cudnnDataType_t type = dataType(convolution_.dtype);
    CudnnDescriptor operation(library_, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, shape)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, tensor(convolution_.x, type, kX, false))
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
             tensor(convolution_.filters, type, kFilters, false))
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    if (sums_ == CUDNN_DATA_DOUBLE) {
      operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_DOUBLE, 1.0)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_DOUBLE, 0.0);
    } else {
      operation.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1.0F)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 0.0F);
    }
    operation.finalize();
    operations_.push_back(std::move(operation));
  }

  void addPointwise(cudnnPointwiseMode_t mode, const CudnnDescriptor& x, const CudnnDescriptor* b,
                    const CudnnDescriptor& y) {
    CudnnDescriptor shape(library_, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    shape.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode)
        .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, sums_)
        .finalize();
    CudnnDescriptor operation(library_, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, shape)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    if (b != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    operation.finalize();
    operations_.push_back(std::move(operation));
  }

  const Cudnn& library_;
  const Convolution& convolution_;
  cudnnDataType_t sums_;
  std::vector<std::unique_ptr<CudnnDescriptor>> parts_;
  std::vector<CudnnDescriptor> operations_;
};

/** The addresses of the tensors and the workspace for a plan. */
std::shared_ptr<const CudnnDescriptor> variantPack(const Cudnn& library,
                                                   const std::vector<std::int64_t>& ids,
                                                   const std::vector<CUdeviceptr>& addresses,
                                                   CUdeviceptr workspace) {
  std::vector<void*> pointers;
  pointers.reserve(addresses.size());
  for (const CUdeviceptr address : addresses) pointers.push_back(pointer(address));
  auto pack = std::make_shared<CudnnDescriptor>(library, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pack->set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
            std::span<const std::int64_t>(ids))
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
           std::span<void* const>(pointers))
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, pointer(workspace))
      .finalize();
  return pack;
}

/** Rearranges the filters for cuDNN. */
Launch filterLayout(Lowering& lowering, const Convolution& convolution, CUdeviceptr from,
                    CUdeviceptr to) {
  constexpr std::int64_t kThreads = 256;
  constexpr std::int64_t kMostBlocks = 1024;
  const auto& [outputs, inputs, height, width] = convolution.filters;
  const std::int64_t count = outputs * inputs * height * width;
  LaunchShape shape;
  shape.block.x = kThreads;
  shape.grid.x = static_cast<unsigned>(std::min(ceilDivide(count, kThreads), kMostBlocks));
  const Kernel kernel = lowering.kernel(
      "filter_layout.cu", {std::string("-DTYPE=") + cudaType(convolution.dtype)}, "filter_layout");
  return {kernel,
          shape,
          from,
          to,
          static_cast<std::int32_t>(height * width),
          static_cast<std::int32_t>(inputs),
          static_cast<std::int32_t>(outputs)};
}

std::vector<Candidate> build(Lowering& lowering, const std::vector<OpIndex>& ops) {
  Context& context = lowering.context();
  const cudnnHandle_t handle = context.cudnn();
  const Cudnn& library = *context.libraries().cudnn().get();
  const Convolution convolution = convolutionOf(lowering, ops);
  const Operations operations(library, convolution);
  const bool fullPrecision = convolution.dtype == DType::f32 && !context.facts().tf32;
  const std::vector<CudnnPlan> plans = cudnnPlans(context, operations.all(), fullPrecision, kPlans);
  if (plans.empty()) return {};

  const Op& op = lowering.op(ops.front());
  const Tensor& filters = lowering.graph().input(op, 1);
  const auto repacked = lowering.scratch(filters.bytes());
  const Launch repack =
      filterLayout(lowering, convolution, lowering.data(op.inputs[1]), repacked->address());
  std::vector<std::int64_t> ids = {kX, kFilters, kY};
  std::vector<CUdeviceptr> addresses = {lowering.data(op.inputs[0]), repacked->address(),
                                        lowering.data(lowering.op(ops.back()).output)};
  if (convolution.bias) {
    ids.push_back(kBias);
    addresses.push_back(lowering.data(lowering.op(ops[1]).inputs[1]));
  }
  std::vector<Candidate> candidates;
  for (const CudnnPlan& plan : plans) {
    if (plan.workspaceBytes > Lowering::kWorkspaceBytes) continue;
    const auto workspace = plan.workspaceBytes > 0 ? lowering.workspace() : nullptr;
    const auto pack =
        variantPack(library, ids, addresses, workspace == nullptr ? 0 : workspace->address());
    std::string name = "cuDNN convolution, " + plan.name;
    const auto convolve = [&library, handle, repacked, workspace, pack,
                           chosen = plan.plan](CUstream) {
      library.check(library.cudnnBackendExecute(handle, chosen->get(), pack->get()),
                    "cudnnBackendExecute");
    };
    if (filters.role == Role::weight) {
      // Only the host changes them.
      candidates.push_back({std::move(name), convolve, {op.inputs[1]}, repack});
    } else {
      candidates.push_back({std::move(name), [repack, convolve](CUstream stream) {
                              repack(stream);
                              convolve(stream);
                            }});
    }
  }
  return candidates;
}

}  // namespace

std::optional<Match> matchCudnnConvolution(const GraphView& view, OpIndex index,
                                           const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::conv2d) return std::nullopt;
  return Match{{index}, [index](Lowering& lowering) { return build(lowering, {index}); }};
}

std::optional<Match> matchCudnnConvolutionEpilogue(const GraphView& view, OpIndex index,
                                                   const Facts& /*facts*/) {
  if (view.spec(index).kind != OpKind::conv2d) return std::nullopt;
  std::vector<OpIndex> ops = {index};
  for (const OpKind kind : {OpKind::biasAdd, OpKind::relu}) {
    const auto next = view.fusable(view.op(ops.back()).output, kind, ops);
    if (next) ops.push_back(*next);
  }
  if (ops.size() == 1) return std::nullopt;
  return Match{ops, [ops](Lowering& lowering) { return build(lowering, ops); }};
}

}  // namespace mpsbench::cuda
