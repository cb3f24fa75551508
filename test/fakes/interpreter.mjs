/**
 * A fake executable: interprets a graph in float64, op by op, by the plain formula. It serves the
 * tests of graphs, plans and the command line; no product code uses it.
 */

const elements = (shape) => shape.reduce((product, extent) => product * extent, 1);

/**
 * Evaluates one op. `shapeOf` and `valuesOf` look tensors up by id; `roundFactor` is applied to the
 * factors of products. Returns the output's values.
 * @param {import('../../src/graph/types.js').Op} op
 * @param {(id: string) => readonly number[]} shapeOf
 * @param {(id: string) => Float64Array} valuesOf
 * @param {((value: number) => number) | undefined} roundFactor
 */
export function evaluate(op, shapeOf, valuesOf, roundFactor = undefined) {
  const isProduct = op.kind === 'matmul' || op.kind === 'conv2d';
  const [x, y] = op.inputs
    .map(valuesOf)
    .map((values) => (roundFactor && isProduct ? values.map(roundFactor) : values));
  const shape = shapeOf(op.inputs[0]);
  const outShape = shapeOf(op.output);
  const out = new Float64Array(elements(outShape));
  switch (op.kind) {
    case 'add':
      return out.map((_, i) => x[i] + y[i]);
    case 'sub':
      return out.map((_, i) => x[i] - y[i]);
    case 'mul':
      return out.map((_, i) => x[i] * y[i]);
    case 'relu':
      return out.map((_, i) => Math.max(x[i], 0));
    case 'reshape':
      return Float64Array.from(x);
    case 'bias_add':
      return out.map((_, i) => x[i] + y[i % y.length]);
    case 'matmul': {
      const [m, n] = outShape;
      const k = op.transposeA ? shape[0] : shape[1];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            const a = op.transposeA ? x[l * m + i] : x[i * k + l];
            const b = op.transposeB ? y[j * k + l] : y[l * n + j];
            sum += a * b;
          }
          out[i * n + j] = sum;
        }
      }
      return out;
    }
    case 'conv2d': {
      const [n, h, w, c] = shape;
      const [kh, kw, , f] = shapeOf(op.inputs[1]);
      const [, oh, ow] = outShape;
      const [sh, sw] = op.strides;
      const pad = (out_, stride, kernel, extent) =>
        op.padding === 'same'
          ? Math.max(0, Math.floor(((out_ - 1) * stride + kernel - extent) / 2))
          : 0;
      const [top, left] = [pad(oh, sh, kh, h), pad(ow, sw, kw, w)];
      for (let b = 0; b < n; b++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let o = 0; o < f; o++) {
              let sum = 0;
              for (let ki = 0; ki < kh; ki++)
                for (let kj = 0; kj < kw; kj++)
                  for (let ch = 0; ch < c; ch++) {
                    const [yy, xx] = [i * sh + ki - top, j * sw + kj - left];
                    if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
                    sum +=
                      x[((b * h + yy) * w + xx) * c + ch] * y[((ki * kw + kj) * c + ch) * f + o];
                  }
              out[((b * oh + i) * ow + j) * f + o] = sum;
            }
      return out;
    }
    case 'max_pool2d': {
      const [n, h, w, c] = shape;
      const [, oh, ow] = outShape;
      for (let b = 0; b < n; b++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let ch = 0; ch < c; ch++) {
              let largest = Number.NEGATIVE_INFINITY;
              for (let wi = 0; wi < op.window[0]; wi++)
                for (let wj = 0; wj < op.window[1]; wj++) {
                  const [yy, xx] = [i * op.strides[0] + wi, j * op.strides[1] + wj];
                  largest = Math.max(largest, x[((b * h + yy) * w + xx) * c + ch]);
                }
              out[((b * oh + i) * ow + j) * c + ch] = largest;
            }
      return out;
    }
    case 'softmax': {
      const width = shape[shape.length - 1];
      for (let start = 0; start < x.length; start += width) {
        const row = x.subarray(start, start + width);
        const largest = Math.max(...row);
        const exps = row.map((value) => Math.exp(value - largest));
        const sum = exps.reduce((total, value) => total + value, 0);
        out.set(
          exps.map((value) => value / sum),
          start,
        );
      }
      return out;
    }
    case 'mse_loss':
      out[0] = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length;
      return out;
    case 'mse_grad':
      return out.map((_, i) => (2 * (x[i] - y[i])) / x.length);
    case 'reduce_sum':
      for (let i = 0; i < x.length; i++) out[i % out.length] += x[i];
      return out;
    case 'sgd_update':
      return out.map((_, i) => x[i] - op.learningRate * y[i]);
    default:
      throw new Error(`the fake interpreter has no op ${op.kind}`);
  }
}

/** An Executable over the interpreter. Iterations are run for real; times are scripted. */
export class InterpretedExecutable {
  /**
   * @param {import('../../src/graph/types.js').Graph} graph
   * @param {{ nsPerIteration?: number, deviceShare?: number, roundFactor?: (value: number) => number }} scripted
   */
  constructor(
    graph,
    { nsPerIteration = 1e6, deviceShare = undefined, roundFactor = undefined } = {},
  ) {
    this.roundFactor = roundFactor;
    this.graph = graph;
    this.nsPerIteration = nsPerIteration;
    this.deviceShare = deviceShare;
    this.shapes = new Map(graph.tensors.map(({ id, shape }) => [id, shape]));
    this.values = new Map(
      graph.tensors.map(({ id, shape }) => [id, new Float64Array(elements(shape))]),
    );
    this.steps = graph.ops.map(({ id, kind }) => ({ ops: [id], kernel: `fake ${kind}` }));
    this.deviceBytes = 0;
  }

  write(tensor, values) {
    this.values.set(tensor, Float64Array.from(values));
  }

  async run(iterations) {
    for (let i = 0; i < iterations; i++) this.iterate();
    const wallNs = iterations * this.nsPerIteration;
    return this.deviceShare === undefined
      ? { iterations, wallNs }
      : { iterations, wallNs, deviceNs: wallNs * this.deviceShare };
  }

  iterate() {
    for (const op of this.graph.ops) {
      const out = evaluate(
        op,
        (id) => this.shapes.get(id),
        (id) => this.values.get(id),
        this.roundFactor,
      );
      this.values.set(op.output, out);
    }
  }

  async read(tensor) {
    return Float64Array.from(this.values.get(tensor));
  }

  async profile() {
    return this.steps.map((step) => ({ ...step, wallNs: this.nsPerIteration / this.steps.length }));
  }

  dispose() {}
}
