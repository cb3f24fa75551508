import type { MaxPool2dOp, Shape } from '../graph/types.js';
import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

/** Maximum over windows of x[n, h, w, c], one or four channels a thread. Bindings: x, y. */
export function maxPool2d(
  dtype: KernelDType,
  x: Shape,
  y: Shape,
  { window, strides }: Pick<MaxPool2dOp, 'window' | 'strides'>,
): Kernel {
  const width = x[3] % 4 === 0 ? 4 : 1;
  const type = width === 4 ? `vec4<${dtype}>` : dtype;
  const channels = x[3] / width;
  return {
    name: 'max_pool2d.wgsl',
    ...linearKernel({
      dtype,
      items: y[0] * y[1] * y[2] * channels,
      buffers: [
        { name: 'x', type, access: 'read' },
        { name: 'y', type, access: 'read_write' },
      ],
      body: `  let c = i % ${channels}u;
  let ox = i / ${channels}u % ${y[2]}u;
  let oy = i / ${channels * y[2]}u % ${y[1]}u;
  let n = i / ${channels * y[2] * y[1]}u;
  let corner = ((n * ${x[1]}u + oy * ${strides[0]}u) * ${x[2]}u + ox * ${strides[1]}u) * ${channels}u + c;
  var largest = x[corner];
  for (var dy = 0u; dy < ${window[0]}u; dy++) {
    for (var dx = 0u; dx < ${window[1]}u; dx++) {
      largest = max(largest, x[corner + (dy * ${x[2]}u + dx) * ${channels}u]);
    }
  }
  y[i] = largest;`,
    }),
  };
}
