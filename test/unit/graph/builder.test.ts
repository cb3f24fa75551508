import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder.js';
import { roundToDtype } from '../../../src/graph/rounding.js';
import { conv2dShape, formatShape, maxPool2dShape } from '../../../src/graph/shapes.js';

describe('shapes', () => {
  it.each([
    // 28 - 3 + 1; ceil(28 / 2); floor((7 - 3) / 2) + 1
    [[1, 28, 28, 1], [3, 3, 1, 32], [1, 1], 'valid', [1, 26, 26, 32]],
    [[2, 28, 27, 3], [3, 3, 3, 8], [2, 2], 'same', [2, 14, 14, 8]],
    [[1, 7, 9, 1], [3, 5, 1, 4], [2, 1], 'valid', [1, 3, 5, 4]],
  ] as const)('conv2d of %j with %j', (x, filters, strides, padding, expected) => {
    expect(conv2dShape(x, filters, { strides, padding })).toEqual(expected);
  });

  it('drops what a pooling window does not fill', () => {
    expect(maxPool2dShape([1, 13, 26, 4], { window: [2, 2], strides: [2, 2] })).toEqual([
      1, 6, 13, 4,
    ]);
  });

  it('writes shapes as NumPy does', () => {
    expect([formatShape([10]), formatShape([1, 10])]).toEqual(['(10,)', '(1, 10)']);
  });
});

describe('GraphBuilder', () => {
  it('infers the shape of a product of transposed matrices', () => {
    const g = new GraphBuilder('t', 'f32');
    const [a, b] = [g.input('a', [5, 3]), g.input('b', [7, 5])];
    const c = g.matmul('c', a, b, { transposeA: true, transposeB: true });
    expect(g.build([c]).tensors.find(({ id }) => id === 'c')?.shape).toEqual([3, 7]);
  });

  it('refuses operands that do not fit', () => {
    const g = new GraphBuilder('t', 'f32');
    const [a, b, v] = [g.input('a', [2, 3]), g.input('b', [2, 3]), g.input('v', [2])];
    expect(() => g.matmul('m', a, b)).toThrow('graph t, m: the inner extents differ');
    expect(() => g.biasAdd('ba', a, v)).toThrow('bias is not the last axis');
    expect(() => g.elementwise('e', 'add', a, v)).toThrow('differ in shape');
    expect(() => g.sgdUpdate('s', a, b, 0.1)).toThrow('only a state tensor');
    expect(() => g.input('a', [1])).toThrow('exists already');
    expect(() => g.input('z', [0])).toThrow('(0,) is not a shape');
  });
});

describe('roundToDtype', () => {
  it('rounds to nearest even', () => {
    // Half way between two neighbours of 1: bf16 has steps of 2^-7 there, f16 of 2^-10.
    const halfway = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -(1 + 2 ** -8) - 2 ** -20, 3e38);
    expect(Array.from(roundToDtype(halfway, 'bf16')).slice(0, 3)).toEqual([
      1,
      1 + 2 ** -6,
      -(1 + 2 ** -7),
    ]);
    const f16 = roundToDtype(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520), 'f16');
    expect(Array.from(f16)).toEqual([1, 1 + 2 ** -9, 65504, Number.POSITIVE_INFINITY]);
  });

  it('keeps NaN and infinity', () => {
    const values = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(Array.from(roundToDtype(values, 'bf16'))).toEqual(Array.from(values));
    expect(Array.from(roundToDtype(values, 'f16'))).toEqual(Array.from(values));
  });
});
