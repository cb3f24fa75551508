import { describe, expect, it } from 'vitest';
import { fuses, lower } from '../../../../src/backends/webgpu/lowering.js';
import { GraphBuilder } from '../../../../src/graph/builder.js';
import type { Graph } from '../../../../src/graph/types.js';
import { add } from '../../../../src/workloads/add/workload.js';
import { cnn } from '../../../../src/workloads/cnn/workload.js';
import { linear } from '../../../../src/workloads/linear/workload.js';

/** What every WebGPU device allows. */
const LIMITS = { maxInvocations: 256, maxStorageBytes: 16_384 };

function steps(graph: Graph): [string, string[]][] {
  return lower(graph, LIMITS).steps.map(({ kernel, ops }) => [kernel, [...ops]]);
}

describe('lowering of the workloads', () => {
  it('add is one launch over its three buffers', () => {
    const lowered = lower(add.graph(add.presets.small, 'f32'), LIMITS);
    expect(lowered.steps).toHaveLength(1);
    expect(lowered.steps[0].dispatches.map(({ operands }) => operands)).toEqual([['a', 'b', 'c']]);
    expect([...lowered.buffers]).toEqual([
      ['a', 2 ** 22],
      ['b', 2 ** 22],
      ['c', 2 ** 22],
    ]);
  });

  it('the large linear step is four steps; the products update the weights in place', () => {
    const lowered = lower(linear.graph(linear.presets.large, 'f32'), LIMITS);
    expect(lowered.steps.map(({ kernel, ops }) => [kernel, ops])).toEqual([
      ['matmul.wgsl 128x128 nn + bias', ['forward.matmul', 'forward.bias_add']],
      ['mse.wgsl loss + gradient', ['loss.mse', 'backward.mse_grad']],
      ['matmul.wgsl 128x128 tn + sgd_update', ['backward.weights', 'update.weights']],
      ['reduce_sum.wgsl', ['backward.bias', 'update.bias']],
    ]);
    expect(lowered.steps[2].dispatches[0].operands).toEqual(['x', 'backward.mse_grad', 'weights']);
    expect(lowered.bufferOf.has('backward.weights')).toBe(false);
  });

  it('the cnn is one launch that stores no feature map', () => {
    const graph = cnn.graph(cnn.presets.large, 'f32');
    const lowered = lower(graph, LIMITS);
    expect(lowered.steps.map(({ kernel, ops }) => [kernel, ops])).toEqual([
      ['conv_pool_dense.wgsl 3 images per thread + softmax', graph.ops.map(({ id }) => id)],
    ]);
    expect([...lowered.buffers.keys()].sort()).toEqual(
      ['images', 'filters', 'conv_bias', 'dense_weights', 'dense_bias', 'probabilities'].sort(),
    );
    // 169 pooled pixels, padded to 192 lanes.
    expect(lowered.buffers.get('dense_weights')).toBe(32 * 10 * 192 * 4);
    expect(lowered.packings.get('dense_weights')?.elements).toBe(32 * 10 * 192);
  });
});

