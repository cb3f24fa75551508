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
    const sections = outcome.stdout.match(/^(add|linear|cnn) {2}|^\w+ on fake:0: /gm);
    expect(sections).toEqual(['add  ', 'linear  ', 'cnn  ', 'add on fake:0: ']);
  });

  it('answers first where there is one workload, and in a report', async () => {
    const { stdout } = await bench(['add']);
    expect(stdout).toMatch(/^add on fake:0: /);
    const json = await bench(['all', '--json']);
    const report = await mpsbench(['report', '-'], { stdin: json.stdout });
    expect(report.stdout).toMatch(/^add on fake:0: /);
    expect(report.stdout.match(/^(add|linear|cnn) {2}/gm)).toHaveLength(3);
  });

  it('keeps JSON on stdout whole', async () => {
    const { stdout } = await bench(['all', '--json']);
    expect(JSON.parse(stdout).rows).toHaveLength(3);
  });

  it('needs at most 40 lines for all workloads', async () => {
    const args = ['bench', 'all', '--device', 'fake:0', '--compare-cpu', ...BRIEF];
    const { stdout } = await mpsbench(args, { fake: '' });
    expect(stdout).toMatch(/^\s+cpu:0 /m);
    // Warnings about a busy machine come on top.
    const lines = stdout.split('\n');
    const first = lines.findIndex((line) => line.startsWith('  ! '));
    const last = lines.findIndex((line) => /^\s+Placement/.test(line));
    expect(lines.length - Math.max(0, last - first)).toBeLessThanOrEqual(36);
  });

  it('is ASCII on a dumb terminal', async () => {
    const { stdout } = await bench(['add'], { env: { TERM: 'dumb' } });
    expect([...stdout].filter((character) => character > '~')).toEqual([]);
  });
});
