import { describe, expect, it } from 'vitest';
import { type Precision, strict } from '../../../src/graph/precision.js';
import { roundToDtype } from '../../../src/graph/rounding.js';
import type { Graph, HostArray } from '../../../src/graph/types.js';
import { DTYPES, type DType } from '../../../src/result/dtypes.js';
import { compareWithReference } from '../../../src/runner/reference-check.js';
import { add } from '../../../src/workloads/add/workload.js';
import { cnn } from '../../../src/workloads/cnn/workload.js';
import type { LinearParams } from '../../../src/workloads/linear/params.js';
import { checkStep } from '../../../src/workloads/linear/step.js';
import { linear } from '../../../src/workloads/linear/workload.js';
import {
  type CheckedSpan,
  checkSingly,
  type Params,
  type Values,
  type Workload,
} from '../../../src/workloads/types.js';
import { InterpretedExecutable } from '../../fakes/interpreter.mjs';
import { ROUNDERS, toTf32 } from '../../fakes/number-formats.js';

interface Case {
  readonly name: string;
  readonly workload: Workload;
  readonly params: Params;
}

function instance<P extends Params>(workload: Workload<P>, params: P): Case {
  const erased = workload as unknown as Workload;
  return { name: `${workload.id} ${workload.describeSizes(params)}`, workload: erased, params };
}

const layer = { epochs: 1, data: 'uniform' as const };
const CASES: Case[] = [
  instance(add, add.presets.example),
  instance(add, { shape: [7, 11, 13], data: 'uniform' }),
  instance(linear, linear.presets.example),
  instance(linear, { ...layer, rows: 37, features: 19, units: 23, learningRate: 2, epochs: 3 }),
  instance(cnn, cnn.presets.example),
  instance(cnn, { batch: 5, image: 9, filters: 3 }),
];

/** The piece of the run that is compared last. */
function lastSpan(workload: Workload, params: Params, dtype: DType): CheckedSpan {
  return workload.verification(params, dtype).spans.at(-1) as CheckedSpan;
}

/** Interprets a few iterations; each tensor is rounded to the dtype after each op. */
async function interpret(
  { workload, params }: Case,
  dtype: DType,
  roundFactor?: (value: number) => number,
) {
  const graph = workload.graph(params, dtype);
  const executable = new RoundingExecutable(graph, dtype, roundFactor);
  const before = new Map<string, HostArray>();
  for (const [id, values] of workload.values(params, 3)) {
    before.set(id, roundToDtype(values, dtype));
    executable.write(id, before.get(id));
  }
  const states = graph.tensors.filter(({ role }) => role === 'state').map(({ id }) => id);
  const { first, iterations } = lastSpan(workload, params, dtype);
  await executable.run(first);
  for (const id of states) before.set(id, await executable.read(id));
  await executable.run(iterations);
  const after = new Map<string, HostArray>();
  for (const id of [...graph.outputs, ...states]) after.set(id, await executable.read(id));
  return { before, after };
}

class RoundingExecutable extends InterpretedExecutable {
  constructor(
    graph: Graph,
    readonly dtype: DType,
    roundFactor?: (value: number) => number,
  ) {
    super(graph, { roundFactor });
  }

  override iterate() {
    super.iterate();
    if (this.dtype === 'f64') return;
    for (const [id, values] of this.values) {
      this.values.set(id, Float64Array.from(roundToDtype(Float32Array.from(values), this.dtype)));
    }
  }
}

const TF32: Precision = { dtype: 'f32', tf32: true };

function verdicts(
  { workload, params }: Case,
  format: DType | Precision,
  before: Values,
  after: Values,
) {
  const precision = typeof format === 'string' ? strict(format) : format;
  const { iterations } = lastSpan(workload, params, precision.dtype);
  return workload.check(params, precision, before, after, iterations).map(compareWithReference);
}

