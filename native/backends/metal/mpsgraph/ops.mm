#include "backends/metal/mpsgraph/ops.h"

#include <algorithm>
#include <initializer_list>

#include "backends/metal/driver/text.h"
#include "backends/metal/mpsgraph/lowering.h"
#include "backends/metal/ops/dtypes.h"

namespace mpsbench::metal {

namespace {

NSUInteger count(std::int64_t value) {
  return static_cast<NSUInteger>(value);
}

/** The axes from 0 to `end`, autoreleased. */
NSArray<NSNumber*>* axesUpTo(std::size_t end) {
  NSMutableArray* axes = [NSMutableArray arrayWithCapacity:end];
  for (std::size_t axis = 0; axis < end; ++axis) {
    [axes addObject:[NSNumber numberWithUnsignedInteger:axis]];
  }
  return axes;
}

/** An axis order of a transposition, autoreleased. */
NSArray<NSNumber*>* permutationOf(std::initializer_list<NSUInteger> order) {
  NSMutableArray* axes = [NSMutableArray arrayWithCapacity:order.size()];
  for (const NSUInteger axis : order) [axes addObject:[NSNumber numberWithUnsignedInteger:axis]];
  return axes;
}

/** The layout that the op works in. */
Layout layoutOf(const Op& op, const Symbols& symbols, Layout ofConvolutions) {
  switch (op.spec.kind) {
    case OpKind::conv2d:
      return ofConvolutions;
    case OpKind::biasAdd:
    case OpKind::relu:
    case OpKind::maxPool2d:
      return symbols.isNchw(op.inputs[0]) ? Layout::nchw : Layout::nhwc;
    default:
      return Layout::nhwc;
  }
}

/** Adds the ops of one op of our graph, all with its name. */
class OpLowering {
 public:
  OpLowering(MPSGraph* mps, const Graph& graph, const Op& op, Symbols& symbols, Layout layout,
             const Limits& limits)
      : mps_(mps),
        graph_(graph),
        op_(op),
        symbols_(symbols),
        isNchw_(layout == Layout::nchw),
        limits_(limits),
        name_(nsString(op.id)) {}

  [[nodiscard]] MPSGraphTensor* lower() const {
    switch (op_.spec.kind) {
      case OpKind::add:
        return add(input(0), input(1));
      case OpKind::biasAdd:
        return biasAdd();
      case OpKind::sub:
        return subtract(input(0), input(1));
      case OpKind::mul:
        return multiply(input(0), input(1));
      case OpKind::matmul:
        return matmul();
      case OpKind::relu:
        return [mps_ reLUWithTensor:input(0) name:name_];
      case OpKind::conv2d:
        return conv2d();
      case OpKind::maxPool2d:
        return maxPool2d();
      case OpKind::reshape:
        return reshaped(input(0));
      case OpKind::softmax:
        return [mps_ softMaxWithTensor:input(0)
                                  axis:static_cast<NSInteger>(inputShape(0).size()) - 1
                                  name:name_];
      case OpKind::mseLoss:
        return mseLoss();
      case OpKind::mseGrad:
        return narrow(multiply(difference(), scalar(2 / elements())));
      case OpKind::reduceSum:
        return narrow(reshaped(sum(wide(0), 1)));
      case OpKind::sgdUpdate:
        return narrow(subtract(wide(0), multiply(wide(1), scalar(op_.spec.learningRate))));
    }
    return nil;
  }

 private:
  /** The images of an op that works on NCHW are its first input. */
  [[nodiscard]] MPSGraphTensor* input(std::size_t index) const {
    const Layout layout = isNchw_ && index == 0 ? Layout::nchw : Layout::nhwc;
    return symbols_.get(op_.inputs[index], layout);
  }
  [[nodiscard]] const Shape& inputShape(std::size_t index) const {
    return graph_.input(op_, index).shape;
  }
  [[nodiscard]] double elements() const {
    return static_cast<double>(graph_.input(op_, 0).elements());
  }

  // Sums and small differences lose too much in 16 bits: these ops compute in f32 and round once.

