import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { explain, explainable } from '../../../src/commands/verify/explain.js';

function printed(id: string): string {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    explain(id);
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

test.each(explainable())('%s is explained', (id) => {
  const [heading, ...lines] = printed(id).split('\n');
  expect(heading).toBe(id);
  expect(lines.join('\n')).toMatch(/^ {2}(Says|Verifies) +\S.* \S/m);
});

/** Rules of failures are named in the code where they are found, and by whoever treats one in its own way. */
test('every rule id that stands in the sources is explained', () => {
  const folder = new URL('../../../src/', import.meta.url).pathname;
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(folder + path, 'utf8'));
  const ids = sources.flatMap((text) => text.match(/(?<=')(?:import|probe)\.[a-z-]+(?=')/g) ?? []);
  expect(new Set(ids).size).toBeGreaterThan(20);
  expect([...new Set(ids)].filter((id) => !explainable().includes(id))).toEqual([]);
});

test('no two have the same id', () => {
  expect(new Set(explainable()).size).toBe(explainable().length);
});
