#include "prelude.h"

// The dense weights of a network in the order in which conv_pool.h reads them: units in runs of four, then two, then
// one, each run as f32 [FILTERS][PIXELS][units of the run], so that a thread reads a run at once, and neighbouring
// threads, which have neighbouring pixels, neighbouring runs.
//
// Macros: TYPE, PIXELS, FILTERS, UNITS, TRANSPOSED (1: weights are [UNITS, PIXELS * FILTERS]), THREADS.

[[max_total_threads_per_threadgroup(THREADS)]] kernel void pack_dense(
    device const TYPE* weights [[buffer(0)]], device float* packed [[buffer(1)]],
    uint i [[thread_position_in_grid]]) {
  if (i >= PIXELS * FILTERS * UNITS) return;
  const uint unit = i % UNITS;
  const uint filter = i / UNITS % FILTERS;
  const uint pixel = i / (UNITS * FILTERS);
  // The run of the unit.
  const uint fours = UNITS / 4 * 4;
  const bool is_two = unit >= fours && UNITS % 4 >= 2 && unit < fours + 2;
  const uint width = unit < fours ? 4 : is_two ? 2 : 1;
  const uint first = unit < fours ? unit / 4 * 4 : is_two ? fours : unit;
  const uint place = filter * PIXELS + pixel;
  const uint feature = pixel * FILTERS + filter;
  packed[first * (FILTERS * PIXELS) + place * width + unit - first] =
#if TRANSPOSED
      load(weights[unit * (PIXELS * FILTERS) + feature]);
#else
      load(weights[feature * UNITS + unit]);
#endif
}