  [[nodiscard]] bool isNarrow() const { return sizeOf(graph_.output(op_).dtype) < sizeof(float); }
  [[nodiscard]] MPSGraphTensor* widened(MPSGraphTensor* tensor) const {
    if (!isNarrow()) return tensor;
    return [mps_ castTensor:tensor toType:MPSDataTypeFloat32 name:name_];
  }
  [[nodiscard]] MPSGraphTensor* wide(std::size_t index) const { return widened(input(index)); }
  [[nodiscard]] MPSGraphTensor* narrow(MPSGraphTensor* tensor) const {
    if (!isNarrow()) return tensor;
    return [mps_ castTensor:tensor toType:mpsDataType(graph_.output(op_).dtype) name:name_];
  }
  [[nodiscard]] MPSGraphTensor* scalar(double value) const {
    return [mps_ constantWithScalar:value dataType:MPSDataTypeFloat32];
  }

  [[nodiscard]] MPSGraphTensor* add(MPSGraphTensor* left, MPSGraphTensor* right) const {
    return [mps_ additionWithPrimaryTensor:left secondaryTensor:right name:name_];
  }
  [[nodiscard]] MPSGraphTensor* subtract(MPSGraphTensor* left, MPSGraphTensor* right) const {
    return [mps_ subtractionWithPrimaryTensor:left secondaryTensor:right name:name_];
  }
  [[nodiscard]] MPSGraphTensor* multiply(MPSGraphTensor* left, MPSGraphTensor* right) const {
    return [mps_ multiplicationWithPrimaryTensor:left secondaryTensor:right name:name_];
  }
  [[nodiscard]] MPSGraphTensor* difference() const { return subtract(wide(0), wide(1)); }
  /** MPSGraph broadcasts from the last axis, which in NCHW is not that of the bias. */
  [[nodiscard]] MPSGraphTensor* biasAdd() const {
    if (!isNchw_) return add(input(0), input(1));
    MPSGraphTensor* bias = [mps_ reshapeTensor:input(1)
                                     withShape:mpsShape({inputShape(1)[0], 1, 1})
                                          name:name_];
    return add(input(0), bias);
  }
  /** Over the first `axes` axes, which stay as dimensions of 1. */
  [[nodiscard]] MPSGraphTensor* sum(MPSGraphTensor* tensor, std::size_t axes) const {
    return [mps_ reductionSumWithTensor:tensor axes:axesUpTo(axes) name:name_];
  }
  [[nodiscard]] MPSGraphTensor* reshaped(MPSGraphTensor* tensor) const {
    return [mps_ reshapeTensor:tensor withShape:mpsShape(graph_.output(op_).shape) name:name_];
  }

  [[nodiscard]] MPSGraphTensor* transposed(MPSGraphTensor* tensor, bool isStoredTransposed) const {
    if (!isStoredTransposed) return tensor;
    return [mps_ transposeTensor:tensor dimension:0 withDimension:1 name:name_];
  }
  [[nodiscard]] MPSGraphTensor* product(MPSGraphTensor* a, MPSGraphTensor* b) const {
    return [mps_ matrixMultiplicationWithPrimaryTensor:transposed(a, op_.spec.transposeA)
                                       secondaryTensor:transposed(b, op_.spec.transposeB)
                                                  name:name_];
  }
  /** `length` along the inner dimension of operand `index`, from `start` on. */
  [[nodiscard]] MPSGraphTensor* innerSlice(std::size_t index, NSUInteger axis, std::int64_t start,
                                           std::int64_t length) const {
    return [mps_ sliceTensor:input(index)
                   dimension:axis
                       start:static_cast<NSInteger>(start)
                      length:static_cast<NSInteger>(length)
                        name:name_];
  }

  /** In parts along the inner dimension where MPSGraph multiplies long ones wrongly. */
  [[nodiscard]] MPSGraphTensor* matmul() const {
    const MatmulSizes sizes = matmulSizes(graph_, op_);
    const std::int64_t part = matmulPart(sizes, limits_);
    if (part == sizes.inner) return product(input(0), input(1));
    MPSGraphTensor* sum = nil;
    for (std::int64_t start = 0; start < sizes.inner; start += part) {
      const std::int64_t length = std::min(part, sizes.inner - start);
      MPSGraphTensor* partial =
          widened(product(innerSlice(0, op_.spec.transposeA ? 0 : 1, start, length),
                          innerSlice(1, op_.spec.transposeB ? 1 : 0, start, length)));
      sum = sum == nil ? partial : add(sum, partial);
    }
    return narrow(sum);
  }

