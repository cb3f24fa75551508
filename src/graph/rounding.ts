import type { DType } from '../result/dtypes.js';
import { f16BitsToF32, f32ToF16Bits } from './float16.js';

/** The values as a tensor of this dtype holds them, rounded to nearest even. */
export function roundToDtype(values: Float32Array, dtype: DType): Float32Array {
  switch (dtype) {
    case 'f32':
    case 'f64':
      return values;
    case 'f16':
      return f16BitsToF32(f32ToF16Bits(values));
    case 'bf16':
      return roundToBf16(values);
    default:
      throw dtype satisfies never;
  }
}

/** bfloat16 is the upper half of an f32. */
function roundToBf16(values: Float32Array): Float32Array {
  const rounded = new Float32Array(values);
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) {
    if (Number.isNaN(rounded[i])) continue;
    const halfUp = 0x7fff + ((bits[i] >>> 16) & 1);
    bits[i] = (bits[i] + halfUp) & 0xffff0000;
  }
  return rounded;
}
