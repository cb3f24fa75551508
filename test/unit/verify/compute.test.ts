import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../src/exit-codes.js';
import { elementCount } from '../../../src/graph/shapes.js';
import type { Sample } from '../../../src/result/schema.js';
import { makeComputeChecks } from '../../../src/verify/compute/index.js';
import { oddSizesOf, type Trial, timedSizes } from '../../../src/verify/compute/trial.js';
import { exitCodeOf, runChecks } from '../../../src/verify/run-checks.js';
import { WORKLOADS } from '../../../src/workloads/registry.js';
import { macs } from '../../fakes/hosts.js';
import { cpuDevice, goodTrial, h200Gpu, m3Gpu, prepared } from '../../fakes/trials.js';
import { scriptedContext } from '../../fakes/verify-context.js';

async function judge(id: string, ...trials: Trial[]) {
  const check = makeComputeChecks(async () => trials).find((one) => one.id === `compute.${id}`);
  if (!check) throw new Error(`there is no check ${id}`);
  return check.run(scriptedContext(macs.m3));
}

const IDS = ['add-example', 'linear-example', 'cnn-example', 'odd-sizes', 'device-time', 'physics'];

test.each(IDS)('%s passes on a correct GPU and CPU', async (id) => {
  const found = await judge(id, goodTrial(m3Gpu), goodTrial(cpuDevice('Apple M3')));
  expect(found).toMatchObject([
    { state: 'pass', subject: 'metal:0', group: 'compute', check: `compute.${id}` },
    { state: 'pass', subject: 'cpu:0' },
  ]);
});

test.each(IDS)('%s cannot be checked without a device', async (id) => {
  expect(await judge(id)).toMatchObject([{ state: 'unchecked' }]);
});

describe('a wrong answer is a failure', () => {
  const withOutput = (id: string, ...output: [string, string][]) =>
    goodTrial(m3Gpu, {
      examples: new Map([
        [id, { ok: true, value: prepared(output.map(([label, value]) => ({ label, value }))) }],
      ]),
    });

  test.each([
    ['add', [['sum', '[[0, 0], [0, 0]]']]],
    ['linear', [['prediction for x = 5', '0']]],
    ['linear', [['prediction for x = 5', 'NaN']]],
    [
      'cnn',
      [
        ['output shape', '(1, 10)'],
        ['row sums', '0.5'],
      ],
    ],
    [
      'cnn',
      [
        ['output shape', '(10, 1)'],
        ['row sums', '1'],
      ],
    ],
  ] as [string, [string, string][]][])('%s %j', async (id, output) => {
    const [found] = await judge(`${id}-example`, withOutput(id, ...output));
    expect(found.state).toBe('fail');
    expect(found.message).toMatch(new RegExp(`^${id} is wrong: .*; the answer is `));
    expect(found.fixes[0].command).toContain(`mpsbench bench ${id} --device metal:0`);
  });

  test('the known answer alone is not enough: all values are compared', async () => {
    const right = [{ label: 'sum', value: '[[6, 8], [10, 12]]' }];
    const examples = new Map([['add', { ok: true, value: prepared(right, false) } as const]]);
    const [found] = await judge('add-example', goodTrial(m3Gpu, { examples }));
    expect(found).toMatchObject({
      state: 'fail',
      message: 'add is wrong: value 0 of "every value" is 0, and the reference says 6.',
    });
  });

  test('at odd sizes', async () => {
    const oddSizes = new Map([
      ['add', { ok: true, value: prepared([]) } as const],
      ['cnn', { ok: true, value: prepared([], false) } as const],
    ]);
    const [found] = await judge('odd-sizes', goodTrial(m3Gpu, { oddSizes }));
    expect(found.state).toBe('fail');
    expect(found.message).toMatch(/^Wrong at odd sizes\. cnn: value 0/);
  });
});

