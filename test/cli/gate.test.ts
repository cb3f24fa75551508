import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/result/schema.js';
import { expectNoTrace, mpsbench } from './run.js';

let folder: string;
const file = (name: string) => join(folder, name);

const PACE = ['--preset', 'example', '--time', '0.15', '--warmup', '0.01', '--precision', '20'];

/** A bench of the fake device, whose iterations take as long as scripted, worker by worker. */
function bench(ns: string, ...flags: string[]) {
  rmSync(file('starts'), { force: true });
  return mpsbench(['bench', 'add', '--device', 'fake', ...PACE, ...flags], {
    fake: '',
    env: { MPSBENCH_FAKE_NS: ns, MPSBENCH_FAKE_STARTS: file('starts') },
  });
}

const read = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as BenchResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-gate-'));
  const { code } = await bench('1000000,1001000,1002000', '--json', file('base.json'));
  expect(code).toBe(0);
});

describe('bench --baseline', () => {
  const tolerance = ['--tolerance', '5%'];

  it('exits with 1 for a slower row, and says so first', async () => {
    const outcome = await bench(
      '1300000',
      ...['--baseline', file('base.json'), ...tolerance, '--json', file('slow.json')],
    );
    expect([outcome.code, outcome.stderr]).toEqual([1, '']);
    expect(outcome.stdout).toMatch(/Compared with the baseline: add on fake:0 takes 30 % longer\./);
    expect(read('slow.json')).toMatchObject({
      exitCode: 1,
      comparison: { rows: [{ verdict: 'slower', base: { runs: 3 }, new: { runs: 3 } }] },
    });
    const again = await mpsbench(['report', file('slow.json'), '--markdown']);
    expect(again.stdout).toContain('takes 30 % longer');
  });

  it('exits with 0 if nothing is slower', async () => {
    const { code, stdout } = await bench('1000500', '--baseline', file('base.json'), ...tolerance);
    expect(code).toBe(0);
    expect(stdout).toContain('No row is slower: 1 the same.');
  });

  it('--confirm measures a slower row again, and may clear it', async () => {
    const flags = ['--baseline', file('base.json'), ...tolerance, '--confirm'];
    const noisy = '1200000,1200000,1200000,1000000,1001000,1002000';
    const passed = await bench(noisy, ...flags, '--json', file('again.json'));
    expect(passed.code).toBe(0);
    const { comparison, rows } = read('again.json');
    expect(comparison?.rows).toMatchObject([
      { verdict: 'unclear', confirmed: true, new: { runs: 6 } },
    ]);
    expect(comparison?.again).toHaveLength(1);
    expect(rows[0].measurement?.runs).toHaveLength(3);

    const slow = await bench('1200000,1201000,1202000', ...flags, '--json', file('slow2.json'));
    expect(slow.code).toBe(1);
    expect(read('slow2.json').comparison?.rows).toMatchObject([
      { verdict: 'slower', confirmed: true, new: { runs: 6 } },
    ]);
  });

  it('--confirm measures nothing again if nothing is slower', async () => {
    const flags = ['--baseline', file('base.json'), ...tolerance, '--confirm'];
    await bench('1000500', ...flags, '--json', file('well.json'));
    const { comparison } = read('well.json');
    expect(comparison?.again).toBeUndefined();
    expect(comparison?.rows[0].confirmed).toBeUndefined();
  });

  it('refuses a baseline that cannot be read before it measures', async () => {
    const outcome = await bench('1000000', '--baseline', file('none.json'));
    expectNoTrace(outcome);
    expect(outcome.code).toBe(64);
    expect(outcome.stderr).toContain('could not be read (ENOENT)');
    expect(outcome.stdout).toBe('');
  });
});

describe('compare --confirm', () => {
  const compare = (ns: string, now: string) => {
    rmSync(file('starts'), { force: true });
    const words = ['compare', file('base.json'), file(now), '--tolerance', '5%', '--confirm'];
    return mpsbench([...words, '--json'], {
      fake: '',
      env: { MPSBENCH_FAKE_NS: ns, MPSBENCH_FAKE_STARTS: file('starts') },
    });
  };

  it('measures a slower row of NEW again on this machine', async () => {
    await bench('1200000,1201000,1202000', '--json', file('new.json'));
    const still = await compare('1200000,1201000,1202000', 'new.json');
    expect(still.code).toBe(1);
    expect(JSON.parse(still.stdout)).toMatchObject({
      new: { files: [{ name: file('new.json') }] },
      rows: [{ verdict: 'slower', confirmed: true, new: { runs: 6 } }],
    });
    const noise = await compare('1000000,1001000,1002000', 'new.json');
    expect(noise.code).toBe(0);
    expect(JSON.parse(noise.stdout).rows).toMatchObject([{ verdict: 'unclear', confirmed: true }]);
  });

  it('never runs what a file says', async () => {
    const hostile = JSON.parse(JSON.stringify(read('new.json')));
    hostile.rows[0].reproduce = `mpsbench bench add; touch ${file('owned')}`;
    writeFileSync(file('hostile.json'), JSON.stringify(hostile));
    const outcome = await compare('1200000', 'hostile.json');
    expectNoTrace(outcome);
    expect(outcome.code).toBe(1);
    const { warnings } = JSON.parse(outcome.stdout);
    expect(warnings).toMatchObject([{ name: 'not-confirmed' }]);
    expect(existsSync(file('owned'))).toBe(false);
  });
});