  [[nodiscard]] MPSGraphTensor* mseLoss() const {
    MPSGraphTensor* apart = difference();
    MPSGraphTensor* total = sum(multiply(apart, apart), inputShape(0).size());
    return narrow(reshaped(multiply(total, scalar(1 / elements()))));
  }

  [[nodiscard]] MPSGraphTensorNamedDataLayout dataLayout() const {
    return isNchw_ ? MPSGraphTensorNamedDataLayoutNCHW : MPSGraphTensorNamedDataLayoutNHWC;
  }

  [[nodiscard]] MPSGraphTensor* conv2d() const {
    const Shape& x = inputShape(0);
    const Shape& filters = inputShape(1);
    const auto& [strideY, strideX] = op_.spec.strides;
    const WindowAxis y = windowAxis(x[1], filters[0], strideY, op_.spec.padding);
    const WindowAxis across = windowAxis(x[2], filters[1], strideX, op_.spec.padding);
    MPSGraphConvolution2DOpDescriptor* descriptor = [MPSGraphConvolution2DOpDescriptor
        descriptorWithStrideInX:count(strideX)
                      strideInY:count(strideY)
                dilationRateInX:1
                dilationRateInY:1
                         groups:1
                    paddingLeft:count(across.padBefore)
                   paddingRight:count(across.padAfter)
                     paddingTop:count(y.padBefore)
                  paddingBottom:count(y.padAfter)
                   paddingStyle:MPSGraphPaddingStyleExplicit
                     dataLayout:dataLayout()
                  weightsLayout:isNchw_ ? MPSGraphTensorNamedDataLayoutOIHW
                                        : MPSGraphTensorNamedDataLayoutHWIO];
    MPSGraphTensor* weights = input(1);
    if (isNchw_) {
      // The pair of layouts that PyTorch uses.
      weights = [mps_ transposeTensor:weights permutation:permutationOf({3, 2, 0, 1}) name:name_];
    }
    return [mps_ convolution2DWithSourceTensor:input(0)
                                 weightsTensor:weights
                                    descriptor:descriptor
                                          name:name_];
  }

  [[nodiscard]] MPSGraphTensor* maxPool2d() const {
    MPSGraphPooling2DOpDescriptor* descriptor =
        [MPSGraphPooling2DOpDescriptor descriptorWithKernelWidth:count(op_.spec.window[1])
                                                    kernelHeight:count(op_.spec.window[0])
                                                       strideInX:count(op_.spec.strides[1])
                                                       strideInY:count(op_.spec.strides[0])
                                                    paddingStyle:MPSGraphPaddingStyleTF_VALID
                                                      dataLayout:dataLayout()];
    return [mps_ maxPooling2DWithSourceTensor:input(0) descriptor:descriptor name:name_];
  }

  MPSGraph* mps_;
  const Graph& graph_;
  const Op& op_;
  Symbols& symbols_;
  bool isNchw_;
  const Limits& limits_;
  NSString* name_;
};

}  // namespace

MPSGraphTensor* Symbols::get(TensorIndex tensor, Layout layout) {
  const bool isWantedNchw = layout == Layout::nchw;
  MPSGraphTensor*& wanted = (isWantedNchw ? nchw_ : plain_)[tensor];
  if (wanted != nil) return wanted;
  NSArray<NSNumber*>* order =
      isWantedNchw ? permutationOf({0, 3, 1, 2}) : permutationOf({0, 2, 3, 1});
  wanted = [mps_ transposeTensor:(isWantedNchw ? plain_ : nchw_)[tensor]
                     permutation:order
                            name:nil];
  return wanted;
}

Shape nchwShape(const Shape& nhwc) {
  return {nhwc[0], nhwc[3], nhwc[1], nhwc[2]};
}

LoweredOp lowerOp(MPSGraph* mps, const Graph& graph, const Op& op, Symbols& symbols, Layout layout,
                  const Limits& limits) {
  const Layout own = layoutOf(op, symbols, layout);
  return {OpLowering(mps, graph, op, symbols, own, limits).lower(), own};
}

}  // namespace mpsbench::metal
