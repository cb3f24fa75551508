import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

/** y = max(x, 0), four elements per thread. Bindings: x, y. */
export function relu(dtype: KernelDType, count: number): Kernel {
  const type = `vec4<${dtype}>`;
  return {
    name: 'relu.wgsl',
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'x', type, access: 'read' },
        { name: 'y', type, access: 'read_write' },
      ],
      body: `  y[i] = max(x[i], ${type}());`,
    }),
  };
}
