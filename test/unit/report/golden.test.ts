import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { renderAs, renderTable } from '../../../src/report/registry.js';
import { displayWidth } from '../../../src/report/text.js';
import { resultSchema } from '../../../src/result/schema.js';
import { comparison } from '../../fakes/compared.js';
import { disturbedBench, failuresBench, fallbackBench } from '../../fakes/faulty-results.js';
import { cudaBench, devicesResult, gpuBench, softwareBench } from '../../fakes/results.js';
import { sweepBench } from '../../fakes/sweeps.js';

const plain = new Chalk({ level: 0 });
const results = {
  devices: devicesResult,
  'bench-software-gpu': softwareBench,
  'bench-gpu-profile': gpuBench,
  'bench-failures': failuresBench,
  'bench-fallback': fallbackBench,
  'bench-cuda-tf32': cudaBench,
  compare: comparison,
  'bench-disturbed': disturbedBench,
  'bench-sweep': sweepBench,
};

describe.each(Object.entries(results))('%s', (name, result) => {
  it('follows the schema', () => {
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });

  it.each([80, 120])('matches its golden file in %i columns', async (width) => {
    const text = await renderTable(result, { colour: plain, width });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.${width}.txt`);
  });

  it.each([44, 60, 80, 100, 120, 160])('stays within %i columns', async (width) => {
    const lines = (await renderTable(result, { colour: plain, width })).split('\n');
    expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
    expect(lines.filter((line) => line.includes('…'))).toEqual([]);
  });

  it.each([
    ['csv', 'csv'],
    ['markdown', 'md'],
  ] as const)('reads well as %s', async (format, extension) => {
    const text = await renderAs(format, result, { colour: plain, width: 80 });
    await expect(text).toMatchFileSnapshot(`../../golden/${name}.${extension}`);
  });
});