test('a device that crashed or lacks an op is not checked, with advice', async () => {
  const error = { code: 'worker_crashed', message: 'It was ended by SIGSEGV.', advice: 'Update.' };
  const failed = { ok: false, error } as const;
  const trial = goodTrial(m3Gpu, {
    examples: new Map([['add', failed]]),
    oddSizes: new Map([['add', failed]]),
    timing: failed,
  } as Partial<Trial>);
  for (const id of ['add-example', 'odd-sizes', 'device-time', 'physics']) {
    expect(await judge(id, trial)).toMatchObject([
      {
        state: 'unchecked',
        message: expect.stringMatching(/SIGSEGV/),
        fixes: [{ text: 'Update.' }],
      },
    ]);
  }
});

test('an internal error is reported as one, and other devices keep their findings', async () => {
  const error = { code: 'internal', message: 'x is undefined', advice: 'Report it.' } as const;
  const broken = goodTrial(m3Gpu, { examples: new Map([['add', { ok: false, error }]]) });
  const trials = async () => [broken, goodTrial(cpuDevice('Apple M3'))];
  const checks = makeComputeChecks(trials).filter(({ id }) => id === 'compute.add-example');
  const verification = await runChecks(checks, scriptedContext(macs.m3));
  expect(verification.findings).toMatchObject([
    { state: 'unchecked', subject: 'metal:0', details: { error: 'internal' } },
    { state: 'pass', subject: 'cpu:0' },
  ]);
  expect(exitCodeOf(verification, { strict: false })).toBe(EXIT.internal);
});

describe('times', () => {
  const timed = (device: typeof m3Gpu, wallNs: number, deviceNs?: number) =>
    goodTrial(device, {
      timing: {
        ok: true,
        value: {
          workload: 'linear',
          params: timedSizes(device),
          samples: [{ iterations: 10, wallNs, ...(deviceNs !== undefined && { deviceNs }) }],
        },
      },
    });

  test.each([
    ['no time', timed(m3Gpu, 1e7, 0), 'fail'],
    ['no answer', timed(m3Gpu, 1e7), 'fail'],
    ['longer than the host waited', timed(m3Gpu, 1e7, 2e7), 'warning'],
    ['a time that fits', timed(m3Gpu, 1e7, 0.9e7), 'pass'],
  ] as const)('the clock of the device says %s', async (_, trial, state) => {
    expect(await judge('device-time', trial)).toMatchObject([{ state }]);
  });

  test('a clock of coarse steps is not judged by, and gives no speed', async () => {
    const coarse = { ...m3Gpu, deviceClock: { source: 'timestamp-query', resolutionNs: 1e5 } };
    for (const id of ['device-time', 'physics']) {
      expect(await judge(id, timed(coarse, 4e5, 0))).toMatchObject([{ state: 'pass' }]);
      expect(await judge(id, timed(coarse, 4e5, 10))).toMatchObject([{ state: 'pass' }]);
    }
  });

  test('an H200 that has not finished when the clock is read is faster than physics', async () => {
    const [found] = await judge('physics', timed(h200Gpu, 10 * 4000));
    expect(found.state).toBe('fail');
    expect(found.message).toMatch(/TFLOP\/s is more than the hardware can do/);
    expect(found.sources[0]).toBe('NVIDIA H200 datasheet');
    expect(await judge('physics', timed(h200Gpu, 10 * 40_000))).toMatchObject([{ state: 'pass' }]);
  });

  test('a disturbed speed is not a pass, unless a sample was undisturbed', async () => {
    const trial = (samples: readonly Sample[]) =>
      goodTrial(m3Gpu, {
        timing: {
          ok: true,
          value: { workload: 'linear', params: timedSizes(m3Gpu), samples },
        },
      });
    const busy: Sample = {
      iterations: 10,
      wallNs: 4e9,
      activity: { cpuNs: 1e9, waitedNs: 2.5e9, otherNs: 5e9 },
      disturbed: ['off-cpu'],
    };
    expect(await judge('physics', trial([busy, busy]))).toMatchObject([
      {
        state: 'warning',
        message: expect.stringMatching(
          /FLOP\/s in f32, .*; too slow, since it was disturbed: off the CPU 63 % of the time$/,
        ),
      },
    ]);
    const quiet: Sample = { iterations: 10, wallNs: 1e7 };
    expect(await judge('physics', trial([busy, quiet]))).toMatchObject([{ state: 'pass' }]);
  });

  test('a device time that was left out as invalid fails, and says what it was', async () => {
    const trial = goodTrial(m3Gpu, {
      timing: {
        ok: true,
        value: {
          workload: 'linear',
          params: timedSizes(m3Gpu),
          samples: [{ iterations: 10, wallNs: 1e7, invalid: ['device time: NaN'] }],
        },
      },
    });
    expect(await judge('device-time', trial)).toMatchObject([
      { state: 'fail', message: expect.stringContaining('cannot be: device time: NaN.') },
    ]);
  });

  test('a clock that does not advance gives no speed', async () => {
    expect(await judge('physics', timed(m3Gpu, 0))).toMatchObject([{ state: 'fail' }]);
  });
});

