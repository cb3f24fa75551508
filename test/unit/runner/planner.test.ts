import { describe, expect, it } from 'vitest';
import type { Device, Support } from '../../../src/backends/types.js';
import type { MpsbenchError } from '../../../src/errors.js';
import type { Graph, Op } from '../../../src/graph/types.js';
import { type Placeable, planPlacement } from '../../../src/runner/planner.js';
import { compilePlan } from '../../../src/runner/program.js';
import { cnn } from '../../../src/workloads/cnn/workload.js';
import { linear } from '../../../src/workloads/linear/workload.js';
import { InterpretedExecutable } from '../../fakes/interpreter.mjs';

const everything: Placeable = { id: 'cpu:0', supports: () => ({ ok: true }) };

/** A GPU that lacks some kinds of ops. */
function lacking(...kinds: Op['kind'][]): Placeable {
  return {
    id: 'gpu:0',
    supports: (op): Support =>
      kinds.includes(op.kind) ? { ok: false, reason: `no ${op.kind}` } : { ok: true },
  };
}

function fakeDevice(id: string): Device {
  return {
    id,
    info: { id, backend: id, name: id, kind: 'cpu', dtypes: ['f64'], details: {} },
    supports: () => ({ ok: true }),
    compile: async (graph: Graph) => new InterpretedExecutable(graph),
    dispose() {},
  };
}

const devices = new Map([
  ['gpu:0', fakeDevice('gpu:0')],
  ['cpu:0', fakeDevice('cpu:0')],
]);

const small = linear.presets.example;
const graph = linear.graph(small, 'f64');

describe('planPlacement', () => {
  it('keeps the graph whole if the device supports every op', () => {
    const plan = planPlacement(graph, lacking(), everything, 'soft');
    expect(plan.segments).toHaveLength(1);
    expect(plan.segments[0].graph).toBe(graph);
    expect(plan.assignments.every(({ placed, reason }) => placed === 'gpu:0' && !reason)).toBe(
      true,
    );
  });

  it('places unsupported ops on the fallback, with the reason', () => {
    const plan = planPlacement(graph, lacking('mse_grad'), everything, 'soft');
    const moved = plan.assignments.filter(({ placed }) => placed === 'cpu:0');
    expect(moved.map(({ op, reason }) => [op.id, reason])).toEqual([
      ['backward.mse_grad', 'no mse_grad'],
    ]);
    expect(plan.segments.map(({ device }) => device)).toEqual(['gpu:0', 'cpu:0', 'gpu:0']);
  });

  it('refuses under strict placement with every op and reason', () => {
    const plan = () =>
      planPlacement(graph, lacking('mse_grad', 'sgd_update'), everything, 'strict');
    expect(plan).toThrowError(
      'gpu:0 cannot run backward.mse_grad: no mse_grad; update.weights, update.bias: no sgd_update',
    );
    try {
      plan();
    } catch (error) {
      expect((error as MpsbenchError).code).toBe('unsupported');
      expect((error as MpsbenchError).advice).toContain('--placement soft');
    }
  });

  it('refuses an op that neither device supports', () => {
    const fallback: Placeable = {
      id: 'cpu:0',
      supports: ({ kind }) =>
        kind === 'matmul' ? { ok: false, reason: 'none here' } : { ok: true },
    };
    expect(() => planPlacement(graph, lacking('matmul'), fallback, 'soft')).toThrowError(
      /no matmul; cpu:0: none here/,
    );
  });
});

describe('a graph split over two devices', () => {
  const splits: Op['kind'][][] = [
    ['matmul'],
    ['bias_add', 'mse_loss'],
    ['sgd_update'],
    ['mse_grad', 'reduce_sum'],
    ['matmul', 'sgd_update'],
  ];
  it.each(splits)('trains like the whole graph when the GPU lacks %s %s', async (...kinds) => {
    const present = kinds.filter((kind) => kind !== undefined);
    const plan = planPlacement(graph, lacking(...present), everything, 'soft');
    expect(plan.segments.length).toBeGreaterThan(1);
    const [split, whole] = [await compilePlan(plan, devices), new InterpretedExecutable(graph)];
    for (const [id, values] of linear.values(small, 1)) {
      split.write(id, values);
      whole.write(id, values);
    }
    await split.run(7, 'throughput');
    await whole.run(7);
    for (const id of ['predictions', 'loss', 'weights', 'bias']) {
      expect(Array.from(await split.read(id)), id).toEqual(Array.from(await whole.read(id)));
    }
  });

  it('covers every op of the graph once', () => {
    const p = { batch: 2, image: 6, filters: 3 };
    const plan = planPlacement(cnn.graph(p, 'f32'), lacking('relu', 'softmax'), everything, 'soft');
    const ops = plan.segments.flatMap(({ graph: part }) => part.ops.map(({ id }) => id));
    expect(ops).toEqual(cnn.graph(p, 'f32').ops.map(({ id }) => id));
  });
});