describe.each(CASES)('$name', (workloadCase) => {
  it.each(DTYPES)('a correct result in %s passes every check', async (dtype) => {
    const { before, after } = await interpret(workloadCase, dtype);
    const outcome = verdicts(workloadCase, dtype, before, after);
    expect(outcome.filter(({ ok }) => !ok)).toEqual([]);
    expect(outcome.every(({ compared }) => compared > 0)).toBe(true);
  });

  it.each(DTYPES)('one wrong value in any result of %s fails', async (dtype) => {
    const { before, after } = await interpret(workloadCase, dtype);
    for (const [id, values] of after) {
      const wrong = new Map(after);
      const last = values.length - 1;
      const changed = values.slice();
      // At 16 bits a loss near zero is known to no better than the rounding of the predictions.
      const [share, shift] = dtype === 'f32' || dtype === 'f64' ? [0.25, 0.05] : [1, 1];
      changed[last] += Math.abs(changed[last]) * share + shift;
      wrong.set(id, changed);
      const outcome = verdicts(workloadCase, dtype, before, wrong);
      expect(
        outcome.some(({ ok }) => !ok),
        `${id} of ${dtype}`,
      ).toBe(true);
    }
  });

  it.each(Object.keys(toTf32) as (keyof typeof toTf32)[])(
    'passes with the factors of products %s to TF32',
    async (how) => {
      const { before, after } = await interpret(workloadCase, 'f32', toTf32[how]);
      const outcome = verdicts(workloadCase, TF32, before, after);
      expect(outcome.filter(({ ok }) => !ok)).toEqual([]);
    },
  );

  it('one wrong value fails even with TF32, and so do zeros', async () => {
    const { before, after } = await interpret(workloadCase, 'f32', toTf32.nearest);
    for (const [id, values] of after) {
      const changed = values.slice();
      const last = values.length - 1;
      // As at 16 bits: a loss near zero is known to the rounding of the factors.
      changed[last] += Math.abs(changed[last]) + 1;
      const outcome = verdicts(workloadCase, TF32, before, new Map(after).set(id, changed));
      expect(
        outcome.some(({ ok }) => !ok),
        id,
      ).toBe(true);
    }
    const zeros = new Map([...after].map(([id, values]) => [id, values.slice().fill(0)]));
    expect(verdicts(workloadCase, TF32, before, zeros).some(({ ok }) => !ok)).toBe(true);
  });

  it('a device that returns zeros, or NaN, fails', async () => {
    const { before, after } = await interpret(workloadCase, 'f32');
    for (const value of [0, Number.NaN]) {
      const broken = new Map([...after].map(([id, values]) => [id, values.slice().fill(value)]));
      expect(verdicts(workloadCase, 'f32', before, broken).some(({ ok }) => !ok)).toBe(true);
    }
  });

  it('gives the same values for the same seed, others for another', () => {
    const { workload, params } = workloadCase;
    const [one, again, other] = [1, 1, 2].map((seed) => workload.values(params, seed));
    expect(again).toEqual(one);
    if (params.data !== 'sequence') expect(other).not.toEqual(one);
  });

  it('writes every input, weight and state, in values that f32 represents and shorter formats do not', () => {
    const { workload, params } = workloadCase;
    const graph = workload.graph(params, 'f32');
    const written = graph.tensors.filter(({ role }) => role !== 'temp').map(({ id }) => id);
    const values = workload.values(params, 1);
    expect([...values.keys()].sort()).toEqual(written.sort());
    if (params.data === 'sequence') return;
    for (const tensor of values.values()) {
      expect(tensor.some((value) => ROUNDERS.tf32(value) !== value)).toBe(true);
    }
  });
});

