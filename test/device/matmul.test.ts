import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import { type MatmulTile, matmul } from '../../src/kernels/matmul.js';
import { PLAIN } from '../../src/kernels/matmul_spec.js';
import { expectMatches, skipReason, useDevice } from './harness.js';

const LAYOUTS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

function product(
  [m, n, k]: readonly number[],
  [transposeA, transposeB]: readonly [boolean, boolean],
): Graph {
  const g = new GraphBuilder('matmul', 'f32');
  const a = g.input('a', transposeA ? [k, m] : [m, k]);
  const b = g.input('b', transposeB ? [n, k] : [k, n]);
  return g.build([g.matmul('op', a, b, { transposeA, transposeB })]);
}

describe.skipIf(skipReason)(`matmul on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  describe.each(LAYOUTS)('transposed %s, %s', (...layout) => {
    it.each([
      [1, 1, 1],
      [5, 32, 129],
      [32, 64, 16],
      [33, 35, 17],
      [36, 132, 4],
    ])('%i x %i over %i', async (...extents) => {
      await expectMatches(use.device, product(extents, layout));
    });
  });

  it('uses larger tiles for larger products, also ragged ones', async () => {
    expect(await expectMatches(use.device, product([640, 901, 5], [false, false]))).toEqual([
      'matmul.wgsl 64x64 nn',
    ]);
    expect(await expectMatches(use.device, product([1440, 1411, 9], [true, true]))).toEqual([
      'matmul.wgsl 128x128 tt',
    ]);
  });

  it('adds the bias, and then clamps, updates or normalises', async () => {
    for (const n of [9, 36, 37]) {
      const g = new GraphBuilder('dense', 'f32');
      const x = g.input('x', [19, 13]);
      const y = g.biasAdd(
        'bias_add',
        g.matmul('dense', x, g.weight('w', [13, n])),
        g.weight('b', [n]),
      );
      expect(await expectMatches(use.device, g.build([g.relu('relu', y)]))).toHaveLength(1);
    }
    const g = new GraphBuilder('classifier', 'f32');
    const y = g.matmul('dense', g.input('x', [19, 130]), g.weight('w', [130, 10]));
    const logits = g.biasAdd('bias_add', y, g.weight('b', [10]));
    expect(await expectMatches(use.device, g.build([g.softmax('softmax', logits)]))).toEqual([
      'matmul_rows.wgsl nn + bias + softmax',
    ]);
  });

  it('updates a parameter in place', async () => {
    for (const n of [5, 36, 41]) {
      const g = new GraphBuilder('update', 'f32');
      const gradient = g.matmul('dw', g.input('x', [21, 34]), g.input('dy', [21, n]), {
        transposeA: true,
      });
      g.sgdUpdate('sgd', g.state('w', [34, n]), gradient, 0.125);
      const kernels = await expectMatches(use.device, g.build([]), { iterations: 3 });
      expect(kernels).toHaveLength(1);
      expect(kernels[0]).toMatch(/sgd_update$/);
    }
  });
});

describe('matmul source', () => {
  it('fits the workgroup memory that every device has', () => {
    const shape = { m: 2048, n: 2048, k: 64, transposeA: false, transposeB: true };
    const declared = [...matmul('f32', shape, PLAIN).wgsl.matchAll(/array<vec4f, (\d+)>;/g)];
    const bytes = declared.reduce((sum, [, vectors]) => sum + Number(vectors) * 16, 0);
    expect(declared).toHaveLength(2);
    expect(bytes).toBeLessThanOrEqual(16_384);
  });

  it('accepts a tile from outside', () => {
    const tile: MatmulTile = {
      rows: 64,
      columns: 128,
      depth: 8,
      threadRows: 4,
      threadColumns: 8,
    };
    const shape = { m: 256, n: 256, k: 64, transposeA: false, transposeB: false };
    const kernel = matmul('f32', shape, PLAIN, tile);
    expect(kernel.workgroups).toEqual([8, 1, 1]);
  });
});
