import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { coarseFirst } from '../../../../src/bench/sweep/plan.js';
import { readSettings } from '../../../../src/commands/bench/read-settings.js';
import { addBenchFlags } from '../../../../src/commands/bench.js';
import { findWorkload, WORKLOADS } from '../../../../src/workloads/registry.js';
import type { Workload } from '../../../../src/workloads/types.js';

/** The settings of `mpsbench bench ID ARGS…`. */
function settingsOf(line: string) {
  const [id, ...args] = line.split(' ');
  const workloads = id === 'all' ? WORKLOADS : [findWorkload(id) as Workload];
  const command = addBenchFlags(new Command().exitOverride(), workloads);
  command.parse(args, { from: 'user' });
  return readSettings(workloads, command.opts());
}

const sweepOf = (line: string) => settingsOf(line).workloads[0].sweep;

describe('the points of a sweep', () => {
  it('are the product of all axes, the size of the curves varying fastest', () => {
    const sweep = sweepOf('cnn --batch 1,8 --threads 1,2 --dtype f32,bf16 --filters 16,32');
    expect(sweep?.over).toBe('batch');
    expect(sweep?.axes.map(({ name }) => name)).toEqual(['threads', 'dtype', 'filters', 'batch']);
    expect(sweep?.points).toHaveLength(16);
    expect(sweep?.points[1]).toEqual({
      at: { threads: 1, dtype: 'f32', filters: 16, batch: 8 },
      params: { batch: 8, image: 28, filters: 16 },
      dtype: 'f32',
      threads: 1,
      kernels: 'auto',
      mode: 'throughput',
    });
  });

  it('vary modes, levels of kernels and engines; engines slowest, as they need processes of their own', () => {
    const sweep = sweepOf(
      'cnn --batch 1,8 --mode latency,throughput --kernels best,library --engine onednn,cblas',
    );
    expect(sweep?.axes.map(({ name }) => name)).toEqual(['engine', 'kernels', 'mode', 'batch']);
    expect(sweep?.points.at(-1)).toMatchObject({
      at: { engine: 'cblas', kernels: 'library', mode: 'throughput', batch: 8 },
      ...{ engine: 'cblas', kernels: 'library', mode: 'throughput' },
    });
  });

  it('set what a flag means, and what follows from it', () => {
    expect(sweepOf('add --elements 8,16')?.points.map(({ params }) => params.shape)).toEqual([
      [8],
      [16],
    ]);
    const rates = sweepOf('linear --rows 64..4096*8')?.points.map(
      ({ params }) => params.learningRate,
    );
    expect(new Set(rates).size).toBe(3);
  });

  it('have no curve if only names vary, and one over threads if those vary', () => {
    expect(sweepOf('cnn --dtype f32,bf16')?.over).toBeUndefined();
    expect(sweepOf('cnn --dtype f32,bf16 --threads 1,2')?.over).toBe('threads');
    expect(sweepOf('cnn --filters 8,16')?.over).toBe('filters');
  });

  it('do not exist with one value each', () => {
    const [chosen] = settingsOf('cnn --batch 8').workloads;
    expect(chosen).toEqual({
      workload: chosen.workload,
      params: { batch: 8, image: 28, filters: 32 },
    });
  });

  it('begin at 1 with --sweep, combined with other axes', () => {
    const sweep = sweepOf('cnn --sweep --dtype f32,bf16');
    expect(sweep?.isAutomatic).toBe(true);
    expect(sweep?.points.slice(0, 3).map(({ at }) => at.batch)).toEqual([1, 4, 16]);
    expect(sweepOf('cnn --sweep --batch 1,8')?.isAutomatic).toBe(false);
    expect(settingsOf('all --sweep').workloads.every(({ sweep }) => sweep?.isAutomatic)).toBe(true);
  });

  it('conflict with a size that --sweep also sets: a usage error', () => {
    expect(() => settingsOf('cnn --sweep --batch 8')).toThrow('--sweep chooses --batch itself');
  });

  it('are at most 1000, and more with a time limit', () => {
    expect(() => settingsOf('cnn --batch 1..2000')).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'The sweep has 2,000 points (2,000 of --batch); at most 1,000 are measured.',
        advice: expect.stringContaining('--budget'),
      }),
    );
    expect(sweepOf('cnn --batch 1..2000 --budget 10m')?.points).toHaveLength(2000);
    expect(() => settingsOf('cnn --batch 1..1000 --filters 1..100 --budget 10m')).toThrow(
      'The sweep has 100,000 points',
    );
  });

  it('have a pace of their own, which flags override', () => {
    expect(settingsOf('cnn --batch 1,8').measure).toMatchObject({ timeBudgetNs: 1e9 });
    expect(settingsOf('cnn --batch 1,8 --time 2').measure).toMatchObject({ timeBudgetNs: 2e9 });
    expect(settingsOf('cnn --batch 1,8 --quick').measure).toMatchObject({ timeBudgetNs: 4e8 });
  });
});

describe('with a time limit', () => {
  it('points are measured from coarse to fine', () => {
    expect(coarseFirst([0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual([0, 8, 4, 2, 6, 1, 3, 5, 7]);
    expect(coarseFirst([1])).toEqual([1]);
    expect(coarseFirst([])).toEqual([]);
    for (const length of [2, 3, 5, 100, 1001]) {
      const points = Array.from({ length }, (_, i) => i);
      expect(coarseFirst(points).sort((a, b) => a - b)).toEqual(points);
    }
  });
});
