/** 2^32 / golden ratio: spreads consecutive stream numbers over all seeds (Knuth, TAOCP 6.4). */
const STREAM_STEP = 0x9e3779b9;

/**
 * Fills an array with seeded random multiples of scale/128 in [-scale, scale). For a power of two
 * as scale every such value is exact in f32, f16, bf16 and f64, so that all dtypes and devices
 * start from equal numbers. Generator: xorshift32 (Marsaglia 2003), its top 8 bits.
 * @param stream number of the tensor, so that tensors of one seed differ
 */
export function uniformGrid(
  length: number,
  seed: number,
  stream: number,
  scale: number,
): Float32Array {
  const values = new Float32Array(length);
  const step = scale / 128;
  let state = startState(seed, stream);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = ((state >>> 24) - 128) * step;
  }
  return values;
}

/** `first`, `first + 1`, … */
export function sequence(length: number, first: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => first + i);
}

/** Random weights in [0.5, 1.5) with seeded signs, for projections: no term can vanish. */
export function projectionVector(length: number, seed: number): Float64Array {
  const values = new Float64Array(length);
  const grid = uniformGrid(length, seed, 0x5eed, 1);
  for (let i = 0; i < length; i++) values[i] = grid[i] < 0 ? grid[i] - 0.5 : grid[i] + 0.5;
  return values;
}

/** A non-zero start; the finaliser of MurmurHash3 keeps close seeds apart. */
function startState(seed: number, stream: number): number {
  let h = (seed ^ Math.imul(stream + 1, STREAM_STEP)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0 || STREAM_STEP;
}
