import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
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
import type { BenchResult, DevicesResult } from '../../src/result/schema.js';
import { BRIEF, expectNoTrace, mpsbench } from './run.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-faults-'));

/** Text as it reads: a table or a terminal may have broken it into lines. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

describe('usage errors exit with 64 and say what is valid', () => {
  it.each([
    [['bench', 'cn'], /^mpsbench: Unknown workload: cn\. Did you mean "cnn"\?\n {2}Use one of add/],
    [['devics'], /^mpsbench: Unknown command: devics\. Did you mean "devices"\?\n/],
    [
      ['bench', 'cnn', '--bach', '8'],
      /^mpsbench: Unknown option: --bach\. Did you mean "--batch"\?\n/,
    ],
    [['bench', 'add', '--filters', '8'], /Unknown option: --filters\./],
    [['bench', 'cnn', '--dtype', 'f3'], /Unknown value for --dtype: f3\. Did you mean "f32"\?/],
    [['bench', 'cnn', '--preset', 'exmple'], /Did you mean "example"\?/],
    [['bench', 'cnn', '--device', 'wbgpu:0'], /Unknown device: wbgpu\. Did you mean "webgpu"\?/],
    [['bench', 'cnn', '--mode', 'fast'], /Unknown value for --mode: fast\./],
    [['bench', 'cnn', '--placement', 'hard'], /Unknown value for --placement: hard\./],
    [['bench', 'cnn', '--batch', '0'], /--batch 0 is not a whole number of at least 1/],
    [['bench', 'cnn', '--batch', '-3'], /--batch -3 is not a whole number of at least 1/],
    [['bench', 'cnn', '--batch', '1.5'], /--batch 1\.5 is not a whole number of at least 1/],
    [['bench', 'add', '--elements', '2^60'], /--elements 2\^60 is 2\^53 or more/],
    [['bench', 'add', '--shape', '2,x'], /--shape 2,x is not a shape/],
    [['bench', 'add', '--shape', '2^40,2^40'], /--shape 2\^40,2\^40 has 2\^53 elements or more/],
    [['bench', 'cnn', '--image', '2^30'], /--image 1073741824 .* more weights than can be counted/],
    [['bench', 'add', '--save-tensors', ''], /--save-tensors needs a folder name/],
    [['devices', '--timeout', '3000000'], /--timeout 3000000 is longer than a timer can run/],
    [['bench', 'add', '--shape', '2,2', '--elements', '4'], /both set the shape/],
    [['bench', 'linear', '--learning-rate', '-1'], /--learning-rate -1 is not a number above 0/],
    [['bench', 'cnn', '--image', '3'], /--image 3 is too small/],
    [['bench', 'cnn', '--time', 'long'], /--time long is not a number above 0/],
    [['bench', 'cnn', '--seed', '-1'], /--seed -1 is not a whole number/],
    [
      ['bench', 'cnn', '--engine', 'onednnn', '--device', 'cpu'],
      /no CPU engine 'onednnn'\.\s+Choose one of: .*reference/,
    ],
    [['bench', 'cnn', '--time'], /^mpsbench: --time needs a value: --time <seconds>\./],
    [['report'], /^mpsbench: report needs a file, or --last\.\n {2}Use mpsbench report FILE or /],
    [['devices', 'gpu'], /^mpsbench: Too many arguments for devices: expected 0, got 1\./],
    [['bench', 'all', 'cnn'], /bench runs one workload, or all of them/],
    [['help', 'bench', 'ad'], /Unknown command: ad\. Did you mean "add"\?/],
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
    [
      'add',
      '--elements',
      '2^40',
      'cpu',
      /--elements \d+ or less \(the largest power of two that could fit/,
    ],
    [
      'add',
      '--elements',
      '2^52',
      'webgpu',
      /--elements \d+ or less \(the largest power of two that could fit/,
    ],
    [
      'cnn',
      '--batch',
      '2^50',
      'cpu',
      /--batch \d+ or less \(the largest power of two that could fit/,
    ],
    [
      'linear',
      '--rows',
      '2^50',
      'webgpu',
      /--rows \d+ or less \(the largest power of two that could fit/,
    ],
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
    expect(devices.stdout).toContain('Correct MPSBENCH_ADDON');
    const bench = await mpsbench(['bench', 'add', '--device', 'cpu', ...BRIEF], { env });
    expect(bench.code).toBe(2);
    expect(bench.stderr).toContain('Correct MPSBENCH_ADDON');
    expectNoTrace(bench);
  });

  it('an addon built for another platform is refused with a reason', async () => {
    const path = join(temporary, 'foreign.node');
    writeFileSync(path, Buffer.from('cffaedfe0c000001', 'hex')); // a Mach-O header, arm64
    const outcome = await mpsbench(['bench', 'add', '--device', 'cpu:0', ...BRIEF], {
      env: { MPSBENCH_ADDON: path },
    });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(
      /the native addon does not load \(MPSBENCH_ADDON=.*foreign\.node: /,
    );
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

  it('a missing device exits with 2', async () => {
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
    const samples = fake.endsWith(':run') ? ['--time', '1', '--samples', '1000'] : [];
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
    expect(flat(outcome.stdout)).toContain('Per-op profiling failed');
  });

  it.each([
    ['hang:compile', 'fake:0 did not compile and verify within 4 s and was stopped.'],
    ['hang:run', 'fake:0 did not run within 4 s and was stopped.'],
  ])('%s ends by the time limit', async (fake, message) => {
    const path = join(temporary, 'hang.json');
    const outcome = await bench(
      fake,
      '--timeout',
      '4',
      '--time',
      '1',
      '--samples',
      '1000',
      '--json',
      path,
    );
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    expect(outcome.code).toBe(2);
    expect(result.rows.map(({ device, state }) => [device, state])).toEqual([
      ['fake:0', 'failed'],
      ['cpu:0', 'measured'],
    ]);
    expect(result.rows[0].error).toMatchObject({ code: 'worker_timeout', message });
  });

  it('is waited for: the next workload finds the device free', async () => {
    const path = join(temporary, 'held.json');
    const { code } = await mpsbench(
      ['bench', 'all', '--device', 'fake:0', ...BRIEF, '--json', path],
      { fake: 'held:compile', env: { MPSBENCH_FAKE_HELD: join(temporary, 'held') } },
    );
    const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
    expect(result.rows.map(({ state, error }) => error?.message ?? state)).toEqual(
      Array(3).fill('measured'),
    );
    expect(code).toBe(0);
  });

  it('is not waited for forever', async () => {
    const held = join(temporary, 'held-for-long');
    const { code } = await mpsbench(['bench', 'add', '--device', 'fake:0', ...BRIEF], {
      fake: 'held:compile',
      env: { MPSBENCH_FAKE_HELD: held, MPSBENCH_FAKE_HELD_S: '30' },
    });
    expect(code).toBe(0);
    expect(existsSync(held)).toBe(true);
  });

  it('runs out of memory while sampling', async () => {
    const args = [
      'bench',
      'add',
      '--device',
      'fake:0',
      ...BRIEF,
      '--time',
      '1',
      '--samples',
      '1000',
    ];
    const outcome = await mpsbench(args, {
      fake: 'oom:run',
      env: { NODE_OPTIONS: '--max-old-space-size=64' },
    });
    expect(flat(outcome.stdout)).toMatch(/fake:0 was ended by SIG(ABRT|TRAP|KILL|SEGV)/);
    expect(outcome.code).toBe(2);
  });

  it.each([
    ['crash:probe', 'the fake backend was ended by SIGSEGV'],
    ['hang:probe', 'the fake backend did not start within 5 s'],
  ])('%s leaves the other backends', async (fake, message) => {
    const outcome = await mpsbench(['devices', '--timeout', '5'], { fake });
    expect(flat(outcome.stdout)).toContain(message);
    expect(outcome.stdout).toContain('cpu:0');
    expect(outcome.code).toBe(0);
  });

  it('a time limit too short for every backend names each, except those this system lacks', async () => {
    const { stdout } = await mpsbench(['devices', '--timeout', '0.001', '--json']);
    const { backends }: DevicesResult = JSON.parse(stdout);
    const reasons = Object.fromEntries(backends.map(({ id, reason }) => [id, reason]));
    const late = (id: string) => `the ${id} backend did not start within 0.001 s and was stopped.`;
    expect(reasons).toEqual({
      metal: process.platform === 'darwin' ? late('metal') : 'Metal exists on macOS only',
      cuda: process.platform === 'linux' ? late('cuda') : 'mpsbench reaches CUDA on Linux only',
      webgpu: late('webgpu'),
      cpu: late('cpu'),
    });
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

  it('faster than the memory allows is a finding, and gives no speedup', async () => {
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
  it('a reader that closes stdout before anything is written is not an error', () => {
    const bin = join(ROOT, 'bin/mpsbench.js');
    const script = `"${process.execPath}" "${bin}" devices | true; echo "codes \${PIPESTATUS[*]}"`;
    const text = execFileSync('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    expect(text.toString()).toMatch(/codes 0 0/);
  });

  it.each([
    ['/dev/null/tensors', 'ENOTDIR'],
    // Node's recursive mkdir does not end there.
    ['/proc/mpsbench-tensors', 'ENOENT'],
  ])('the folder %s for tensors is an error before anything is measured', async (folder, code) => {
    const outcome = await mpsbench(
      ['bench', 'add', '--device', 'cpu', ...BRIEF, '--save-tensors', folder],
      {},
    );
    expect(outcome.stderr).toContain(
      `The folder ${folder} for the tensors could not be made (${code}).`,
    );
    expect(outcome.stderr).toContain('--save-tensors');
    expect(outcome.stdout).toBe('');
    expect(outcome.code).toBe(2);
  });
});
