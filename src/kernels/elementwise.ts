import type { ElementwiseOp } from '../graph/types.js';
import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

const OPERATOR = { add: '+', sub: '-', mul: '*' } as const satisfies Record<
  ElementwiseOp['kind'],
  string
>;

/** c = a op b, four elements per thread. Bindings: a, b, c. */
export function elementwise(
  kind: ElementwiseOp['kind'],
  dtype: KernelDType,
  count: number,
): Kernel {
  const type = `vec4<${dtype}>`;
  return {
    name: `elementwise.wgsl ${kind}`,
    ...linearKernel({
      dtype,
      items: Math.ceil(count / 4),
      buffers: [
        { name: 'a', type, access: 'read' },
        { name: 'b', type, access: 'read' },
        { name: 'c', type, access: 'read_write' },
      ],
      body: `  c[i] = a[i] ${OPERATOR[kind]} b[i];`,
    }),
  };
}
