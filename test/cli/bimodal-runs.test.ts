import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchResultSchema } from '../../src/result/schema.js';
import { mpsbench } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'mpsbench-bimodal-'));
const PACE = ['--preset', 'example', '--time', '0.5', '--warmup', '0.01', '--precision', '20'];

async function bench(workload: string) {
  const json = join(folder, `${workload}.json`);
  const args = ['bench', workload, '--device', 'fake:0', '--runs', '10', ...PACE, '--json', json];
  const outcome = await mpsbench(args, { fake: `draws:${join(folder, `${workload}.draws`)}` });
  const { rows } = benchResultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
  return { ...outcome, row: rows[0] };
}

/** MPSGraph settles on a fast or a slow matrix product each time a process starts. */
describe('a device whose processes draw a fast or a slow matrix product', () => {
  it('is said to be bimodal across runs, and its interval covers both speeds', async () => {
    const { code, stdout, row } = await bench('linear');
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Bimodal across runs: 4 of 10 runs took 2.4x as long as the others.',
    );
    const medians = row.measurement?.runs.map(({ medianNs }) => medianNs / 1e6) ?? [];
    expect(medians).toHaveLength(10);
    expect(medians.filter((ms) => ms > 2)).toHaveLength(4);
    expect(row.measurement?.warnings.map(({ name }) => name)).toContain('bimodal-runs');
    const [low, high] = row.measurement?.wall.interval ?? [];
    // Nothing is given as precise that the next process may miss by a factor of two.
    if (low !== undefined && high !== undefined) expect(high / low).toBeGreaterThan(2);
  });

  it('is not for a workload without a matrix product', async () => {
    const { stdout, row } = await bench('add');
    expect(stdout).not.toContain('Bimodal');
    expect(row.measurement?.warnings.map(({ name }) => name)).not.toContain('bimodal-runs');
  });
});
