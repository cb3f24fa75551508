/** 2^32 / golden ratio: spreads consecutive stream numbers over all seeds (Knuth, TAOCP 6.4). */
const STREAM_STEP = 0x9e3779b9;

/**
 * Fills an array with seeded random numbers in [-scale, scale]. They have all 24 significant bits of
 * an f32, so that a device which rounds them to a shorter format shows; for a shorter dtype the
 * caller rounds them once, and every device starts from equal numbers. Generator: xorshift32
 * (Marsaglia 2003), all 32 bits.
 * @param stream number of the tensor, so that tensors of one seed differ
 */
export function uniform(length: number, seed: number, stream: number, scale: number): Float32Array {
  const values = new Float32Array(length);
  const step = scale / 2 ** 31;
  let state = startState(seed, stream);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = state * step;
  }
  return values;
}

/** `first`, `first + 1`, … */
export function sequence(length: number, first: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => first + i);
}

/** Random weights in [0.5, 1.5] with seeded signs, for projections: no term can vanish. */
export function projectionVector(length: number, seed: number): Float64Array {
  const values = new Float64Array(length);
  const draws = uniform(length, seed, 0x5eed, 1);
  for (let i = 0; i < length; i++) values[i] = draws[i] < 0 ? draws[i] - 0.5 : draws[i] + 0.5;
  return values;
}

/** A non-zero start; the finaliser of MurmurHash3 keeps close seeds apart. */
function startState(seed: number, stream: number): number {
  let h = (seed ^ Math.imul(stream + 1, STREAM_STEP)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0 || STREAM_STEP;
}
