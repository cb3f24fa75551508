#include "prelude.h"

// y[i] = OPERATION(a[i], b[i]), four values an access and UNROLL accesses a thread.
//
// Macros: TYPE, OPERATION (one of the functions below), UNROLL, THREADS.

typedef vec<TYPE, 4> Vector;

inline float op_add(float a, float b, float) { return a + b; }
inline float op_sub(float a, float b, float) { return a - b; }
inline float op_mul(float a, float b, float) { return a * b; }
inline float op_reshape(float a, float, float) { return a; }
/** NaN stays NaN. */
inline float op_relu(float a, float, float) { return a < 0.0f ? 0.0f : a; }
inline float op_mse_grad(float a, float b, float scale) { return scale * (a - b); }
inline float op_sgd_update(float a, float b, float rate) { return a - rate * b; }

[[max_total_threads_per_threadgroup(THREADS)]] kernel void elementwise(
    device const TYPE* a [[buffer(0)]], device const TYPE* b [[buffer(1)]],
    device TYPE* y [[buffer(2)]], constant uint& count [[buffer(3)]],
    constant float& factor [[buffer(4)]], uint group [[threadgroup_position_in_grid]],
    uint index [[thread_index_in_threadgroup]]) {
  device const Vector* left = (device const Vector*)a;
  device const Vector* right = (device const Vector*)b;
  device Vector* to = (device Vector*)y;
  const uint vectors = count / 4;
  const uint first = group * THREADS * UNROLL + index;
  for (uint i = 0; i < UNROLL; ++i) {
    const uint at = first + i * THREADS;
    if (at >= vectors) break;
    const Vector p = left[at];
    const Vector q = right[at];
    Vector r;
    for (int j = 0; j < 4; ++j) r[j] = store<TYPE>(OPERATION(load(p[j]), load(q[j]), factor));
    to[at] = r;
  }
  // What is left of a vector at the end.
  const uint rest = vectors * 4 + index;
  if (group == 0 && rest < count) {
    y[rest] = store<TYPE>(OPERATION(load(a[rest]), load(b[rest]), factor));
  }
}