describe('the latest results', () => {
  it('are sides by themselves, and baselines', async () => {
    const cache = {
      MPSBENCH_HISTORY: undefined,
      XDG_CACHE_HOME: file('cache'),
      HOME: file('cache'),
    };
    const compare = (...words: string[]) =>
      mpsbench(['compare', ...words, '--tolerance', '5%', '--json'], { env: cache });
    const none = await compare(file('base.json'), '--last');
    expectNoTrace(none);
    expect([none.code, none.stdout]).toEqual([64, '']);
    expect(none.stderr).toContain('No results of bench are kept.');

    const keep = (ns: string, ...flags: string[]) => {
      rmSync(file('starts'), { force: true });
      return mpsbench(['bench', 'add', '--device', 'fake', ...PACE, ...flags], {
        fake: '',
        env: { ...cache, MPSBENCH_FAKE_NS: ns, MPSBENCH_FAKE_STARTS: file('starts') },
      });
    };
    await keep('1000000,1001000,1002000');
    await keep('1300000,1301000,1302000');
    for (const words of [[file('base.json'), '--last'], ['--last'], ['last:2', 'last']]) {
      const { code, stdout } = await compare(...words);
      expect(code).toBe(1);
      expect(JSON.parse(stdout).rows).toMatchObject([{ verdict: 'slower' }]);
    }
    const again = await keep('1000000,1001000,1002000', '--baseline', 'last', '--tolerance', '5%');
    expect(again.stdout).toContain('add on fake:0 takes 23 % less time.');
    const both = await compare(file('base.json'), file('base.json'), '--last');
    expect([both.code, (await compare(file('base.json'))).code]).toEqual([64, 64]);
  });
});

describe('thresholds', () => {
  it.each([
    [['--max-time', '2ms'], 0, /✓ add on fake:0 takes 1\.000 ms; 2\.000 ms is allowed/],
    [['--max-time', 'add=0.5ms'], 1, /✗ add on fake:0 takes 1\.000 ms, but 500\.0 µs is allowed/],
    [['--max-time', 'cnn=1ms'], 2, /\? No measured row fits --max-time cnn=1ms/],
    [['--require-device', 'fake:0'], 0, /✓ fake:0 was measured/],
    [['--require-device', 'FAKE'], 0, /✓ fake:0 was measured/],
    [['--require-device', 'metal:0'], 1, /✗ metal:0 was not measured/],
  ] as const)('%j exits with %i', async (flags, code, text) => {
    const outcome = await bench('1000000', '--runs', '1', ...flags);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toMatch(text);
  });

  it('a required device that does not exist is a finding even if nothing can be measured', async () => {
    const { code, stderr } = await mpsbench(
      ['bench', 'add', '--device', 'metal', '--require-device', 'metal:0', ...PACE],
      { env: { MPSBENCH_HIDE: 'webgpu' } },
    );
    expect(stderr).toContain('metal');
    expect(code).toBe(1);
  });

  it.each([
    [['--max-time', '5'], /has no limit above 0 with a unit/],
    [['--max-time', 'add=0ms'], /has no limit above 0/],
    [['--min-speedup', 'fast'], /has no limit above 0/],
    [['--min-speedup', 'cnm=2'], /Did you mean "cnn"/],
    [['--require-device', ''], /names no device/],
    [['--confirm'], /--confirm needs a baseline/],
    [['--tolerance', '5%'], /--tolerance needs a baseline/],
    [['--unclear', 'fail'], /--unclear fail needs a baseline/],
    [['--budget', '0'], /is not a time above 0/],
    [['--budget', 'soon'], /is not a time above 0/],
    [['--exit-style', 'nagos'], /Did you mean "nagios"/],
  ] as const)('%j is a usage error', async (flags, message) => {
    const outcome = await bench('1000000', ...flags);
    expectNoTrace(outcome);
    expect(outcome.code).toBe(64);
    expect(outcome.stderr).toMatch(message);
  });
});

