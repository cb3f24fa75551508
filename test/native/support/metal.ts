import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeBackend } from '../../../src/backends/native/backend.js';
import type { Device } from '../../../src/backends/types.js';
import type { Graph } from '../../../src/graph/types.js';
import { DTYPES } from '../../../src/result/dtypes.js';
import { expectSame, graphOf } from './cpu.js';
import { addGraph, cnnForward, linearStep } from './graphs.js';
import { skipReason } from './metal-double.js';
import { OP_CASES } from './op-cases.js';

/** Every op and the workloads' graphs on each device of the scenario, compared with the formulas. */
export function describeMetal(scenario: string, ids: readonly string[]): void {
  // The double reads it when the addon first asks for a device.
  process.env.MPSBENCH_METAL_DOUBLE = scenario;
  const why = skipReason && ` (skipped: ${skipReason})`;
  describe.skipIf(skipReason)(`Metal on its double, scenario ${scenario}${why}`, () => {
    let devices: Device[] = [];
    beforeAll(async () => {
      devices = await nativeBackend('metal').devices({});
    });
    afterAll(() => {
      for (const device of devices) device.dispose();
    });

    test('has the devices of the scenario, marked as doubles', () => {
      expect(devices.map(({ id }) => id)).toEqual(ids);
      for (const { info } of devices) expect(info.name).toMatch(/ \(double\)$/);
    });

    describe.each(ids.map((id, index) => ({ id, index })))('$id', ({ index }) => {
      describe.each(DTYPES)('%s', (dtype) => {
        const check = async (graph: Graph, options: { iterations?: number; roundings: number }) => {
          const device = devices[index];
          const supported = device.info.dtypes.includes(dtype);
          for (const op of graph.ops) expect(device.supports(op, dtype).ok).toBe(supported);
          if (!supported) {
            await expect(device.compile(graph)).rejects.toMatchObject({ code: 'unsupported' });
            return;
          }
          const executable = await expectSame(device, graph, options);
          expect(executable.steps.flatMap(({ ops }) => ops)).toEqual(graph.ops.map(({ id }) => id));
          executable.dispose();
        };

        test.each(OP_CASES.map((each) => ({ ...each, name: `${each.op.kind}, ${each.label}` })))(
          '$name',
          ({ op, inputs, output, role }) =>
            check(graphOf(op, inputs, output, dtype, role), { roundings: 16 }),
        );

        test('add', () => check(addGraph(70_001, dtype), { roundings: 1 }));

        test('100 steps of linear', () => {
          const sizes = { rows: 37, features: 19, units: 11, learningRate: 0.1 };
          return check(linearStep(sizes, dtype), { iterations: 100, roundings: 128 });
        });

        test.each(['y', 'pooled', 'active'])('cnn that also reads %s', (temp) => {
          const also = temp === 'y' ? [] : [temp];
          const sizes = { batch: 3, image: 11, filters: 37, classes: 7 };
          return check(cnnForward(sizes, dtype, also), { roundings: 64 });
        });
      });
    });
  });
}
