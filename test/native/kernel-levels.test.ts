import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/types.js';
import type { DType } from '../../src/result/dtypes.js';
import { builtEngines, expectSame, openCpu } from './support/cpu.js';
import { addGraph, cnnForward, linearStep } from './support/graphs.js';

const FUSED: [string, (dtype: DType) => Graph][] = [
  [
    'linear',
    (dtype) => linearStep({ rows: 37, features: 19, units: 11, learningRate: 0.1 }, dtype),
  ],
  ['cnn', (dtype) => cnnForward({ batch: 5, image: 28, filters: 32, classes: 10 }, dtype)],
];

/** Names of kernels that cover several ops without a library. */
const ownFusion = /^(?!onednn|cblas).* \+ /;

describe.each(['best', 'library'] as const)('kernels: %s', (kernels) => {
  test.each(FUSED)('%s agrees with the reference', async (_, graph) => {
    const device = await openCpu({ kernels, threads: 2 });
    const executable = await expectSame(device, graph('f32'), { iterations: 3, roundings: 128 });
    const fused = executable.steps.some(({ kernel }) => ownFusion.test(kernel));
    expect(fused).toBe(kernels === 'best' && builtEngines.some((id) => id !== 'reference'));
    executable.dispose();
  });

  test.runIf(builtEngines.some((id) => id !== 'reference')).each(FUSED)(
    '%s has a fused pattern at either level',
    async (_, graph) => {
      const device = await openCpu({ kernels });
      expect(device.fuses?.(graph('f32'))).toBe(true);
      expect(device.fuses?.(graph('f16')), 'the reference kernels fuse nothing').toBe(false);
    },
  );

  test('add has none', async () => {
    const device = await openCpu({ kernels });
    expect(device.fuses?.(addGraph(70_001, 'f32'))).toBe(false);
  });
});

describe.skipIf(!builtEngines.includes('onednn'))('an engine chosen by hand', () => {
  const kernelsOf = async (options: Parameters<typeof openCpu>[0]) => {
    const device = await openCpu({ engine: 'onednn', ...options });
    const executable = await device.compile(FUSED[1][1]('f32'));
    const kernels = executable.steps.map(({ kernel }) => kernel);
    executable.dispose();
    return kernels;
  };

  test('is timed without our patterns unless they are requested', async () => {
    expect((await kernelsOf({})).some((kernel) => ownFusion.test(kernel))).toBe(false);
    expect((await kernelsOf({ kernels: 'best' })).some((kernel) => ownFusion.test(kernel))).toBe(
      true,
    );
  });
});

test('a level that the addon does not know is refused', async () => {
  await expect(openCpu({ kernels: 'fast' as never })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining("unknown kernel level 'fast'"),
  });
});
