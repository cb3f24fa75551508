import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { benchResultSchema } from '../../src/result/schema.js';
import { mpsbench } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-bimodal-'));

/** Nanoseconds of a training step in each process: 4 of 10 draw a slow matrix product. */
const DRAWS = [1, 2.4, 1.01, 0.99, 2.42, 1, 2.38, 2.41, 1.02, 1].map((factor) => factor * 1e6);

/** MPSGraph draws a matrix product once per process (pytorch/pytorch#182815): --runs 10 has to show it. */
it('processes that draw a fast or a slow matrix product are bimodal across runs', async () => {
  const json = join(folder, 'result.json');
  const pace = ['--preset', 'example', '--time', '0.5', '--warmup', '0.01', '--precision', '20'];
  const { code, stdout } = await mpsbench(
    ['bench', 'linear', '--device', 'fake:0', '--runs', '10', ...pace, '--json', json],
    {
      fake: '',
      env: { MPSBENCH_FAKE_NS: DRAWS.join(','), MPSBENCH_FAKE_STARTS: join(folder, 'starts') },
    },
  );
  expect(code).toBe(0);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'Bimodal across runs: 4 of 10 runs took 2.4x as long as the others.',
  );
  const [{ measurement }] = benchResultSchema.parse(JSON.parse(readFileSync(json, 'utf8'))).rows;
  const medians = measurement?.runs.map(({ medianNs }) => medianNs) ?? [];
  expect(medians.map((ns) => ns > 2e6)).toEqual(DRAWS.map((ns) => ns > 2e6));
  expect(measurement?.warnings.map(({ name }) => name)).toContain('bimodal-runs');
  // The median's interval claims no precision that the next process could not keep.
  const [low, high] = measurement?.wall.interval ?? [0, Number.POSITIVE_INFINITY];
  expect(high - low).toBeGreaterThan(0.4e6);
});
