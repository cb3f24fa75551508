import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { casesFor, defaultRows } from '../../../scripts/peers/cases.mjs';
import { compareCase } from '../../../scripts/peers/compare.mjs';
import { markdown, table } from '../../../scripts/peers/report.mjs';

describe('the rows of a comparison', () => {
  it('are all of the device by default', () => {
    for (const onCpu of [true, false]) {
      expect(casesFor(undefined, onCpu).map(({ row }) => row)).toEqual(defaultRows(onCpu));
    }
  });

  it('are chosen by how they begin, or written out', () => {
    const rows = (text: string) => casesFor(text, false).map(({ row }) => row);
    expect(rows('cnn')).toEqual(['cnn:1:f32', 'cnn:1:bf16', 'cnn:16384:f32', 'cnn:16384:bf16']);
    expect(rows('linear:large,cnn:1:f32')).toEqual([
      'linear:large:f32',
      'linear:large:tf32',
      'linear:large:bf16',
      'cnn:1:f32',
    ]);
    const [own] = casesFor('add:2^20:f16', false);
    expect(own).toMatchObject({ id: 'add', format: 'f16', params: { shape: [2 ** 20] } });
    const [preset] = casesFor('linear:example:f64', true);
    expect(preset.params).toMatchObject({ rows: 4, features: 1, units: 1 });
  });

  it.each(['sub:1:f32', 'add', 'add:many:f32', 'add:2^60:f32', 'add:4:f8', 'add:4:f32:x'])(
    'refuses %s',
    (row) => {
      const known = row === 'add' ? casesFor(row, true) : undefined;
      if (known) expect(known).toHaveLength(1);
      else expect(() => casesFor(row, false)).toThrow(`There is no row ${row}.`);
    },
  );
});

/** A contender that takes so long an iteration, and breaks at one of its runs. */
function fakeContender(name: string, nsPerIteration: number, breaksAt = Number.POSITIVE_INFINITY) {
  let runs = 0;
  return {
    name,
    restarts: 0,
    prepare: async () => ({ note: '', checks: [] }),
    async run(iterations: number) {
      runs++;
      if (runs >= breaksAt) throw new Error('an illegal memory access\nand more');
      return iterations * nsPerIteration;
    },
    release: async () => {},
    restart() {
      this.restarts++;
    },
  };
}

describe('a comparison', () => {
  it.each([
    ['while it is calibrated', 1],
    ['in its second turn', 8],
  ])('goes on without a contender that breaks %s', async (_when, breaksAt) => {
    const folder = mkdtempSync(join(tmpdir(), 'mpsbench-compare-'));
    const settings = { folder, rounds: 3, turnNs: 1e5, settleMs: 0, peak: undefined };
    const [broken, slow] = [fakeContender('broken', 1e3, breaksAt), fakeContender('slow', 2e3)];
    const contenders = [fakeContender('ours', 1e3), broken, slow];
    const [one] = casesFor('add:8:f32', true);
    const { rows } = await compareCase({ ...one, graphSteps: 1 }, contenders, settings);
    rmSync(folder, { recursive: true });
    expect(rows[0]).toMatchObject({ name: 'ours', state: 'measured', times: [1e3, 1e3, 1e3] });
    expect(rows[1]).toMatchObject({ name: 'broken', state: 'failed' });
    expect(rows[1].reason).toContain('an illegal memory access');
    expect(rows[2]).toMatchObject({ name: 'slow', state: 'measured', ratio: 2 });
    expect(broken.restarts).toBe(1);
    expect(slow.restarts).toBe(0);
  });
});

describe('the report of a comparison', () => {
  const rates = { itemsPerS: 1, gflops: 365, gbPerS: 4380, rooflineShare: 0.9125 };
  const result = {
    title: 'add: 2^28 elements',
    format: 'f32',
    sensors: [
      { clockMHz: 1980, powerW: 480.4, throttling: ['power limit'] },
      { clockMHz: 1755, powerW: 520 },
    ],
    rows: [
      {
        name: 'mpsbench cuda:0',
        note: 'add.cu',
        state: 'measured',
        medianNs: 735_800,
        rates: { ...rates, rooflineBound: 'bandwidth' },
      },
      {
        name: 'PyTorch eager',
        note: 'out=',
        state: 'measured',
        medianNs: 736_100,
        ratio: 1.0004,
        interval: [0.999, 1.002],
        rates,
      },
      { name: 'PyTorch CUDA graph', note: '', state: 'failed', reason: 'no answer within 2 s' },
      { name: 'PyTorch copy_ (bandwidth)', note: '', state: 'measured', medianNs: 5e5, rates },
    ],
  };
  const record = {
    at: '2026-01-02T03:04:05Z',
    threads: 2,
    rounds: 9,
    graphSteps: 1,
    host: { cpu: 'CPU', logicalCpus: 16, os: 'Linux' },
    ours: [
      {
        version: '0.1.0',
        device: 'cuda:0',
        name: 'NVIDIA H200',
        peak: { gbPerS: 4800, gflops: { f32: 66_900 }, source: 'datasheet' },
      },
    ],
    peers: [{ name: 'PyTorch', version: '2.11', device: 'NVIDIA H200', variants: [] }],
    results: [result],
  };

  it('shows ratios, rates and shares, and why a row is missing', () => {
    const lines = table(result).split('\n');
    expect(lines[2]).toMatch(/mpsbench cuda:0 +735\.8 µs +4,380 GB\/s +91 % +add\.cu$/);
    expect(lines[3]).toMatch(/PyTorch eager +736\.1 µs +1\.00 +1\.00 to 1\.00/);
    expect(lines[4]).toMatch(/PyTorch CUDA graph +failed +no answer within 2 s$/);
    expect(lines[6]).toBe('  1755 to 1980 MHz, 480 to 520 W, clocks held down: power limit');
  });

  it('is Markdown with the best peer of each row', () => {
    const text = markdown(record);
    expect(text).toContain('Peaks of the roofline: 4800 GB/s, 66.9 TFLOP/s f32 (datasheet).');
    expect(text).toContain(
      '| add: 2^28 elements | f32 | mpsbench cuda:0 | 735.8 µs |  |  | 4,380 GB/s | 91 % |',
    );
    expect(text).toContain('| add: 2^28 elements | f32 | PyTorch eager, out= | 1.00 | add.cu |');
  });
});
