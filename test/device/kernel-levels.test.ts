import { describe, expect, it } from 'vitest';
import { add } from '../../src/workloads/add/workload.js';
import { cnn } from '../../src/workloads/cnn/workload.js';
import { linear } from '../../src/workloads/linear/workload.js';
import { expectMatches, skipReason, useDevice } from './harness.js';

const GRAPHS = [
  add.graph({ ...add.presets.example, shape: [33, 65] }, 'f32'),
  linear.graph({ ...linear.presets.example, rows: 96, features: 33, units: 17 }, 'f32'),
  cnn.graph({ ...cnn.presets.example, batch: 5 }, 'f32'),
];

describe.skipIf(skipReason).each(['best', 'library'] as const)('kernels: %s', (kernels) => {
  const use = useDevice({ kernels });

  it.each(GRAPHS)('computes $name', async (graph) => {
    const used = await expectMatches(use.device, graph, { iterations: 3, ulps: 256 });
    const general = kernels === 'library' || !use.device.fuses?.(graph);
    // A reshape without a copy has no kernel of its own.
    const ops = graph.ops.filter(({ kind }) => kind !== 'reshape').length;
    if (general) expect(used).toHaveLength(ops);
    else expect(used.length).toBeLessThan(ops);
  });
});
