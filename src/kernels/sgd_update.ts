import type { Kernel, KernelDType } from './kernel.js';
import { f32Literal, linearKernel } from './wgsl.js';

/** p <- p - learningRate * g in place, four elements per thread. Bindings: p, g. */
export function sgdUpdate(dtype: KernelDType, count: number, learningRate: number): Kernel {
  const type = `vec4<${dtype}>`;
  return {
    name: 'sgd_update.wgsl',
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'p', type, access: 'read_write' },
        { name: 'g', type, access: 'read' },
      ],
      body: `  p[i] = ${type}(vec4<f32>(p[i]) - ${f32Literal(learningRate)} * vec4<f32>(g[i]));`,
    }),
  };
}
