import { type ChildProcess, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/report/schema.js';
import { BRIEF, mpsbench } from './run.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-faults-'));

/** Text as it reads: a table or a terminal may have broken it into lines. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

/** No fault may show a stack trace or end in a defect of ours. */
function expectNoTrace({ stderr, stdout }: { stderr: string; stdout: string }): void {
  expect(stderr + stdout).not.toMatch(/^\s+at .+:\d+:\d+/m);
}

describe('wrong usage exits with 64 and says what is valid', () => {
  it.each([
    [['bench', 'cn'], /unknown command 'cn'[\s\S]*Did you mean cnn/],
    [['devics'], /unknown command 'devics'[\s\S]*Did you mean devices/],
    [['bench', 'cnn', '--bach', '8'], /unknown option '--bach'[\s\S]*Did you mean --batch/],
    [['bench', 'add', '--filters', '8'], /unknown option '--filters'/],
    [['bench', 'cnn', '--dtype', 'f3'], /--dtype f3 is not known\. Did you mean "f32"\?/],
    [['bench', 'cnn', '--preset', 'exmple'], /Did you mean "example"\?/],
    [
      ['bench', 'cnn', '--device', 'wbgpu:0'],
      /--device wbgpu is not known\. Did you mean "webgpu"\?/,
    ],
    [['bench', 'cnn', '--mode', 'fast'], /--mode fast is not known/],
    [['bench', 'cnn', '--placement', 'hard'], /--placement hard is not known/],
    [['bench', 'cnn', '--batch', '0'], /--batch 0 is not a whole number of at least 1/],
    [['bench', 'cnn', '--batch', '-3'], /--batch -3 is not a whole number of at least 1/],
    [['bench', 'cnn', '--batch', '1.5'], /--batch 1\.5 is not a whole number of at least 1/],
    [['bench', 'add', '--elements', '2^60'], /--elements 2\^60 is larger than 2\^53/],
    [['bench', 'add', '--shape', '2,x'], /--shape .* is not a whole number/],
    [['bench', 'add', '--shape', '2,2', '--elements', '4'], /both set the shape/],
    [['bench', 'linear', '--learning-rate', '-1'], /--learning-rate -1 is not a number above 0/],
    [['bench', 'cnn', '--image', '3'], /--image 3 is too small/],
    [['bench', 'cnn', '--time', 'long'], /--time long is not a number above 0/],
    [['bench', 'cnn', '--seed', '-1'], /--seed -1 is not a whole number/],
    [['bench', 'cnn', '--engine', 'onednnn', '--device', 'cpu'], /onednn/],
    [['completion', 'tcsh'], /There is no completion for tcsh/],
  ])('%j', async (args, message) => {
    const outcome = await mpsbench(args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(64);
    expect(outcome.stdout).toBe('');
    expectNoTrace(outcome);
  });
});

describe('sizes that do not fit exit with 2 and say what would', () => {
  it.each([
    ['add', '--elements', '2^40', 'cpu', /--elements \d+ or less/],
    ['add', '--elements', '2^52', 'webgpu', /--elements \d+ or less/],
    ['cnn', '--batch', '2^50', 'cpu', /--batch \d+ or less/],
    ['linear', '--rows', '2^50', 'webgpu', /--rows \d+ or less/],
  ])('%s %s %s on %s', async (workload, flag, size, device, advice) => {
    const outcome = await mpsbench(['bench', workload, flag, size, '--device', device]);
    expect(flat(outcome.stdout)).toMatch(/needs .*[\d.]+ .iB|more elements than can be counted/);
    expect(flat(outcome.stdout)).toMatch(advice);
    expect(outcome.code).toBe(2);
    expectNoTrace(outcome);
  });
});

describe('missing parts', () => {
  it('without the addon, devices lists the CPU backend with every attempt and the remedy', async () => {
    const env = { MPSBENCH_ADDON: join(temporary, 'nowhere.node') };
    const devices = await mpsbench(['devices'], { env });
    expect(devices.stdout).toContain('nowhere.node');
    expect(devices.stdout).toContain('npx mpsbench build');
    const bench = await mpsbench(['bench', 'add', '--device', 'cpu', ...BRIEF], { env });
    expect(bench.code).toBe(2);
    expect(bench.stderr).toContain('npx mpsbench build');
    expectNoTrace(bench);
  });

  it('an addon built for another platform is refused with a reason', async () => {
    const path = join(temporary, 'foreign.node');
    writeFileSync(path, Buffer.from('cffaedfe0c000001', 'hex')); // a Mach-O header, arm64
    const outcome = await mpsbench(['bench', 'add', '--device', 'cpu:0', ...BRIEF], {
      env: { MPSBENCH_ADDON: path },
    });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('foreign.node');
    expectNoTrace(outcome);
  });

  it('without the webgpu package, the rest works and devices says how to get it', async () => {
    const copy = join(temporary, 'without-webgpu');
    mkdirSync(join(copy, 'node_modules'), { recursive: true });
    for (const part of ['bin', 'dist', 'package.json']) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name === 'webgpu') continue;
      symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
    }
    const outcome = await mpsbench(['devices'], {
      bin: join(copy, 'bin/mpsbench.js'),
      env: { MPSBENCH_ADDON: join(ROOT, 'build/Release/mpsbench.node') },
    });
    expect(outcome.stdout).toContain('Install it with `npm install webgpu`.');
    expect(outcome.stdout).toContain('cpu:0');
    expect(outcome.code).toBe(0);
  });

  it('a device that is not there exits with 2', async () => {
    const outcome = await mpsbench(['bench', 'add', '--device', 'cpu:7', ...BRIEF]);
    expect(outcome.stderr).toContain('There is no device cpu:7. Did you mean "cpu:0"?');
    expect(outcome.code).toBe(2);
  });
});

