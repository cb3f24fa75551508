import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { cnn } from '../../src/workloads/cnn/workload.js';
import { MAIN } from './driver-process.js';
import { describeDriver } from './driver-suite.js';

describeDriver({ framework: 'pytorch', modes: ['eager', 'out'], dtypes: ['f32', 'f64'] });

const { python } = testPython('pytorch');

it.skipIf(!python)(
  'both memory layouts of images give the same result',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'mpsbench-layouts-'));
    try {
      const graph = join(folder, 'graph.json');
      writeFileSync(graph, JSON.stringify(cnn.graph({ batch: 3, image: 11, filters: 5 }, 'f32')));
      const script = fileURLToPath(new URL('pytorch_layouts.py', import.meta.url));
      const args = ['-B', script, MAIN, graph, folder];
      const { stdout, stderr, status } = spawnSync(python ?? '', args, {
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: '1' },
      });
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toBeLessThan(1e-5);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  300_000,
);
