import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

/**
 * y[r, c] = x[r, c] + bias[c], four elements per thread; `relu` clamps at zero.
 * Bindings: x, bias, y.
 */
export function biasAdd(dtype: KernelDType, count: number, channels: number, relu = false): Kernel {
  const type = `vec4<${dtype}>`;
  const bias =
    channels % 4 === 0
      ? `vec4<f32>(bias[i % ${channels / 4}u])`
      : `vec4<f32>(${[0, 1, 2, 3].map((k) => `f32(bias[(i * 4u + ${k}u) % ${channels}u])`).join(', ')})`;
  const sum = `vec4<f32>(x[i]) + ${bias}`;
  return {
    name: `bias_add.wgsl${relu ? ' relu' : ''}`,
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'x', type, access: 'read' },
        { name: 'bias', type: channels % 4 === 0 ? type : dtype, access: 'read' },
        { name: 'y', type, access: 'read_write' },
      ],
      body: `  y[i] = ${type}(${relu ? `max(${sum}, vec4<f32>())` : sum});`,
    }),
  };
}