describe('a device that fails costs its own row', () => {
  const bench = (fake: string, ...more: string[]) =>
    mpsbench(['bench', 'add', '--device', 'fake:0', '--compare-cpu', ...BRIEF, ...more], { fake });

  it.each([
    ['crash:verify', /fake:0 was ended by SIGSEGV/],
    ['crash:run', /fake:0 was ended by SIGSEGV/],
    ['crash:compile', /fake:0 was ended by SIGSEGV/],
    ['lost:compile', /The fake device was lost/],
    ['lost:run', /The fake device was lost/],
  ])('%s', async (fake, message) => {
    const samples = fake.endsWith(':run') ? ['--samples', '1000'] : [];
    const outcome = await bench(fake, '--json', join(temporary, 'fault.json'), ...samples);
    const result: BenchResult = JSON.parse(readFileSync(join(temporary, 'fault.json'), 'utf8'));
    expect(flat(outcome.stdout)).toMatch(message);
    expect(outcome.code).toBe(2);
    expect(result.rows.map(({ device, state }) => [device, state])).toEqual([
      ['fake:0', 'failed'],
      ['cpu:0', 'measured'],
    ]);
    // What had been measured before the fault is kept.
    if (fake.endsWith(':run'))
      expect(result.rows[0].measurement?.samples.length).toBeGreaterThan(0);
    expectNoTrace(outcome);
  });

  it.each(['crash:profile', 'lost:profile'])('%s leaves the measurement', async (fake) => {
    const path = join(temporary, 'profile.json');
    const outcome = await bench(fake, '--profile', '--json', path);
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    const [row] = result.rows;
    expect(outcome.code).toBe(0);
    expect([row.device, row.state]).toEqual(['fake:0', 'measured']);
    expect(row.speedup?.over).toBe('cpu:0');
    expect(row.measurement?.warnings.map(({ name }) => name)).toContain('no-profile');
    expect(flat(outcome.stdout)).toContain('The single ops could not be timed');
  });

  it.each(['hang:compile', 'hang:run'])('%s ends by the time limit', async (fake) => {
    const outcome = await bench(fake, '--timeout', '1', '--samples', '1000');
    expect(flat(outcome.stdout)).toMatch(/within 1 s and was stopped/);
    expect(outcome.stdout).toContain('cpu:0');
    expect(outcome.code).toBe(2);
  });

  it('running out of memory while sampling', async () => {
    const args = ['bench', 'add', '--device', 'fake:0', ...BRIEF, '--samples', '1000'];
    const outcome = await mpsbench(args, {
      fake: 'oom:run',
      env: { NODE_OPTIONS: '--max-old-space-size=64' },
    });
    expect(flat(outcome.stdout)).toMatch(/fake:0 was ended by SIG(ABRT|TRAP|KILL|SEGV)/);
    expect(outcome.code).toBe(2);
  });

  it.each(['crash:probe', 'hang:probe'])('%s leaves the other backends', async (fake) => {
    const outcome = await mpsbench(['devices', '--timeout', '3'], { fake });
    expect(outcome.stdout).toMatch(/the fake backend (was ended by SIGSEGV|did not start)/);
    expect(outcome.stdout).toContain('cpu:0');
    expect(outcome.code).toBe(0);
  });
});

