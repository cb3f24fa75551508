import { expect, test } from 'vitest';
import { benchDocument } from '../../../src/report/bench-document.js';
import type { Host } from '../../../src/result/schema.js';
import { fallbackBench, softwareBench } from '../../fakes/results.js';

function hostLine(host: Partial<Host>): string | undefined {
  const result = { ...softwareBench, host: { ...softwareBench.host, ...host } };
  const document = benchDocument(result, { details: true });
  const facts = document.flatMap((block) => (block.kind === 'facts' ? block.facts : []));
  return facts.find(({ label }) => label === 'host')?.value.toString();
}

test('the host is described with its kinds of cores, where it has several', () => {
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
  const texts = rest.flatMap((block) => (block.kind === 'text' ? block.text : []));
  expect(texts).toEqual(['Placement: every op ran where requested (--details lists them).']);
});

test('a row whose ops all ran elsewhere names the device that ran them', () => {
  const [row] = fallbackBench.rows;
  const placement = row.placement.map((op) => ({ ...op, placed: 'cpu:0' }));
  const document = benchDocument({ ...fallbackBench, rows: [{ ...row, placement }] });
  const tables = document.flatMap((block) => (block.kind === 'table' ? [block] : []));
  expect(tables[0].rows[0][0]).toEqual({ text: 'webgpu:0 -> cpu:0', tone: 'doubtful' });
});

test('a warning that several rows share is given once, with these rows', () => {
  const warning = { name: 'unsettled', message: 'Still changing.', advice: 'Wait.' };
  const rows = softwareBench.rows.map((row) => {
    return row.measurement
      ? { ...row, measurement: { ...row.measurement, warnings: [warning] } }
      : row;
  });
  const notes = benchDocument({ ...softwareBench, warnings: [], rows }).flatMap((block) => {
    return block.kind === 'note' ? block.text : [];
  });
  const where = rows.map(({ workload, device }) => `${workload} on ${device}`).join(', ');
  expect(notes).toEqual([`${where}: Still changing. [unsettled]`]);
});
