import { expect, test } from 'vitest';
import { benchDocument } from '../../../src/report/bench-document.js';
import type { Host } from '../../../src/result/schema.js';
import { softwareBench } from '../../fakes/results.js';

function hostLine(host: Partial<Host>): string | undefined {
  const document = benchDocument({ ...softwareBench, host: { ...softwareBench.host, ...host } });
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
