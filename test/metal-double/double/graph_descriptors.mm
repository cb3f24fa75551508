#include <algorithm>

#include "double/graph.h"
#include "double/rules.h"

using metal_double::Rule;

namespace {

template <std::size_t Count>
bool allAtLeastOne(const NSUInteger (&numbers)[Count], std::size_t first, std::size_t last) {
  return std::all_of(numbers + first, numbers + last, [](NSUInteger n) { return n >= 1; });
}

std::int64_t signedNumber(NSUInteger number) {
  return static_cast<std::int64_t>(number);
}

/** Whether `descriptor` still gives the operation what it gave at first; keeps it alive. */
template <class Descriptor>
std::function<bool()> unchangedSince(Descriptor* descriptor, const metal_double::Node& node) {
  const std::shared_ptr<Descriptor> held([descriptor retain], [](Descriptor* d) { [d release]; });
  return [held, spec = node.spec, padding = node.padding] {
    metal_double::Node again;
    [held.get() describe:&again];
    return again.spec.strides == spec.strides && again.spec.window == spec.window &&
           again.padding == padding;
  };
}

}  // namespace

@implementation MPSGraphConvolution2DOpDescriptor
enum { kStrideX, kStrideY, kDilationX, kDilationY, kGroups, kLeft, kRight, kTop, kBottom };

+ (instancetype)descriptorWithStrideInX:(NSUInteger)strideInX
                              strideInY:(NSUInteger)strideInY
                        dilationRateInX:(NSUInteger)dilationRateInX
                        dilationRateInY:(NSUInteger)dilationRateInY
                                 groups:(NSUInteger)groups
                            paddingLeft:(NSUInteger)paddingLeft
                           paddingRight:(NSUInteger)paddingRight
                             paddingTop:(NSUInteger)paddingTop
                          paddingBottom:(NSUInteger)paddingBottom
                           paddingStyle:(MPSGraphPaddingStyle)paddingStyle
                             dataLayout:(MPSGraphTensorNamedDataLayout)dataLayout
                          weightsLayout:(MPSGraphTensorNamedDataLayout)weightsLayout {
  MPSGraphConvolution2DOpDescriptor* made =
      [[[MPSGraphConvolution2DOpDescriptor alloc] init] autorelease];
  const NSUInteger numbers[] = {strideInX,   strideInY,    dilationRateInX, dilationRateInY, groups,
                                paddingLeft, paddingRight, paddingTop,      paddingBottom};
  std::copy(std::begin(numbers), std::end(numbers), made->numbers_);
  made->paddingStyle_ = paddingStyle;
  made->dataLayout_ = dataLayout;
  made->weightsLayout_ = weightsLayout;
  return made;
}

- (NSUInteger)strideInX {
  return numbers_[kStrideX];
}

- (void)setStrideInX:(NSUInteger)strideInX {
  numbers_[kStrideX] = strideInX;
}
@end

@implementation MPSGraphConvolution2DOpDescriptor (MetalDouble)
- (void)describe:(metal_double::Node*)node {
  metal_double::require(
      allAtLeastOne(numbers_, kStrideX, kGroups + 1) && numbers_[kDilationX] == 1 &&
          numbers_[kDilationY] == 1 && numbers_[kGroups] == 1 &&
          paddingStyle_ == MPSGraphPaddingStyleExplicit &&
          ((dataLayout_ == MPSGraphTensorNamedDataLayoutNHWC &&
            weightsLayout_ == MPSGraphTensorNamedDataLayoutHWIO) ||
           (dataLayout_ == MPSGraphTensorNamedDataLayoutNCHW &&
            weightsLayout_ == MPSGraphTensorNamedDataLayoutOIHW)),
      Rule::shapesFit,
      "The double computes convolutions of NHWC with HWIO or NCHW with OIHW, explicit padding, no "
      "groups and no dilation only.");
  node->isNchw = dataLayout_ == MPSGraphTensorNamedDataLayoutNCHW;
  const bool first = node->spec.kind != mpsbench::OpKind::conv2d;
  node->spec.kind = mpsbench::OpKind::conv2d;
  node->spec.strides = {signedNumber(numbers_[kStrideY]), signedNumber(numbers_[kStrideX])};
  node->padding = {signedNumber(numbers_[kTop]), signedNumber(numbers_[kBottom]),
                   signedNumber(numbers_[kLeft]), signedNumber(numbers_[kRight])};
  if (first) node->descriptorUnchanged = unchangedSince(self, *node);
}
@end

@implementation MPSGraphPooling2DOpDescriptor
enum { kKernelWidth, kKernelHeight, kPoolStrideX, kPoolStrideY };

+ (instancetype)descriptorWithKernelWidth:(NSUInteger)kernelWidth
                             kernelHeight:(NSUInteger)kernelHeight
                                strideInX:(NSUInteger)strideInX
                                strideInY:(NSUInteger)strideInY
                             paddingStyle:(MPSGraphPaddingStyle)paddingStyle
                               dataLayout:(MPSGraphTensorNamedDataLayout)dataLayout {
  MPSGraphPooling2DOpDescriptor* made = [[[MPSGraphPooling2DOpDescriptor alloc] init] autorelease];
  const NSUInteger numbers[] = {kernelWidth, kernelHeight, strideInX, strideInY};
  std::copy(std::begin(numbers), std::end(numbers), made->numbers_);
  made->paddingStyle_ = paddingStyle;
  made->dataLayout_ = dataLayout;
  return made;
}

- (NSUInteger)kernelWidth {
  return numbers_[kKernelWidth];
}

- (void)setKernelWidth:(NSUInteger)kernelWidth {
  numbers_[kKernelWidth] = kernelWidth;
}
@end

@implementation MPSGraphPooling2DOpDescriptor (MetalDouble)
- (void)describe:(metal_double::Node*)node {
  metal_double::require(allAtLeastOne(numbers_, kKernelWidth, kPoolStrideY + 1) &&
                            paddingStyle_ == MPSGraphPaddingStyleTF_VALID &&
                            (dataLayout_ == MPSGraphTensorNamedDataLayoutNHWC ||
                             dataLayout_ == MPSGraphTensorNamedDataLayoutNCHW),
                        Rule::shapesFit,
                        "The double computes poolings of NHWC and NCHW without padding only.");
  node->isNchw = dataLayout_ == MPSGraphTensorNamedDataLayoutNCHW;
  const bool first = node->spec.kind != mpsbench::OpKind::maxPool2d;
  node->spec.kind = mpsbench::OpKind::maxPool2d;
  node->spec.window = {signedNumber(numbers_[kKernelHeight]), signedNumber(numbers_[kKernelWidth])};
  node->spec.strides = {signedNumber(numbers_[kPoolStrideY]), signedNumber(numbers_[kPoolStrideX])};
  if (first) node->descriptorUnchanged = unchangedSince(self, *node);
}
@end
