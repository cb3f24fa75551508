/**
 * What each op computes, in float64 and in the plainest form: written for the tests from the comments
 * of src/graph/types.ts, and sharing no code with any backend.
 */
import type { Graph, Op, Shape, TensorId } from '../../../src/graph/types.js';

export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array;
}

type Read = (id: TensorId) => Values;

/** Runs every op of the graph once; updates state in `values` and adds the temps to it. */
export function evaluate(graph: Graph, values: Map<TensorId, Values>): void {
  const read: Read = (id) => {
    const found = values.get(id);
    if (found === undefined) throw new Error(`no values for ${id}`);
    return found;
  };
  for (const op of graph.ops) {
    const shape = graph.tensors.find((tensor) => tensor.id === op.output)?.shape ?? [];
    values.set(op.output, { shape, data: compute(op, read, shape) });
  }
}

function compute(op: Op, read: Read, shape: Shape): Float64Array {
  const a = read(op.inputs[0]);
  const b = read(op.inputs[1] ?? op.inputs[0]);
  const size = shape.reduce((product, length) => product * length, 1);
  const fill = (value: (i: number) => number) =>
    Float64Array.from({ length: size }, (_, i) => value(i));
  const at = (from: Values, i: number) => from.data[i] ?? Number.NaN;
  switch (op.kind) {
    case 'add':
      return fill((i) => at(a, i) + at(b, i));
    case 'sub':
      return fill((i) => at(a, i) - at(b, i));
    case 'mul':
      return fill((i) => at(a, i) * at(b, i));
    case 'relu':
      return fill((i) => Math.max(at(a, i), 0));
    case 'reshape':
      return a.data.slice();
    case 'bias_add':
      return fill((i) => at(a, i) + at(b, i % b.data.length));
    case 'sgd_update':
      return fill((i) => at(a, i) - op.learningRate * at(b, i));
    case 'mse_grad':
      return fill((i) => (2 * (at(a, i) - at(b, i))) / size);
    case 'mse_loss': {
      const squares = a.data.map((value, i) => (value - at(b, i)) ** 2);
      return Float64Array.of(squares.reduce((sum, value) => sum + value, 0) / squares.length);
    }
    case 'reduce_sum': {
      const rows = a.data.length / size;
      return fill((c) => sum(rows, (r) => at(a, r * size + c)));
    }
    case 'softmax': {
      const columns = shape.at(-1) ?? 1;
      return fill((i) => {
        const start = Math.floor(i / columns) * columns;
        const row = a.data.subarray(start, start + columns);
        return 1 / sum(columns, (c) => Math.exp((row[c] ?? 0) - at(a, i)));
      });
    }
    case 'matmul': {
      const [m = 1, n = 1] = shape;
      const k = a.data.length / m;
      return fill((i) => {
        const [row, column] = [Math.floor(i / n), i % n];
        return sum(k, (p) => {
          const left = at(a, op.transposeA ? p * m + row : row * k + p);
          return left * at(b, op.transposeB ? column * k + p : p * n + column);
        });
      });
    }
    case 'conv2d': {
      const [, h = 1, w = 1, channels = 1] = a.shape;
      const [kh = 1, kw = 1, , features = 1] = b.shape;
      const [, oh = 1, ow = 1] = shape;
      const pad = (input: number, window: number, stride: number, output: number) =>
        op.padding === 'valid'
          ? 0
          : Math.floor(Math.max((output - 1) * stride + window - input, 0) / 2);
      const top = pad(h, kh, op.strides[0], oh);
      const left = pad(w, kw, op.strides[1], ow);
      return fill((i) => {
        const f = i % features;
        const ox = Math.floor(i / features) % ow;
        const oy = Math.floor(i / features / ow) % oh;
        const image = Math.floor(i / features / ow / oh);
        return sum(kh * kw * channels, (tap) => {
          const c = tap % channels;
          const x = ox * op.strides[1] + (Math.floor(tap / channels) % kw) - left;
          const y = oy * op.strides[0] + Math.floor(tap / channels / kw) - top;
          if (x < 0 || x >= w || y < 0 || y >= h) return 0;
          return at(a, ((image * h + y) * w + x) * channels + c) * at(b, tap * features + f);
        });
      });
    }
    case 'max_pool2d': {
      const [, h = 1, w = 1, channels = 1] = a.shape;
      const [, oh = 1, ow = 1] = shape;
      return fill((i) => {
        const c = i % channels;
        const ox = Math.floor(i / channels) % ow;
        const oy = Math.floor(i / channels / ow) % oh;
        const image = Math.floor(i / channels / ow / oh);
        let largest = Number.NEGATIVE_INFINITY;
        for (let y = 0; y < op.window[0]; y++) {
          for (let x = 0; x < op.window[1]; x++) {
            const pixel = (image * h + oy * op.strides[0] + y) * w + ox * op.strides[1] + x;
            largest = Math.max(largest, at(a, pixel * channels + c));
          }
        }
        return largest;
      });
    }
    default:
      return op satisfies never;
  }
}

function sum(count: number, value: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += value(i);
  return total;
}
