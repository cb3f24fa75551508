import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BRIEF, mpsbench } from './run.js';

const bench = (args: readonly string[], options = {}) => {
  return mpsbench(['bench', ...args, '--device', 'fake:0', ...BRIEF], { fake: '', ...options });
};

describe('what bench prints', () => {
  it('shows each workload as soon as it has finished, then the answer', async () => {
    // What stdout held when the progress named the next workload.
    const seen: Record<string, string> = {};
    let printed = '';
    const outcome = await bench(['all'], {
      during: (child: import('node:child_process').ChildProcess) => {
        child.stdout?.on('data', (text) => {
          printed += text;
        });
        child.stderr?.on('data', (text) => {
          const [, phase] = /\[\d\/3\] (\w+) \.\.\./.exec(`${text}`) ?? [];
          // stdout and stderr are two pipes: what was written before may still be on its way.
          if (phase) setTimeout(() => Object.assign(seen, { [phase]: printed }), 20);
        });
      },
    });
    expect(outcome.code).toBe(0);
    expect(outcome.progress).toEqual([
      'looking for devices ...',
      '[1/3] add ...',
      '[2/3] linear ...',
      '[3/3] cnn ...',
    ]);
    expect(seen.linear).toMatch(/^add {2}shape/);
    expect(seen.linear).not.toMatch(/^linear {2}rows/m);
    expect(seen.cnn).toMatch(/^linear {2}rows/m);
    // On a busy machine the answer is that nothing was reliable.
    const sections = outcome.stdout.match(/^(add|linear|cnn|All) ( |on fake:0|3 measurements)/gm);
    expect(sections?.slice(0, 3)).toEqual(['add  ', 'linear  ', 'cnn  ']);
    expect(sections?.[3]).toMatch(/ on fake:0$|^All 3 measurements$/);
  });

  it('answers first with a single workload, and in a report', async () => {
    // On a busy machine, the answer begins with that.
    const answer = /^(All 3 measurements [^.]*\. )?(add|linear|cnn)\son\sfake:0/;
    const { stdout } = await bench(['add']);
    expect(stdout).toMatch(answer);
    const json = await bench(['all', '--json']);
    const report = await mpsbench(['report', '-'], { stdin: json.stdout });
    expect(report.stdout).toMatch(answer);
    expect(report.stdout.match(/^(add|linear|cnn) {2}/gm)).toHaveLength(3);
  });

  it('keeps stdout valid JSON', async () => {
    const { stdout } = await bench(['all', '--json']);
    expect(JSON.parse(stdout).rows).toHaveLength(3);
  });

  it('is ASCII on a dumb terminal', async () => {
    const { stdout } = await bench(['add'], { env: { TERM: 'dumb' } });
    expect([...stdout].filter((character) => character > '~')).toEqual([]);
  });
});

describe('report --last', () => {
  it('shows the latest result of bench again, and in other formats', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'mpsbench-last-'));
    // The folder by the conventions of Linux and of macOS.
    const env = { MPSBENCH_HISTORY: undefined, XDG_CACHE_HOME: cache, HOME: cache };
    const first = await bench(['add'], { env });
    expect(first.stdout).toMatch(/Save +mpsbench report --last shows it again/);
    await bench(['cnn'], { env });
    const last = await mpsbench(['report', '--last'], { env });
    expect(last.stdout).toMatch(/^cnn on fake:0/);
    const before = await mpsbench(['report', '--last', '2', '--json'], { env });
    expect(JSON.parse(before.stdout).rows[0].workload).toBe('add');
    const none = await mpsbench(['report', '--last', '3'], { env });
    expect([none.code, none.stderr]).toEqual([
      64,
      expect.stringContaining('Only 2 results are kept.'),
    ]);
  });

  it.each([
    [[], 'report needs a file, or --last.'],
    [['x.json', '--last'], 'Use either a file or --last.'],
    [['--last', '0'], '--last 0 is not a whole number of at least 1.'],
  ])('report %j is a usage error', async (args, message) => {
    const { code, stderr } = await mpsbench(['report', ...args]);
    expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
  });
});
