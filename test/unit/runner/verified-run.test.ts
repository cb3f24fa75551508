import { describe, expect, it } from 'vitest';
import { isProduct, type Precision, strict } from '../../../src/graph/precision.js';
import { elementCount } from '../../../src/graph/shapes.js';
import type { Graph, Tensor } from '../../../src/graph/types.js';
import { DTYPES, type DType } from '../../../src/result/dtypes.js';
import { verifyRun } from '../../../src/runner/verified-run.js';
import { add } from '../../../src/workloads/add/workload.js';
import { cnn } from '../../../src/workloads/cnn/workload.js';
import { checkStep } from '../../../src/workloads/linear/step.js';
import { linear } from '../../../src/workloads/linear/workload.js';
import { checkSingly, type Params, type Workload } from '../../../src/workloads/types.js';
import { dropOne, type Fault, FaultyExecutable, swapTwo } from '../../fakes/faulty-executable.js';
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

const layer = { rows: 37, features: 19, units: 23, learningRate: 2, data: 'uniform' } as const;
const ADD = instance(add, { shape: [7, 11, 13], data: 'uniform' });
const LINEAR = instance(linear, { ...layer, epochs: 3 });
const CNN = instance(cnn, { batch: 5, image: 10, filters: 3 });
/** As a layer too large to repeat in full is checked. */
const PROJECTED = instance(
  { ...linear, summary: 'projected', check: checkStep, verification: () => checkSingly(1, 1) },
  { ...layer, rows: 60, features: 70, units: 50, learningRate: 5, epochs: 1 },
);

const CASES = [
  ADD,
  LINEAR,
  instance(linear, linear.presets.example),
  PROJECTED,
  CNN,
  instance(cnn, cnn.presets.example),
];

function verify({ workload, params }: Case, as: DType | Precision, fault: Fault = {}) {
  const precision = typeof as === 'string' ? strict(as) : as;
  const graph = workload.graph(params, precision.dtype);
  const executable = new FaultyExecutable(graph, precision.dtype, fault);
  return verifyRun({ workload, params, graph, precision, seed: 1 }, executable);
}

const each = (round: (value: number) => number) => (values: Float64Array) => values.map(round);

const SWAP = 'swaps two values';

/** What a device may do wrong with one op. */
const WRONG: Readonly<Record<string, Omit<Fault, 'op'>>> = {
  'drops one value': { input: dropOne },
  [SWAP]: { output: swapTwo },
  'repeats an old result': { output: (values, old) => old ?? values },
  'returns zeros': { output: (values) => values.fill(0) },
};

describe.each(CASES)('$name', (one) => {
  const { ops, tensors, outputs } = one.workload.graph(one.params, 'f32');

  it.each(DTYPES)('in %s passes on a right device', async (dtype) => {
    const { checks, ok } = await verify(one, dtype);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
  });

  it.each(['nearest', 'truncated'] as const)('passes as TF32 with factors %s', async (how) => {
    const as = { dtype: 'f32', tf32: true } as const;
    expect((await verify(one, as, { roundFactor: toTf32[how] })).ok).toBe(true);
  });

  it.each(['tf32', 'bf16', 'f16'] as const)('fails in f32 with %s inside', async (format) => {
    const round = each(ROUNDERS[format]);
    expect((await verify(one, 'f32', { input: round })).ok).toBe(false);
    expect((await verify(one, 'f32', { output: round })).ok).toBe(false);
    if (!ops.some(isProduct)) return;
    expect((await verify(one, 'f32', { roundFactor: ROUNDERS[format] })).ok).toBe(false);
  });

  it('fails in f64 if it computes in f32', async () => {
    const round = each(ROUNDERS.f32);
    expect((await verify(one, 'f64', { input: round, output: round })).ok).toBe(false);
  });

  describe.each(ops)('$id', ({ id: op, output }) => {
    const { shape } = tensors.find(({ id }) => id === output) as Tensor;
    const wrong = Object.keys(WRONG).filter((name) => name !== SWAP || elementCount(shape) > 1);

    // At 16 bits one value on the way may count for less than rounding.
    it.each(
      (['f64', 'f32'] as const).flatMap((dtype) => wrong.map((name) => [dtype, name] as const)),
    )('in %s, fails where it %s', async (dtype, name) => {
      expect((await verify(one, dtype, { ...WRONG[name], op })).ok).toBe(false);
    });
  });

  const results = ops.filter(
    ({ kind, output }) => kind === 'sgd_update' || outputs.includes(output),
  );
  describe.each(results)('the result of $id', ({ id: op }) => {
    it.each(
      (['f16', 'bf16'] as const).flatMap((dtype) =>
        ['repeats an old result', 'returns zeros'].map((name) => [dtype, name] as const),
      ),
    )('in %s, fails where it %s', async (dtype, name) => {
      expect((await verify(one, dtype, { ...WRONG[name], op })).ok).toBe(false);
    });

    it.each(['f16', 'bf16'] as const)('in %s, fails without one of its values', async (dtype) => {
      expect((await verify(one, dtype, { output: dropOne, op })).ok).toBe(false);
    });
  });
});