describe('wrong and impossible results', () => {
  it.each(['0', 'NaN', '7'])('a device that returns %s everywhere is a finding', async (value) => {
    const path = join(temporary, `wrong-${value}.json`);
    const outcome = await mpsbench(
      ['bench', 'add', '--device', 'fake:0', '--compare-cpu', ...BRIEF, '--json', path],
      { fake: `wrong:${value}` },
    );
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    expect(outcome.code).toBe(1);
    expect(result.rows[0].state).toBe('wrong');
    expect(result.rows[0].measurement).toBeUndefined();
    expect(result.rows[0].speedup).toBeUndefined();
    expect(outcome.stdout).toMatch(/wrong/i);
  });

  it('faster than the memory can be is a finding, and no speedup comes of it', async () => {
    const path = join(temporary, 'implausible.json');
    const outcome = await mpsbench(
      [
        'bench',
        'add',
        '--elements',
        '2^16',
        '--device',
        'fake:0',
        '--compare-cpu',
        '--samples',
        '10',
        '--json',
        path,
      ],
      // 2^16 sums move 786 kB in 1 ms, 0.79 GB/s; caches do not explain more than the FLOP peak.
      { fake: '', env: { MPSBENCH_FAKE_PEAK_GFLOPS: '0.0001' } },
    );
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    expect(result.rows[0].state).toBe('implausible');
    expect(result.rows[0].speedup).toBeUndefined();
    expect(outcome.code).toBe(1);
  });
});

describe('Ctrl-C', () => {
  const interruptAfter = (ms: number) => (child: ChildProcess) => {
    setTimeout(() => child.kill('SIGINT'), ms);
  };

  it.each(['hang:probe', 'hang:compile', 'hang:verify', 'hang:run'])(
    'during %s ends with 130 and writes what there is',
    async (fake) => {
      const path = join(temporary, `interrupted-${fake.replace(':', '-')}.json`);
      const outcome = await mpsbench(
        ['bench', 'add', '--device', 'cpu,fake:0', ...BRIEF, '--samples', '1000', '--json', path],
        { fake, during: interruptAfter(fake === 'hang:run' ? 5000 : 2000) },
      );
      expect(outcome.code).toBe(130);
      expectNoTrace(outcome);
      if (fake === 'hang:probe') return;
      const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
      expect(result.exitCode).toBe(130);
      expect(result.rows.find(({ device }) => device === 'fake:0')?.state).toBe('interrupted');
      if (fake === 'hang:run') {
        expect(result.rows.find(({ device }) => device === 'cpu:0')?.measurement).toBeDefined();
      }
    },
  );

  it('leaves no worker behind', async () => {
    const marker = `mpsbench-marker-${process.pid}`;
    await mpsbench(['bench', 'add', '--device', 'fake:0', ...BRIEF], {
      fake: 'hang:run',
      env: { MPSBENCH_FAKE_NAME: marker },
      during: interruptAfter(1500),
    });
    const survivors = execFileSync('bash', [
      '-c',
      `grep -lz ${marker} /proc/[0-9]*/environ 2>/dev/null | grep -v "/proc/$$/" || true`,
    ]).toString();
    expect(survivors.trim()).toBe('');
  });
});

describe('--debug', () => {
  const says = 'fake driver: something to know';
  const args = ['bench', 'add', '--device', 'fake:0', ...BRIEF];

  it('passes on what a driver says, which is kept quiet without it', async () => {
    const env = { MPSBENCH_FAKE_SAYS: says };
    const loud = await mpsbench([...args, '--debug'], { fake: '', env });
    expect(loud.stderr).toContain(says);
    const quiet = await mpsbench(args, { fake: '', env });
    expect(quiet.stderr).not.toContain(says);
  });
});

describe('output', () => {
  it('a reader that closes stdout early is no error', () => {
    const bin = join(ROOT, 'bin/mpsbench.js');
    const script = `"${process.execPath}" "${bin}" devices | head -1; echo "codes \${PIPESTATUS[*]}"`;
    const text = execFileSync('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    expect(text.toString()).toMatch(/codes 0 0/);
  });

  it('a path that cannot be written still prints the table', async () => {
    const outcome = await mpsbench(
      ['bench', 'add', '--device', 'cpu', ...BRIEF, '--json', '/proc/nowhere/result.json'],
      {},
    );
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('/proc/nowhere/result.json');
    expect(outcome.stdout).toContain('cpu:0');
    expectNoTrace(outcome);
  });

  it('a folder for tensors that cannot be written costs the row', async () => {
    const outcome = await mpsbench(
      ['bench', 'add', '--device', 'cpu', ...BRIEF, '--save-tensors', '/dev/null/tensors'],
      {},
    );
    expect(outcome.code).toBe(2);
    expect(flat(outcome.stdout)).toContain('--save-tensors');
  });
});
