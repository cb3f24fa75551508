import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerReport } from '../../../src/commands/report.js';
import { renderCsv } from '../../../src/report/csv.js';
import { renderJson } from '../../../src/report/json.js';
import { renderMarkdown } from '../../../src/report/registry.js';
import { gpuBench } from '../../fakes/results.js';

let folder: string;
let saved: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-report-'));
  saved = join(folder, 'result.json');
  writeFileSync(saved, renderJson(gpuBench));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function report(...args: string[]): Promise<void> {
  const program = new Command().exitOverride().option('--no-color');
  const { signal } = new AbortController();
  registerReport(program, { signal, argv: [], exitCode: 0 });
  await program.parseAsync(['report', ...args], { from: 'user' });
}

describe('mpsbench report', () => {
  it('prints the tables of a saved result', async () => {
    await report(saved);
    expect(printed).toMatch(/^The /);
    expect(printed).toContain('185x ±0.9 %');
  });

  it('prints another format instead', async () => {
    await report(saved, '--markdown');
    expect(printed).toBe(await renderMarkdown(gpuBench));
  });

  it('also prints the table if requested', async () => {
    await report(saved, '--csv', '--table');
    expect(printed).toMatch(/^The /);
    expect(printed).toContain(renderCsv(gpuBench));
  });

  it('writes files, several at once', async () => {
    const [csv, json] = [join(folder, 'a.csv'), join(folder, 'a.json')];
    await report(saved, '--csv', csv, '--json', json);
    expect(readFileSync(csv, 'utf8')).toBe(renderCsv(gpuBench));
    expect(readFileSync(json, 'utf8')).toBe(renderJson(gpuBench));
    expect(printed).toMatch(/^The /);
  });

  it('says which file is missing, and what a file should be', async () => {
    const missing = join(folder, 'no.json');
    await expect(report(missing)).rejects.toMatchObject({
      code: 'usage',
      message: `${missing} could not be read (ENOENT).`,
      advice: 'Check the path; results are saved with --json FILE.',
    });
    await expect(report(folder)).rejects.toMatchObject({ code: 'usage' });
    writeFileSync(saved, 'no JSON');
    await expect(report(saved)).rejects.toMatchObject({ code: 'usage' });
  });
});
