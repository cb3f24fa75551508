import { describe, expect, it } from 'vitest';
import { strict } from '../../src/graph/precision.js';
import type { DType } from '../../src/result/dtypes.js';
import { verifyRun } from '../../src/runner/verified-run.js';
import { add } from '../../src/workloads/add/workload.js';
import { cnn } from '../../src/workloads/cnn/workload.js';
import { linear } from '../../src/workloads/linear/workload.js';
import type { Params, Values, Workload } from '../../src/workloads/types.js';
import { skipReason, useDevice } from './harness.js';

describe.skipIf(skipReason)(`workloads on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  /** Runs the workload's own verification; returns what it read. */
  async function verified<P extends Params>(
    workload: Workload<P>,
    params: P,
    dtype: DType = 'f32',
  ): Promise<Values> {
    const graph = workload.graph(params, dtype);
    const executable = await use.device.compile(graph);
    const problem = { workload: workload as unknown as Workload, params, graph, seed: 1 };
    const { checks, after } = await verifyRun({ ...problem, precision: strict(dtype) }, executable);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    executable.dispose();
    return after;
  }

  it('add: the example', async () => {
    const after = await verified(add, add.presets.example);
    expect([...(after.get('c') ?? [])]).toEqual([6, 8, 10, 12]);
  });

  it('linear: the example learns y = 2x in 100 steps', async () => {
    const after = await verified(linear, linear.presets.example);
    const [[w], [b]] = [after.get('weights') ?? [], after.get('bias') ?? []];
    expect(5 * w + b).toBeGreaterThan(9.5);
    expect(5 * w + b).toBeLessThan(10.5);
  });

  it('linear: a small layer', async () => {
    await verified(linear, { ...linear.presets.small, rows: 100, features: 70, units: 36 });
  });

  it('cnn: the example and a small batch', async () => {
    const after = await verified(cnn, cnn.presets.example);
    expect(after.get('probabilities')).toHaveLength(10);
    await verified(cnn, { batch: 5, image: 11, filters: 6 });
  });

  it('all of them in f16, if the device supports it', async ({ skip }) => {
    if (!use.dtypes.includes('f16')) skip('the device lacks shader-f16');
    await verified(add, add.presets.example, 'f16');
    await verified(linear, linear.presets.small, 'f16');
    await verified(cnn, cnn.presets.small, 'f16');
  });
});
