import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/types.js';
import { DTYPES, type DType } from '../../src/result/dtypes.js';
import { builtEngines, ENGINES, expectSame, graphOf, openCpu } from './support/cpu.js';
import { OP_CASES } from './support/op-cases.js';

const ENGINE_NAME = { onednn: /^oneDNN \d/, cblas: /BLAS|Accelerate/, reference: /^reference/ };

const DTYPES_OF: Record<(typeof ENGINES)[number], readonly DType[]> = {
  onednn: ['f32', 'bf16'],
  cblas: ['f32', 'f64'],
  reference: DTYPES,
};

for (const engine of ENGINES) {
  const built = builtEngines.includes(engine);
  const title = built ? `engine ${engine}` : `engine ${engine} (skipped: not in this build)`;
  describe.skipIf(!built)(title, () => {
    test('is named by the device', async () => {
      const { info } = await openCpu({ engine });
      expect(info.engine).toMatch(ENGINE_NAME[engine]);
      expect(info.engines).toContain(engine);
    });

    describe.each(DTYPES)('%s', (dtype) => {
      test.each(OP_CASES.map((each) => ({ ...each, name: `${each.op.kind}, ${each.label}` })))(
        '$name',
        async ({ op, inputs, output, role }) => {
          const device = await openCpu({ engine, threads: 2 });
          const graph: Graph = graphOf(op, inputs, output, dtype, role);
          const [first] = graph.ops;
          if (first === undefined) throw new Error('a graph of one op has one');
          const support = device.supports(first, dtype);
          // Whether oneDNN has bf16 depends on the CPU.
          const depends = engine === 'onednn' && dtype === 'bf16';
          if (!depends) expect(support.ok).toBe(DTYPES_OF[engine].includes(dtype));
          if (!support.ok) {
            expect(support.reason).toContain(dtype);
            await expect(device.compile(graph)).rejects.toMatchObject({ code: 'unsupported' });
            return;
          }
          const executable = await expectSame(device, graph, { roundings: 16 });
          expect(executable.steps.map((step) => step.ops)).toEqual([['op']]);
          executable.dispose();
        },
      );
    });
  });
}