test('the timed sizes need at least 20 µs at the peak, and are small if it is unknown', () => {
  const linear = WORKLOADS.find(({ id }) => id === 'linear');
  for (const device of [m3Gpu, h200Gpu]) {
    const flops = linear?.work(timedSizes(device), 'f32').flops ?? 0;
    expect(flops / (device.peak?.gflops?.f32 ?? 1)).toBeGreaterThanOrEqual(20_000);
    expect(flops).toBeLessThan(3e9);
  }
  expect(timedSizes(cpuDevice('x'))).toMatchObject({ rows: 67, features: 129 });
});

test('no tensor of the odd sizes has a multiple of four elements, and add spans workgroups', () => {
  for (const workload of WORKLOADS) {
    const params = oddSizesOf(workload);
    workload.validate(params);
    const outputs = workload.graph(params, 'f32').tensors.filter(({ role }) => role === 'input');
    for (const { shape } of outputs) expect(elementCount(shape) % 4).not.toBe(0);
  }
});

describe('GPUs of one model', () => {
  /** A card whose steps take this many milliseconds. */
  const card = (index: number, ms: number) => {
    const device = { ...h200Gpu, id: `cuda:${index}`, backend: 'cuda' };
    const sample = { iterations: 10, wallNs: ms * 1.1e7, deviceNs: ms * 1e7 };
    const timing = { workload: 'linear', params: timedSizes(device), samples: [sample, sample] };
    return goodTrial(device, { timing: { ok: true, value: timing } });
  };
  const judged = (...times: number[]) =>
    judge(
      'like-devices',
      ...times.map((ms, index) => card(index, ms)),
      goodTrial(cpuDevice('CPU')),
    );

  test('pass if all are within 5 %', async () => {
    expect(await judged(1, 1.01, 1.02, 1)).toMatchObject([
      {
        state: 'pass',
        subject: 'cuda:0,cuda:1,cuda:2,cuda:3',
        message: '4 NVIDIA H200 are within 2.0 % of each other',
      },
    ]);
  });

  test('the odd one is named, by the rule of fleet', async () => {
    expect(await judged(1, 1.01, 1.02, 1.5, 1, 1, 1, 1)).toMatchObject([
      {
        state: 'warning',
        subject: 'cuda:3',
        message: 'the odd one of 8 NVIDIA H200: 50 % slower than their median',
      },
    ]);
  });

  test('of two that differ, the slower one is compared with the other', async () => {
    expect(await judged(1.2, 1)).toMatchObject([
      {
        state: 'warning',
        subject: 'cuda:0',
        message: 'takes 20 % longer than cuda:1, and both are NVIDIA H200',
      },
    ]);
  });

  test('say nothing about a single device, unless they are named', async () => {
    expect(await judged(1)).toEqual([]);
    const checks = makeComputeChecks(async () => [card(0, 1)]);
    const named = new Set(['compute.like-devices']);
    const { findings } = await runChecks(
      checks.filter(({ id }) => named.has(id)),
      scriptedContext(macs.m3),
      { named },
    );
    expect(findings).toMatchObject([{ state: 'unchecked' }]);
  });
});
