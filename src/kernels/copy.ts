import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

/** y = x, four elements per thread: a reshape whose result needs a buffer of its own. Bindings: x, y. */
export function copy(dtype: KernelDType, count: number): Kernel {
  const type = `vec4<${dtype}>`;
  return {
    name: 'copy.wgsl',
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'x', type, access: 'read' },
        { name: 'y', type, access: 'read_write' },
      ],
      body: '  y[i] = x[i];',
    }),
  };
}