describe('--budget', () => {
  it('stops what hangs, and says what is missing', async () => {
    const started = performance.now();
    const outcome = await mpsbench(
      ['bench', 'all', '--device', 'fake', ...PACE, '--budget', '4s', '--json', file('cut.json')],
      { fake: 'hang:compile' },
    );
    expectNoTrace(outcome);
    // A hang alone would take until the timeout of 120 s.
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(outcome.code).toBe(2);
    const { rows, exitCode } = read('cut.json');
    expect(exitCode).toBe(2);
    const errors = rows.map(({ error }) => error?.message ?? '');
    expect(errors.some((message) => message.includes('(--budget 4s)'))).toBe(true);
  });

  it.each(['probe', 'verify'])('stops a device that hangs in %s', async (phase) => {
    // A hang alone would take until the timeout of 120 s, and the test until its own of 60 s.
    const args = ['bench', 'all', '--device', 'fake', ...PACE, '--budget', '6s'];
    const outcome = await mpsbench(args, { fake: `hang:${phase}` });
    expectNoTrace(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout + outcome.stderr).toMatch(
      phase === 'probe' ? /did not start within 3 s/ : /--budget 6s/,
    );
  });

  it('changes nothing if there is time', async () => {
    await bench('1000000', '--budget', '10m', '--json', file('long.json'));
    const { rows } = read('long.json');
    expect(rows[0].measurement?.runs).toHaveLength(3);
  });

  it('stops a verification', async () => {
    const outcome = await mpsbench(['verify', 'compute', '--budget', '3s'], {
      fake: 'hang:compile',
    });
    expectNoTrace(outcome);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toContain('--budget 3s ran out before every check was done.');
  });
});

describe('--exit-style nagios', () => {
  const nagios = ['--exit-style', 'nagios', '--runs', '1'];

  it('says the state first, with performance data', async () => {
    const { code, stdout } = await bench('1000000', ...nagios);
    // A warning where this machine was too busy for a reliable time.
    const state = code === 0 ? 'OK' : 'WARNING';
    expect([0, 1]).toContain(code);
    expect(stdout).toMatch(new RegExp(`^MPSBENCH ${state} - .* \\| 'add on fake:0'=0\\.001s\\n`));
  });

  it('is CRITICAL for a finding, UNKNOWN for what could not be checked', async () => {
    const missed = await bench('1000000', ...nagios, '--max-time', '0.1ms');
    expect(missed.code).toBe(2);
    expect(missed.stdout).toMatch(/^MPSBENCH CRITICAL - add on fake:0 takes 1\.000 ms, but/);
    const none = await mpsbench(['bench', 'add', '--device', 'metal:0', ...nagios]);
    expect(none.code).toBe(3);
    expect(none.stdout).toMatch(/^MPSBENCH UNKNOWN - /);
    expect(none.stdout.match(/MPSBENCH/g)).toHaveLength(1);
    const usage = await mpsbench(['bench', '--exit-style', 'nagios', '--bach', '3']);
    expect(usage.code).toBe(3);
    expect(usage.stdout).toMatch(/^MPSBENCH UNKNOWN - Unknown option: --bach/);
  });

  it('leaves JSON on stdout alone', async () => {
    const { code, stdout } = await bench('1000000', ...nagios, '--json');
    expect([0, 1]).toContain(code);
    expect(JSON.parse(stdout).command).toBe('bench');
  });
});

describe('formats for CI', () => {
  it('writes each file, and the summary and annotations of GitHub', async () => {
    writeFileSync(file('summary.md'), 'before\n');
    const outcome = await mpsbench(
      [
        ...['bench', 'add', '--device', 'fake', ...PACE, '--runs', '1', '--max-time', '1us'],
        ...['--junit', file('junit.xml'), '--prometheus', file('mpsbench.prom')],
        ...['--benchmark-action', file('action.json'), '--github', 'auto', '--json'],
      ],
      {
        fake: '',
        env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file('summary.md') },
      },
    );
    expect(outcome.code).toBe(1);
    expect(JSON.parse(outcome.stdout).command).toBe('bench');
    expect(outcome.stderr).toMatch(
      /^::error title=mpsbench%3A --max-time 1us \(add on fake%3A0\)::/,
    );
    expect(readFileSync(file('summary.md'), 'utf8')).toMatch(/^before\n(.|\n)*add/);
    expect(readFileSync(file('junit.xml'), 'utf8')).toContain('<failure message=');
    expect(readFileSync(file('mpsbench.prom'), 'utf8')).toMatch(
      /\nmpsbench_time_seconds\{.*\} 0\.\d+/,
    );
    expect(JSON.parse(readFileSync(file('action.json'), 'utf8'))).toMatchObject([
      { name: 'add on fake:0', unit: 'ns/iteration' },
    ]);
  });

  it('auto is off elsewhere', async () => {
    const { stderr } = await mpsbench(
      ['bench', 'add', '--device', 'fake', ...PACE, '--runs', '1', '--max-time', '1us', '--github'],
      { fake: '', env: { GITHUB_ACTIONS: undefined } },
    );
    expect(stderr).toBe('');
  });

  it('refuses what cannot be written before it measures', async () => {
    const there = await bench('1000000', '--junit', join(folder, 'no', 'where.xml'));
    expect(there.code).toBe(2);
    expect(there.stdout).toBe('');
    const twice = await bench('1000000', '--junit', file('x'), '--prometheus', file('x'));
    expect(twice.code).toBe(64);
    expect(twice.stderr).toContain('Two formats write to');
  });
});
