import { describe, expect, it } from 'vitest';
import { kernelsThatRan } from '../../../src/bench/kernels-that-ran.js';
import { addTogether, sampleAtOnce, togetherWarnings } from '../../../src/bench/together.js';
import type { BlockRequest, MeasureOptions, Subject } from '../../../src/measure/types.js';
import type { Measurement, Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';

const OPTIONS: MeasureOptions = {
  ...{ mode: 'throughput', timeBudgetNs: 0.1e9, warmupNs: 1e6, precision: 0.5 },
  ...{ minSamples: 5, maxSamples: 400 },
};

/** Devices that share a limit: each takes longer by the number of those that run. */
class SharedLimit {
  running = 0;
  readonly seen: number[] = [];

  subject(id: string, fails = false): Subject {
    return {
      id,
      run: async ({ iterations }: BlockRequest) => {
        this.running += 1;
        if (fails) throw new Error('lost');
        await new Promise((resolve) => setTimeout(resolve, 2));
        const wallNs = iterations * 1e6 * this.running;
        this.seen.push(this.running);
        this.running -= 1;
        return [{ iterations, wallNs }];
      },
    };
  }
}

const never = new AbortController().signal;

describe('devices at the same time', () => {
  it('all run until the last has its samples', async () => {
    const limit = new SharedLimit();
    const runs = await sampleAtOnce(
      [limit.subject('cuda:0'), limit.subject('cuda:1')],
      OPTIONS,
      never,
    );
    expect([...runs.keys()].sort()).toEqual(['cuda:0', 'cuda:1']);
    for (const { samples, error } of runs.values()) {
      expect(error).toBeUndefined();
      expect(samples.length).toBeGreaterThanOrEqual(5);
    }
    const alone = limit.seen.filter((running) => running < 2).length;
    expect(alone / limit.seen.length).toBeLessThan(0.5);
  });

  it('one that fails does not stop the other', async () => {
    const limit = new SharedLimit();
    const runs = await sampleAtOnce(
      [limit.subject('cuda:0', true), limit.subject('cuda:1')],
      OPTIONS,
      never,
    );
    expect(runs.get('cuda:0')?.error).toBeDefined();
    expect(runs.get('cuda:1')?.error).toBeUndefined();
  });
});

describe('alone and together', () => {
  const [base] = cudaBench.rows;
  const alone = base.measurement as Measurement;
  const rows: Row[] = ['cuda:0', 'cuda:1'].map((device) => ({
    ...base,
    device,
    state: 'measured',
  }));
  const slower = (factor: number): Measurement => ({
    ...alone,
    wall: {
      ...alone.wall,
      median: alone.wall.median * factor,
      interval: [alone.wall.median * factor * 0.999, alone.wall.median * factor * 1.001],
    },
  });

  const beside = (factor: number, kernels = kernelsThatRan(base.placement)) => ({
    measurement: slower(factor),
    kernels,
  });

  it('a process that chose other kernels is no evidence of a shared limit', () => {
    const both = new Map([
      ['cuda:0', beside(9.4, 'another one')],
      ['cuda:1', beside(1)],
    ]);
    const found = addTogether(rows, both);
    expect(found.map(({ together }) => together?.otherKernels)).toEqual([true, undefined]);
    const [{ message, advice }] = togetherWarnings(true, found);
    expect(message).toBe(
      'cuda:0 takes 9.4x as long for linear when it runs together with cuda:1, and it ran other kernels than alone.',
    );
    expect(advice).toContain('each process chooses its kernels');
  });

  it('each row gets the ratio, and who else ran', () => {
    const both = new Map([
      ['cuda:0', beside(1.2)],
      ['cuda:1', beside(1)],
    ]);
    const found = addTogether(rows, both);
    expect(found.map(({ together }) => together?.with)).toEqual([['cuda:1'], ['cuda:0']]);
    expect(found[0].together?.ratio).toBeCloseTo(1.2);
    expect(found[1].together?.ratio).toBeCloseTo(1);
    const [warning, ...others] = togetherWarnings(true, found);
    expect(others).toEqual([]);
    expect(warning.message).toBe(
      'cuda:0 takes 20 % longer for linear when it runs together with cuda:1.',
    );
  });

  it('a single device has nothing beside it, and that is said', () => {
    const found = addTogether(rows.slice(0, 1), new Map([['cuda:0', beside(1)]]));
    expect(found[0].together).toBeUndefined();
    expect(togetherWarnings(true, found)[0].name).toBe('no-together');
    expect(togetherWarnings(false, found)).toEqual([]);
  });
});