describe('fusion', () => {
  it('keeps a tensor that is an output', () => {
    const g = new GraphBuilder('g', 'f32');
    const y = g.matmul('dense', g.input('x', [8, 8]), g.weight('w', [8, 64]));
    const z = g.biasAdd('bias', y, g.weight('b', [64]));
    expect(steps(g.build([y, z]))).toEqual([
      ['matmul.wgsl 32x32 nn', ['dense']],
      ['bias_add.wgsl', ['bias']],
    ]);
  });

  it('keeps a tensor that two ops read', () => {
    const g = new GraphBuilder('g', 'f32');
    const y = g.matmul('dense', g.input('x', [8, 8]), g.weight('w', [8, 64]));
    const z = g.biasAdd('bias', y, g.weight('b', [64]));
    const sum = g.elementwise('sum', 'add', y, z);
    expect(steps(g.build([sum])).map(([, ops]) => ops)).toEqual([['dense'], ['bias'], ['sum']]);
  });

  it('does not defer a product past the update of what it reads', () => {
    const g = new GraphBuilder('g', 'f32');
    const [v, w] = [g.state('v', [64, 64]), g.state('w', [64, 64])];
    const gradient = g.input('g', [64, 64]);
    const dv = g.matmul('dv', g.input('x', [64, 64]), w);
    g.sgdUpdate('update_w', w, gradient, 0.1);
    g.sgdUpdate('update_v', v, dv, 0.1);
    expect(steps(g.build([])).map(([, ops]) => ops)).toEqual([['dv'], ['update_w'], ['update_v']]);
  });

  it('does not update a parameter in place that its own gradient reads', () => {
    const g = new GraphBuilder('g', 'f32');
    const w = g.state('w', [64, 64]);
    g.sgdUpdate('update', w, g.matmul('dw', g.input('x', [64, 64]), w), 0.1);
    expect(steps(g.build([])).map(([, ops]) => ops)).toEqual([['dw'], ['update']]);
  });

  it('gives a reshaped temp the same memory, and a reshaped input a copy', () => {
    const g = new GraphBuilder('g', 'f32');
    const x = g.input('x', [2, 6]);
    const y = g.relu('relu', x);
    const lowered = lower(
      g.build([g.reshape('flat', y, [12]), g.reshape('other', x, [3, 4])]),
      LIMITS,
    );
    expect(lowered.bufferOf.get('flat')).toBe('relu');
    expect(lowered.steps.map(({ kernel, ops }) => [kernel, ops])).toEqual([
      ['relu.wgsl', ['relu', 'flat']],
      ['copy.wgsl', ['other']],
    ]);
  });

  it('leaves the dense weights as they are if something else reads them', () => {
    const g = new GraphBuilder('g', 'f32');
    const conv = g.conv2d('conv', g.input('x', [2, 6, 6, 1]), g.weight('f', [3, 3, 1, 2]), {
      strides: [1, 1],
      padding: 'valid',
    });
    const active = g.relu('relu', g.biasAdd('cb', conv, g.weight('conv_bias', [2])));
    const pooled = g.maxPool2d('pool', active, { window: [2, 2], strides: [2, 2] });
    const w = g.weight('w', [8, 3]);
    const dense = g.matmul('dense', g.reshape('flat', pooled, [2, 8]), w);
    const logits = g.biasAdd('db', dense, g.weight('dense_bias', [3]));
    expect(steps(g.build([logits, g.relu('w_relu', w)])).map(([kernel]) => kernel)).toEqual([
      'conv2d.wgsl + bias + relu + max_pool',
      'matmul_rows.wgsl nn + bias',
      'relu.wgsl',
    ]);
  });

  it('runs a convolution alone whose filters change before its bias is added', () => {
    const g = new GraphBuilder('g', 'f32');
    const filters = g.state('f', [3, 3, 1, 2]);
    const conv = g.conv2d('conv', g.input('x', [2, 6, 6, 1]), filters, {
      strides: [1, 1],
      padding: 'valid',
    });
    g.sgdUpdate('update', filters, g.input('gradient', [3, 3, 1, 2]), 0.1);
    const biased = g.biasAdd('bias', conv, g.weight('b', [2]));
    expect(steps(g.build([g.relu('relu', biased)]))).toEqual([
      ['conv2d.wgsl', ['conv']],
      ['sgd_update.wgsl', ['update']],
      ['bias_add.wgsl relu', ['bias', 'relu']],
    ]);
  });

  it('refuses a graph of f64', () => {
    const g = new GraphBuilder('g', 'f64');
    expect(() => lower(g.build([g.relu('y', g.input('x', [1]))]), LIMITS)).toThrow(
      'runs graphs of f32 or of f16, not of f64',
    );
  });
});

describe('kernel levels', () => {
  it.each([
    add.graph(add.presets.small, 'f32'),
    linear.graph(linear.presets.small, 'f32'),
    cnn.graph(cnn.presets.small, 'f32'),
  ])('library runs every op of $name on its general kernel', (graph) => {
    const lowered = lower(graph, LIMITS, 'library').steps;
    expect(lowered.flatMap(({ ops }) => ops)).toEqual(graph.ops.map(({ id }) => id));
    // A reshape of a temp is the same memory and has no kernel.
    const reshapes = graph.ops.filter(({ kind }) => kind === 'reshape').length;
    expect(lowered).toHaveLength(graph.ops.length - reshapes);
  });

  it('says whether a fused pattern matches', () => {
    expect(fuses(add.graph(add.presets.small, 'f32'), LIMITS)).toBe(false);
    expect(fuses(linear.graph(linear.presets.small, 'f32'), LIMITS)).toBe(true);
    expect(fuses(cnn.graph(cnn.presets.small, 'f32'), LIMITS)).toBe(true);
  });

  it('does not count a reshape without a copy as a fused kernel', () => {
    const g = new GraphBuilder('g', 'f32');
    const sum = g.elementwise('sum', 'add', g.input('x', [4, 4]), g.input('y', [4, 4]));
    expect(fuses(g.build([g.reshape('flat', sum, [16])]), LIMITS)).toBe(false);
  });
});
