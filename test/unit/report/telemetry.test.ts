import { expect, it } from 'vitest';
import { telemetryFacts } from '../../../src/report/telemetry.js';
import type { Row } from '../../../src/result/schema.js';
import { gpuBench } from '../../fakes/results.js';

it('shows the energy of a device, of the CPU cores and of the memory, each where it is known', () => {
  const [row] = gpuBench.rows;
  const { measurement } = row;
  if (!measurement) throw new Error('no measurement');
  const reading = { atNs: 0, iterations: 0, powerW: 12 };
  const energy = (joulesPerIteration: number) => ({
    joulesPerIteration,
    iterations: 100,
    spanNs: 2e10,
  });
  const shown = (parts: Partial<NonNullable<typeof measurement.telemetry>>) => {
    const telemetry = { before: reading, blocks: [reading], after: reading, ...parts };
    const mac: Row = {
      ...row,
      device: 'metal:0',
      work: { ...row.work, items: 4096, itemUnit: 'images' },
      measurement: { ...measurement, telemetry },
    };
    return telemetryFacts([mac], []).flatMap((block) =>
      block.kind === 'facts' ? block.facts.map(({ value }) => value) : [],
    );
  };
  expect(shown({})).toEqual(['12 W']);
  expect(
    shown({ energy: energy(0.0815), rails: { cpu: energy(0.012), memory: energy(0.0004) } }),
  ).toEqual([
    '12 W, 81.5 mJ per iteration (50,258 images/J), CPU cores 12.0 mJ per iteration, memory 400 µJ per iteration',
  ]);
  expect(shown({ rails: { memory: energy(1.5) } })).toEqual(['12 W, memory 1.50 J per iteration']);
});
