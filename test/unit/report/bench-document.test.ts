import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { benchDocument, benchSummary } from '../../../src/report/bench-document.js';
import { renderTable } from '../../../src/report/registry.js';
import type { Host } from '../../../src/result/schema.js';
import { fallbackBench } from '../../fakes/faulty-results.js';
import { softwareBench } from '../../fakes/results.js';

function hostLine(host: Partial<Host>): string | undefined {
  const result = { ...softwareBench, host: { ...softwareBench.host, ...host } };
  const document = benchDocument(result, { details: true });
  const facts = document.flatMap((block) => (block.kind === 'facts' ? block.facts : []));
  return facts.find(({ label }) => label === 'host')?.value.toString();
}

test('the host is described with its kinds of cores, if it has several', () => {
  const cores = [
    { kind: 'Super', count: 6 },
    { kind: 'Performance', count: 12 },
  ];
  const mac = { cpu: 'Apple M5 Max', logicalCpus: 18, cores };
  expect(hostLine(mac)).toMatch(/^Apple M5 Max, 18 logical CPUs \(6 Super \+ 12 Performance\), /);
  expect(hostLine({ logicalCpus: 1 })).toContain(', 1 logical CPU, ');
});

test('the answer comes first, and every op that ran where requested is one line', () => {
  const [first, ...rest] = benchDocument(softwareBench);
  expect(first).toMatchObject({ kind: 'text', text: expect.stringMatching(/^The software GPU /) });
  const facts = rest.flatMap((block) => (block.kind === 'facts' ? block.facts : []));
  expect(facts).toContainEqual({
    label: 'Placement',
    value: 'every op ran where requested (--details lists them)',
  });
});

test('a row whose ops all ran elsewhere names the device that ran them', () => {
  const [row] = fallbackBench.rows;
  const placement = row.placement.map((op) => ({ ...op, placed: 'cpu:0' }));
  const document = benchDocument({ ...fallbackBench, rows: [{ ...row, placement }] });
  const tables = document.flatMap((block) => (block.kind === 'table' ? [block] : []));
  expect(tables[0].rows[0][0]).toEqual({ text: 'webgpu:0 -> cpu:0', tone: 'doubtful' });
});

/** The notes about warnings of which each row has one, with the number of the row in it. */
function notesOf(message: (row: number) => string): string[] {
  const rows = softwareBench.rows.map((row, i) => {
    const warning = { name: 'unsettled', message: message(i), advice: 'Wait.' };
    return row.measurement
      ? { ...row, measurement: { ...row.measurement, warnings: [warning] } }
      : row;
  });
  return benchDocument({ ...softwareBench, warnings: [], rows }).flatMap((block) => {
    return block.kind === 'note' ? block.text : [];
  });
}

const WHERE = 'cnn on webgpu:0, cnn on cpu:0';

test('a warning that several rows share is given once, with these rows', () => {
  expect(notesOf(() => 'Still changing.')).toEqual([`${WHERE}: Still changing. Wait. [unsettled]`]);
});

test('warnings that differ in their numbers only are one, with the range', () => {
  expect(notesOf((row) => `Drifted by ±${7 - row} %, 5 % is allowed in f32.`)).toEqual([
    `${WHERE}: Drifted by ±6-7 %, 5 % is allowed in f32. Wait. [unsettled]`,
  ]);
});

test('a much slower device is so many times slower', () => {
  const [gpu, cpu] = softwareBench.rows;
  const answers = [0.05, 0.5, 5].map((value) => {
    const speedup = { ...gpu.speedup, over: 'cpu:0', value, clock: 'wall' as const };
    const rows = [{ ...gpu, speedup: { ...speedup, interval: undefined } }, cpu];
    const [first] = benchDocument({ ...softwareBench, rows });
    return first.kind === 'text' ? first.text.split(') is ').at(-1) : undefined;
  });
  expect(answers).toEqual([
    'about 20.0x slower than the CPU.',
    'about 0.50x as fast as the CPU.',
    'about 5.00x as fast as the CPU.',
  ]);
});

test('Markdown has one table, the rest folded, and a command without files', () => {
  const reproduce = "mpsbench bench all --json '/tmp/a b.json' --markdown --csv=x.csv --runs 3";
  const document = benchSummary({ ...softwareBench, reproduce });
  expect(document.filter(({ kind }) => kind === 'table')).toHaveLength(1);
  expect(document.filter(({ kind }) => kind === 'fold')).toHaveLength(1);
  expect(document.at(-1)).toMatchObject({ facts: [{ value: 'mpsbench bench all --runs 3' }] });
});

test('three workloads on two devices need at most 40 lines, with the usual warnings', async () => {
  const rows = ['add', 'linear', 'cnn'].flatMap((workload) => {
    return softwareBench.rows.map((row) => ({ ...row, workload }));
  });
  const text = await renderTable(
    { ...softwareBench, rows },
    { colour: new Chalk({ level: 0 }), width: 100 },
  );
  expect(text.match(/^ {2}! /gm)).toHaveLength(3);
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(40);
});
