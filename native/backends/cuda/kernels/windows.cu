#include "prelude.cuh"

// conv2d and max_pool2d, a thread an output value. Macros: TYPE.

using Sum = Acc<TYPE>;

/** Extents in elements: x[n, height, width, channels], y[n, outHeight, outWidth, outChannels]. */
struct Window {
  int64_t outputs;
  int64_t height, width, channels;
  int64_t outHeight, outWidth, outChannels;
  int64_t windowY, windowX, strideY, strideX, padY, padX;
};

/** Calls `visit(image, y, x, channel, output)` for every output value of this thread. */
template <class VISIT>
__device__ __forceinline__ void forOutputs(const Window& w, const VISIT& visit) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < w.outputs;
       i += step) {
    const int64_t pixel = i / w.outChannels;
    const int64_t row = pixel / w.outWidth;
    visit(row / w.outHeight, row % w.outHeight * w.strideY - w.padY,
          pixel % w.outWidth * w.strideX - w.padX, i % w.outChannels, i);
  }
}

extern "C" __global__ void conv2d(const TYPE* x, const TYPE* filters, TYPE* to, Window w) {
  forOutputs(w, [&](int64_t image, int64_t top, int64_t left, int64_t feature, int64_t output) {
    Sum sum = 0;
    for (int64_t i = 0; i < w.windowY; ++i) {
      const int64_t row = top + i;
      if (row < 0 || row >= w.height) continue;
      for (int64_t j = 0; j < w.windowX; ++j) {
        const int64_t column = left + j;
        if (column < 0 || column >= w.width) continue;
        const TYPE* pixel = x + ((image * w.height + row) * w.width + column) * w.channels;
        const TYPE* tap = filters + (i * w.windowX + j) * w.channels * w.outChannels + feature;
#pragma unroll 4
        for (int64_t c = 0; c < w.channels; ++c) {
          sum = fma(load(pixel[c]), load(tap[c * w.outChannels]), sum);
        }
      }
    }
    to[output] = store<TYPE>(sum);
  });
}

/** NaN where the window has one. */
extern "C" __global__ void max_pool2d(const TYPE* x, TYPE* to, Window w) {
  forOutputs(w, [&](int64_t image, int64_t top, int64_t left, int64_t channel, int64_t output) {
    TYPE largest = x[((image * w.height + top) * w.width + left) * w.channels + channel];
    for (int64_t i = 0; i < w.windowY; ++i) {
      for (int64_t j = 0; j < w.windowX; ++j) {
        const TYPE value =
            x[((image * w.height + top + i) * w.width + left + j) * w.channels + channel];
        if (!(load(value) <= load(largest)) && load(largest) == load(largest)) largest = value;
      }
    }
    to[output] = largest;
  });
}