describe('a training step of a layer too large for a full reference', () => {
  // The check of large layers, on a small one.
  const projected = { ...linear, check: checkStep, verification: () => checkSingly(1, 1) };
  const big = instance(projected, { ...layer, rows: 60, features: 70, units: 50, learningRate: 5 });
  const wideSizes = { ...linear.presets.default, rows: 8, features: 800, units: 800 };
  const wide = instance(projected, linear.derive?.(wideSizes, new Set(['rows'])) ?? wideSizes);
  it.each([
    ['f32', big],
    ['f16', big],
    ['bf16', big],
    ['f64', big],
    // Where the projection sums more than a value does, its own rounding shows in f64.
    ['f64', wide],
  ] as const)('passes when right, in %s, of $name', async (dtype, layerCase) => {
    const { before, after } = await interpret(layerCase, dtype);
    const outcome = verdicts(layerCase, dtype, before, after);
    expect(outcome.map(({ name }) => name)).toContain('the change of all weights, projected');
    expect(outcome.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('passes with TF32 factors as TF32, and not as strict f32', async () => {
    const { before, after } = await interpret(big, 'f32', toTf32.truncated);
    expect(verdicts(big, TF32, before, after).filter(({ ok }) => !ok)).toEqual([]);
    expect(verdicts(big, 'f32', before, after).some(({ ok }) => !ok)).toBe(true);
  });

  it.each(['f64', 'f32', 'f16', 'bf16', TF32] as const)(
    'fails without the update, and with one column of it left out (%j)',
    async (as) => {
      const { before, after } = await interpret(big, typeof as === 'string' ? as : as.dtype);
      const untouched = before.get('weights') as HostArray;
      const none = verdicts(big, as, before, new Map(after).set('weights', untouched));
      expect(none.some(({ ok }) => !ok)).toBe(true);

      const updated = after.get('weights') as HostArray;
      const units = Number(big.params.units);
      const partial = updated.slice();
      for (let i = 23; i < partial.length; i += units) partial[i] = untouched[i];
      const outcome = verdicts(big, as, before, new Map(after).set('weights', partial));
      expect(outcome.find(({ name }) => name === 'the change of all weights, projected')?.ok).toBe(
        false,
      );
    },
  );
});

describe('the article examples', () => {
  it('adds two matrices', async () => {
    const { after } = await interpret(CASES[0], 'f32');
    expect(add.describeOutput(add.presets.example, after)).toEqual([
      { label: 'sum', value: '[[6, 8], [10, 12]]' },
    ]);
  });

  it('predicts about 10 for x = 5 after 100 epochs', async () => {
    const { after } = await interpret(CASES[2], 'f32');
    const [prediction, loss] = linear.describeOutput(linear.presets.example, after);
    expect(prediction.label).toBe('prediction for x = 5');
    expect(Math.abs(Number(prediction.value) - 10)).toBeLessThan(0.5);
    expect(Number(loss.value)).toBeLessThan(0.1);
  });

  it('classifies one image', async () => {
    const { after } = await interpret(CASES[4], 'f32');
    expect(cnn.describeOutput(cnn.presets.example, after)).toEqual([
      { label: 'output shape', value: '(1, 10)' },
      { label: 'row sums', value: '1' },
    ]);
  });
});

describe('work', () => {
  it('counts multiply-adds as two operations', () => {
    // The figures of the design: 248,768 multiply-adds per image, 4 rows features units per step.
    expect(cnn.work(cnn.presets.large, 'f32').flops).toBe(2 * 248_768 * 16_384);
    expect(linear.work(linear.presets.default, 'f32').flops).toBe(4 * 4096 * 1024 * 1024);
    expect(add.work({ shape: [10], data: 'uniform' }, 'f16')).toMatchObject({
      flops: 10,
      bytes: 60,
    });
  });

  it('refuses an image too small to convolve and pool', () => {
    expect(() => cnn.validate({ batch: 1, image: 3, filters: 1 })).toThrow(
      '--image 3 is too small',
    );
  });

  it.each([
    { batch: 1, image: 2 ** 30, filters: 32 },
    { batch: 1, image: 28, filters: 2 ** 52 },
  ])('refuses a network whose weights cannot be counted: %j', (params) => {
    expect(() => cnn.validate(params)).toThrow('more weights than can be counted exactly');
  });
});

describe('the learning rate of sizes that were changed', () => {
  const run = async (sizes: Readonly<Record<string, number>>, preset: 'example' | 'small') => {
    const p: LinearParams = { ...linear.presets[preset], ...sizes };
    const params = linear.derive?.(p, new Set(Object.keys(sizes))) ?? p;
    const executable = new InterpretedExecutable(linear.graph(params, 'f64'));
    for (const [id, values] of linear.values(params, 1)) executable.write(id, values);
    await executable.run(1);
    const [first] = await executable.read('loss');
    await executable.run(200);
    const [last] = await executable.read('loss');
    return { params, first, last };
  };

  it.each([
    [{ rows: 7, features: 3, units: 2 }, 'small'],
    [{ rows: 2, features: 64, units: 1 }, 'small'],
    [{ rows: 60, features: 5, units: 4 }, 'small'],
    [{ rows: 100 }, 'example'],
    [{ rows: 9, features: 4, units: 3 }, 'example'],
  ] as const)('lets training of %j converge', async (sizes, preset) => {
    const { first, last } = await run(sizes, preset);
    expect(last).toBeLessThan(first);
  });

  it('stays as it was given', () => {
    const p = { ...linear.presets.small, units: 3, learningRate: 0.5 };
    expect(linear.derive?.(p, new Set(['units', 'learningRate'])).learningRate).toBe(0.5);
    expect(linear.derive?.(linear.presets.example, new Set(['epochs'])).learningRate).toBe(0.01);
  });
});
