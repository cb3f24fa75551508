/** Float64 values of every op, by the plainest loops: what the device's results are compared with. */
import type { Graph, Op, Tensor, TensorId } from '../../src/graph/types.js';

export type Values = Map<TensorId, Float64Array>;

/** One iteration of the graph; updates the state tensors in `values` in place. */
export function evaluate(graph: Graph, values: Values): void {
  for (const op of graph.ops) values.set(op.output, evaluateOp(graph, op, values));
}

function evaluateOp(graph: Graph, op: Op, values: Values): Float64Array {
  const tensor = (id: TensorId): Tensor => {
    const found = graph.tensors.find((candidate) => candidate.id === id);
    if (!found) throw new Error(`no tensor ${id}`);
    return found;
  };
  const value = (index: number): Float64Array => {
    const found = values.get(op.inputs[index] ?? '');
    if (!found) throw new Error(`no value of ${op.inputs[index]}`);
    return found;
  };
  const shape = (index: number): readonly number[] => tensor(op.inputs[index] ?? '').shape;
  const x = value(0);
  switch (op.kind) {
    case 'add':
      return x.map((v, i) => v + value(1)[i]);
    case 'sub':
      return x.map((v, i) => v - value(1)[i]);
    case 'mul':
      return x.map((v, i) => v * value(1)[i]);
    case 'relu':
      return x.map((v) => Math.max(v, 0));
    case 'reshape':
      return x.slice();
    case 'bias_add': {
      const bias = value(1);
      return x.map((v, i) => v + bias[i % bias.length]);
    }
    case 'sgd_update': {
      const gradient = value(1);
      return x.map((v, i) => v - op.learningRate * gradient[i]);
    }
    case 'mse_loss': {
      const target = value(1);
      const sum = x.reduce((total, v, i) => total + (v - target[i]) ** 2, 0);
      return Float64Array.of(sum / x.length);
    }
    case 'mse_grad': {
      const target = value(1);
      return x.map((v, i) => (2 * (v - target[i])) / x.length);
    }
    case 'reduce_sum': {
      const columns = shape(0)[1];
      const sums = new Float64Array(columns);
      x.forEach((v, i) => {
        sums[i % columns] += v;
      });
      return sums;
    }
    case 'softmax': {
      const columns = shape(0).at(-1) ?? 1;
      const y = new Float64Array(x.length);
      for (let first = 0; first < x.length; first += columns) {
        const row = x.subarray(first, first + columns);
        const largest = Math.max(...row);
        const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
        row.forEach((v, c) => {
          y[first + c] = Math.exp(v - largest) / total;
        });
      }
      return y;
    }
    case 'matmul': {
      const [m, n] = tensor(op.output).shape;
      const k = shape(0)[op.transposeA ? 0 : 1];
      const b = value(1);
      const c = new Float64Array(m * n);
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let sum = 0;
          for (let p = 0; p < k; p++) {
            sum +=
              x[op.transposeA ? p * m + row : row * k + p] *
              b[op.transposeB ? column * k + p : p * n + column];
          }
          c[row * n + column] = sum;
        }
      }
      return c;
    }
    case 'conv2d': {
      const [n, h, w, c] = shape(0);
      const [kh, kw, , f] = shape(1);
      const [, oh, ow] = tensor(op.output).shape;
      const before = (out: number, extent: number, kernel: number, stride: number): number =>
        op.padding === 'same'
          ? Math.floor(Math.max((out - 1) * stride + kernel - extent, 0) / 2)
          : 0;
      const top = before(oh, h, kh, op.strides[0]);
      const left = before(ow, w, kw, op.strides[1]);
      const filters = value(1);
      const y = new Float64Array(n * oh * ow * f);
      eachIndex([n, oh, ow, f], ([image, oy, ox, filter], at) => {
        eachIndex([kh, kw, c], ([ky, kx, channel]) => {
          const iy = oy * op.strides[0] + ky - top;
          const ix = ox * op.strides[1] + kx - left;
          if (iy < 0 || iy >= h || ix < 0 || ix >= w) return;
          y[at] +=
            x[((image * h + iy) * w + ix) * c + channel] *
            filters[((ky * kw + kx) * c + channel) * f + filter];
        });
      });
      return y;
    }
    case 'max_pool2d': {
      const [n, h, w, c] = shape(0);
      const [, oh, ow] = tensor(op.output).shape;
      const y = new Float64Array(n * oh * ow * c).fill(Number.NEGATIVE_INFINITY);
      eachIndex([n, oh, ow, c], ([image, oy, ox, channel], at) => {
        eachIndex(op.window, ([dy, dx]) => {
          const [iy, ix] = [oy * op.strides[0] + dy, ox * op.strides[1] + dx];
          y[at] = Math.max(y[at], x[((image * h + iy) * w + ix) * c + channel]);
        });
      });
      return y;
    }
  }
}

function eachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  const count = shape.reduce((product, extent) => product * extent, 1);
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}
