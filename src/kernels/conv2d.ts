import type { Conv2dOp, MaxPool2dOp, Shape } from '../graph/types.js';
import type { Kernel, KernelDType } from './kernel.js';
import { linearKernel } from './wgsl.js';

/** What runs on the convolution's values before they are written. */
export interface ConvEpilogue {
  readonly bias: boolean;
  readonly relu: boolean;
  readonly pool?: Pick<MaxPool2dOp, 'window' | 'strides'>;
}

/** Rows and columns of zeros before the first pixel; the odd one comes after the last. */
export function paddingBefore(
  x: Shape,
  filters: Shape,
  { strides, padding }: Pick<Conv2dOp, 'strides' | 'padding'>,
): readonly [number, number] {
  const before = (axis: 0 | 1): number => {
    if (padding === 'valid') return 0;
    const out = Math.ceil(x[axis + 1] / strides[axis]);
    const total = Math.max((out - 1) * strides[axis] + filters[axis] - x[axis + 1], 0);
    return Math.floor(total / 2);
  };
  return [before(0), before(1)];
}

/**
 * Direct convolution of x[n, h, w, c] with filters[kh, kw, c, f]; each thread computes one pixel (or
 * pooled pixel) of four filters. Any shape, stride and padding.
 * Bindings: x, filters, bias (where the epilogue has one), y.
 */
export function conv2d(
  dtype: KernelDType,
  shapes: { x: Shape; filters: Shape; y: Shape },
  op: Pick<Conv2dOp, 'strides' | 'padding'>,
  epilogue: ConvEpilogue,
): Kernel {
  const { x, filters, y } = shapes;
  const [padY, padX] = paddingBefore(x, filters, op);
  const [kh, kw, channels, outputs] = filters;
  const width = outputs % 4 === 0 ? 4 : 1;
  const type = width === 4 ? `vec4<${dtype}>` : dtype;
  const accumulator = width === 4 ? 'vec4f' : 'f32';
  const groups = outputs / width;
  const window = epilogue.pool?.window ?? [1, 1];
  const poolStrides = epilogue.pool?.strides ?? [1, 1];
  const bias = epilogue.bias ? `${accumulator}(bias[f])` : `${accumulator}()`;
  const activated = epilogue.relu ? `max(sum, ${accumulator}())` : 'sum';
  const parts = [epilogue.bias && 'bias', epilogue.relu && 'relu', epilogue.pool && 'max_pool'];
  return {
    name: ['conv2d.wgsl', ...parts.filter(Boolean)].join(' + '),
    ...linearKernel({
      dtype,
      items: y[0] * y[1] * y[2] * groups,
      buffers: [
        { name: 'x', type: dtype, access: 'read' },
        { name: 'filters', type, access: 'read' },
        ...(epilogue.bias ? [{ name: 'bias', type, access: 'read' } as const] : []),
        { name: 'y', type, access: 'read_write' },
      ],
      declarations: `
// The convolution at one pixel of image n.
fn pixel(n: u32, oy: u32, ox: u32, f: u32) -> ${accumulator} {
  var sum = ${bias};
  for (var ky = 0u; ky < ${kh}u; ky++) {
    let iy = i32(oy * ${op.strides[0]}u + ky) - ${padY};
    if (iy < 0 || iy >= ${x[1]}) { continue; }
    for (var kx = 0u; kx < ${kw}u; kx++) {
      let ix = i32(ox * ${op.strides[1]}u + kx) - ${padX};
      if (ix < 0 || ix >= ${x[2]}) { continue; }
      let source = ((n * ${x[1]}u + u32(iy)) * ${x[2]}u + u32(ix)) * ${channels}u;
      let tap = (ky * ${kw}u + kx) * ${channels * groups}u + f;
      for (var c = 0u; c < ${channels}u; c++) {
        sum += f32(x[source + c]) * ${accumulator}(filters[tap + c * ${groups}u]);
      }
    }
  }
  return ${activated};
}`,
      body: `  let f = i % ${groups}u;
  let ox = i / ${groups}u % ${y[2]}u * ${poolStrides[1]}u;
  let oy = i / ${groups * y[2]}u % ${y[1]}u * ${poolStrides[0]}u;
  let n = i / ${groups * y[2] * y[1]}u;
  var largest = pixel(n, oy, ox, f);
  for (var w = 1u; w < ${window[0] * window[1]}u; w++) {
    largest = max(largest, pixel(n, oy + w / ${window[1]}u, ox + w % ${window[1]}u, f));
  }
  y[i] = ${type}(largest);`,
    }),
  };
}
