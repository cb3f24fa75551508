import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BRIEF, expectNoTrace, mpsbench } from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-html-'));
const at = (name: string) => join(temporary, name);

/** A browser that writes down what it was asked to show. */
function fakeBrowser(name: string): { env: Record<string, string>; shown(): Promise<string> } {
  const [program, log] = [at(`${name}.sh`), at(`${name}.log`)];
  writeFileSync(program, `#!/bin/sh\nprintf '%s' "$1" > ${log}.part && mv ${log}.part ${log}\n`);
  chmodSync(program, 0o755);
  return {
    // No desktop entry of this machine takes precedence over BROWSER.
    env: { BROWSER: program, DISPLAY: ':99', XDG_DATA_DIRS: temporary, HOME: temporary },
    async shown() {
      for (let i = 0; i < 200 && !existsSync(log); i++) await sleep(50);
      return readFileSync(log, 'utf8');
    },
  };
}

it('every command writes a page that report reads back', async () => {
  const commands = [
    ['devices'],
    ['verify', 'system'],
    ['bench', 'add', '--device', 'cpu,fake:0', ...BRIEF],
  ];
  for (const command of commands) {
    const [page, json, again] = ['html', 'json', 'again.json'].map((end) =>
      at(`${command[0]}.${end}`),
    );
    const outcome = await mpsbench([...command, '--html', page, '--json', json], { fake: '' });
    expectNoTrace(outcome);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
    const report = await mpsbench(['report', page, '--json', again]);
    expect(report).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(readFileSync(again, 'utf8'))).toEqual(JSON.parse(readFileSync(json, 'utf8')));
  }
});

it('report reads a page from a pipe, and refuses one of somebody else', async () => {
  const { stdout: page } = await mpsbench(['devices', '--html'], { fake: '' });
  const outcome = await mpsbench(['report', '-'], { stdin: page });
  expect(outcome.stdout).toContain('Devices');
  const other = await mpsbench(['report', '-'], { stdin: '<!DOCTYPE html><title>x</title>' });
  expect(other).toMatchObject({ code: 64, stdout: '' });
  expect(other.stderr).toContain('is an HTML page without a result of mpsbench');
  const damaged = page.replace(/(id="mpsbench-result">)[^<]*/, '$1{"schema":2');
  expect((await mpsbench(['report', '-'], { stdin: damaged })).code).toBe(64);
});

it.skipIf(process.platform !== 'linux')('--open shows the page (tried on Linux)', async () => {
  const { env, shown } = fakeBrowser('named');
  const page = at('opened.html');
  const outcome = await mpsbench(['devices', '--html', page, '--open'], { fake: '', env });
  expect(outcome.stderr).toContain(`Opening ${page}`);
  expect(await shown()).toContain(page);
});

it.skipIf(process.platform !== 'linux')('--open alone makes a temporary page', async () => {
  const { env, shown } = fakeBrowser('alone');
  const outcome = await mpsbench(['devices', '--open'], { fake: '', env });
  const [, path = ''] = /Opening (\S+)/.exec(outcome.stderr) ?? [];
  expect(await shown()).toContain(path);
  expect(readFileSync(path, 'utf8')).toContain('id="mpsbench-result"');
  expect(outcome.stdout).toContain('Devices');
});
