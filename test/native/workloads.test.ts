import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/types.js';
import { DTYPES, type DType } from '../../src/result/dtypes.js';
import { builtEngines, ENGINES, expectSame, openCpu } from './support/cpu.js';
import { addGraph, cnnForward, linearStep } from './support/graphs.js';

/** An engine by name, or the default: the best one, with our own patterns. */
type Choice = string | undefined;

/** Whether the engine runs all of the graph. */
async function runs(engine: Choice, graph: Graph, dtype: DType): Promise<boolean> {
  const device = await openCpu({ engine });
  return graph.ops.every((op) => device.supports(op, dtype).ok);
}

for (const engine of [undefined, ...ENGINES] satisfies Choice[]) {
  const built = engine === undefined || builtEngines.includes(engine);
  const name = engine === undefined ? 'the best engine' : `engine ${engine}`;
  const title = built ? name : `${name} (skipped: not in this build)`;
  describe.skipIf(!built)(title, () => {
    describe.each(DTYPES)('%s', (dtype) => {
      const check = async (graph: Graph, options: { iterations?: number; roundings: number }) => {
        if (!(await runs(engine, graph, dtype))) return;
        const executable = await expectSame(await openCpu({ engine, threads: 2 }), graph, options);
        const covered = executable.steps.flatMap((step) => step.ops);
        expect([...covered].sort()).toEqual(graph.ops.map((op) => op.id).sort());
        const times = await executable.profile(2);
        expect(times.map((time) => time.kernel)).toEqual(executable.steps.map((s) => s.kernel));
        for (const time of times) expect(time.wallNs).toBeGreaterThanOrEqual(0);
        executable.dispose();
      };

      // The second is past any cache that the streaming add looks at only on small machines.
      test.each([5, 70_001])('add of %i', (n) => check(addGraph(n, dtype), { roundings: 1 }));

      test.each([
        { rows: 4, features: 1, units: 1, learningRate: 0.01 },
        { rows: 37, features: 19, units: 11, learningRate: 0.1 },
      ])('100 steps of linear $rows x $features -> $units', (sizes) =>
        check(linearStep(sizes, dtype), { iterations: 100, roundings: 128 }),
      );

      test.each([
        { batch: 1, image: 28, filters: 32, classes: 10 },
        { batch: 9, image: 11, filters: 32, classes: 7 },
        { batch: 6, image: 9, filters: 37, classes: 10 },
        { batch: 3, image: 8, filters: 5, classes: 21 },
      ])('cnn, batch $batch of $image, $filters filters, $classes classes', (sizes) =>
        check(cnnForward(sizes, dtype), { roundings: 64 }),
      );

      test.each(['pooled', 'active', 'conv', 'dense'])('cnn that also reads %s', (temp) =>
        check(cnnForward({ batch: 2, image: 10, filters: 33, classes: 3 }, dtype, [temp]), {
          roundings: 64,
        }),
      );
    });
  });
}

describe.skipIf(!builtEngines.includes('onednn'))('an engine that is named', () => {
  test('runs the library, not our own pattern', async () => {
    const device = await openCpu({ engine: 'onednn' });
    const sizes = { batch: 8, image: 28, filters: 32, classes: 10 };
    const { steps } = await device.compile(cnnForward(sizes, 'f32'));
    expect(steps[0]?.ops).toEqual(['conv', 'bias', 'relu']);
    expect(steps[0]?.kernel).toMatch(/^onednn convolution/);
  });
});

describe.skipIf(!builtEngines.includes('onednn'))('fusion by the best engine', () => {
  test('the cnn is one step', async () => {
    const device = await openCpu();
    const sizes = { batch: 8, image: 28, filters: 32, classes: 10 };
    const executable = await device.compile(cnnForward(sizes, 'f32'));
    expect(executable.steps).toHaveLength(1);
    expect(executable.steps[0]?.kernel).toMatch(/^fused conv \+ bias \+ relu \+ pool \+ dense/);
  });

  test('the training step has the bias, the loss and the update of the weights fused', async () => {
    const device = await openCpu();
    const sizes = { rows: 64, features: 32, units: 48, learningRate: 0.1 };
    const { steps } = await device.compile(linearStep(sizes, 'f32'));
    const byStep = steps.map((step) => step.ops.join(' '));
    expect(byStep.slice(0, 2)).toEqual(['forward bias', 'loss grad db']);
    // oneDNN 2.6 fuses the update with AVX-512 only.
    expect([['dw update_w'], ['dw', 'update_w']]).toContainEqual(
      byStep.slice(2).filter((step) => step !== 'update_b'),
    );
    expect(steps[0]?.kernel).toMatch(/^onednn matmul \S+/);
  });

  test('no product falls back to the reference loops of oneDNN', async () => {
    for (const engine of [undefined, 'onednn']) {
      const device = await openCpu({ engine });
      const sizes = { rows: 256, features: 256, units: 256, learningRate: 0.1 };
      const { steps } = await device.compile(linearStep(sizes, 'f32'));
      for (const { kernel } of steps) expect(kernel).not.toMatch(/\bref\b/);
    }
  });
});

test('a run of many iterations is that many steps, however it is divided', async () => {
  const graph = linearStep({ rows: 8, features: 3, units: 2, learningRate: 0.05 }, 'f64');
  const device = await openCpu();
  const weightsAfter = async (runs: number[]) => {
    const executable = await device.compile(graph);
    for (const { id, role, shape } of graph.tensors) {
      if (role === 'temp') continue;
      const size = shape.reduce((product, length) => product * length, 1);
      executable.write(
        id,
        Float64Array.from({ length: size }, (_, i) => Math.sin(i + id.length)),
      );
    }
    for (const iterations of runs) await executable.run(iterations, 'latency');
    return executable.read('w');
  };
  expect(await weightsAfter([100])).toEqual(await weightsAfter([1, 30, 69]));
});

test('a reshape of a state keeps the values from before its update', async () => {
  const device = await openCpu();
  const executable = await device.compile({
    name: 'snapshot',
    tensors: [
      { id: 'p', shape: [2, 2], role: 'state', dtype: 'f32' },
      { id: 'g', shape: [2, 2], role: 'input', dtype: 'f32' },
      { id: 'before', shape: [4], role: 'temp', dtype: 'f32' },
    ],
    ops: [
      { id: 'snapshot', kind: 'reshape', inputs: ['p'], output: 'before' },
      { id: 'update', kind: 'sgd_update', inputs: ['p', 'g'], output: 'p', learningRate: 0.5 },
    ],
    outputs: ['before'],
  });
  executable.write('p', Float32Array.of(1, 2, 3, 4));
  executable.write('g', Float32Array.of(2, 2, 2, 2));
  await executable.run(1, 'latency');
  expect(await executable.read('before')).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(await executable.read('p')).toEqual(Float32Array.of(0, 1, 2, 3));
});