describe('a training at 16 bits', () => {
  const training = (epochs: number) => instance(linear, { ...layer, epochs });

  /** A device that is wrong at one step only. */
  class WrongOnce extends FaultyExecutable {
    #left: number;

    constructor(graph: Graph, dtype: DType, at: number) {
      super(graph, dtype);
      // The rehearsal is a step, too.
      this.#left = at + 1;
    }

    override iterate(): void {
      super.iterate();
      this.#left -= 1;
      const bias = this.values.get('bias') as Float64Array;
      if (this.#left === 0)
        this.values.set(
          'bias',
          bias.map((value) => value + 1),
        );
    }
  }

  const wrongAt = (epochs: number, at: number) => {
    const { workload, params } = training(epochs);
    const graph = workload.graph(params, 'f16');
    const precision = strict('f16');
    return verifyRun(
      { workload, params, graph, precision, seed: 1 },
      new WrongOnce(graph, 'f16', at),
    );
  };

  it.each([1, 2, 17, 40])('is checked at every step: wrong at step %s of 40', async (at) => {
    const { ok, iterations, checks } = await wrongAt(40, at);
    expect(ok).toBe(false);
    expect(iterations).toEqual({ run: at, checked: at });
    expect(checks.filter((check) => !check.ok).map(({ name }) => name)).toEqual([
      `the change of the bias, step ${at} of 40`,
    ]);
  });

  it('says how many steps it checked, beyond the budget', async () => {
    const { ok, iterations } = await verify(training(400), 'bf16');
    expect(ok).toBe(true);
    expect(iterations).toEqual({ run: 400, checked: 256 });
    const few = await verify(training(40), 'bf16');
    expect(few.iterations).toEqual({ run: 40, checked: 40 });
    expect(few.checks.find(({ name }) => name === 'every prediction')?.compared).toBe(40 * 37 * 23);
  });

  it('is wrong if many steps in one launch differ from those steps one by one', async () => {
    /** The launch of a group does its first step only. */
    class FirstOfGroup extends FaultyExecutable {
      override run(iterations: number) {
        return super.run(Math.min(1, iterations));
      }
    }
    const { workload, params } = training(5);
    const graph = workload.graph(params, 'f16');
    const problem = { workload, params, graph, precision: strict('f16'), seed: 1 };
    const { ok, checks } = await verifyRun(problem, new FirstOfGroup(graph, 'f16'));
    expect(ok).toBe(false);
    expect(checks.find((check) => !check.ok)?.name).toBe('weights after 5 iterations in one go');
  });

  it('that diverges is the fault of the problem', async () => {
    const { workload } = LINEAR;
    const params = { ...layer, learningRate: 5000, epochs: 400 };
    await expect(verify({ name: 'diverges', workload, params }, 'f16')).rejects.toThrow(
      'The problem itself overflows f16',
    );
  });

  it('keeps the states from before the run and from before its last step', async () => {
    const { initial, beforeLast, after } = await verify(training(3), 'f16');
    const bias = [initial, beforeLast, after].map((values) => values?.get('bias')?.[0]);
    expect(new Set(bias).size).toBe(3);
    expect((await verify(training(1), 'f16')).beforeLast).toBeUndefined();
  });
});
