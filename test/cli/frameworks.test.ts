import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { benchResultSchema, devicesResultSchema } from '../../src/result/schema.js';
import { type DriverScript, frameworkEnvironment } from '../fakes/framework-environment.js';
import { processesLeft, processesStarted } from '../fakes/python-processes.js';
import { BRIEF, expectNoTrace, mpsbench, type RunOptions } from './run.js';

/** The words of Linux' loader. */
const CUDART = 'libcudart.so.12: cannot open shared object file: No such file or directory';

let home: string;
let environment: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mpsbench-frameworks-'));
  environment = join(home, 'env');
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Runs `bench add` on the fake PyTorch; the machine's own environments are out of sight. */
async function bench(script: DriverScript, args: readonly string[], options: RunOptions = {}) {
  frameworkEnvironment(environment, script);
  const outcome = await mpsbench(
    ['bench', 'add', ...BRIEF, '--python', environment, ...args, '--json', join(home, 'r.json')],
    options,
  );
  expectNoTrace(outcome);
  const file = join(home, 'r.json');
  const result = existsSync(file)
    ? benchResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    : undefined;
  return { ...outcome, result, rows: result?.rows ?? [] };
}

describe('a framework as a device', () => {
  test('is verified, timed and placed like any other', async () => {
    const { code, rows, result } = await bench({}, ['--device', 'pytorch']);
    expect(code).toBe(0);
    expect(rows).toMatchObject([
      {
        device: 'pytorch:mps',
        state: 'measured',
        verification: { ok: true },
        startup: { firstCallNs: 2e6 },
        placement: [
          { op: 'add', placed: 'pytorch:mps', kernel: 'aten::add', evidence: 'reported' },
        ],
      },
    ]);
    expect(rows[0]?.measurement?.wall.median).toBeCloseTo(1e5, -2);
    expect(rows[0]?.kernels).toBeUndefined();
    expect(result?.devices[0]?.framework).toMatchObject({
      name: 'pytorch',
      version: '2.9.0',
      mode: 'eager',
      pythonVersion: '3.12.4',
    });
    expect(rows[0]?.reproduce).toContain(`--device pytorch:mps --python ${environment}`);
  });

  test('without a kind it is its best device; its CPU has to be named', async () => {
    const { rows } = await bench({}, ['--device', 'torch:cpu']);
    expect(rows.map(({ device }) => device)).toEqual(['pytorch:cpu']);
  });

  test('--framework-mode all gives one row per mode; a wrong one has the reason', async () => {
    const { code, rows, stdout } = await bench({ wrong: 'compile' }, [
      '--device',
      'pytorch:mps',
      '--framework-mode',
      'all',
    ]);
    expect(code).toBe(1);
    expect(rows.map(({ device, state }) => [device, state])).toEqual([
      ['pytorch:mps', 'measured'],
      ['pytorch:mps+compile', 'wrong'],
    ]);
    expect(stdout).toContain('pytorch:mps+compile computed a wrong result in add.');
  });

  test('a mode can be requested by name', async () => {
    const { rows } = await bench({}, ['--device', 'pytorch:mps+compile']);
    expect(rows.map(({ device }) => device)).toEqual(['pytorch:mps+compile']);
  });

  test('--frameworks puts it next to the native devices', async () => {
    const { rows } = await bench({}, ['--device', 'cpu', '--frameworks']);
    expect(rows.map(({ device }) => device)).toEqual(['cpu:0', 'pytorch:mps', 'pytorch:cpu']);
    expect(rows[1]?.speedup?.over).toBe('cpu:0');
  });

  test('ops that the framework gave to the CPU are shown as a fallback', async () => {
    const { rows, stdout } = await bench({ fallback: ['add'] }, ['--device', 'pytorch:mps']);
    expect(rows[0]?.placement).toMatchObject([
      { requested: 'pytorch:mps', placed: 'pytorch:cpu', reason: 'not implemented for MPS' },
    ]);
    expect(stdout).toContain('pytorch:mps -> pytorch:cpu');
  });

  test('the example is also run as people write it, and judged', async () => {
    const right = {
      c: [
        [6, 8],
        [10, 12],
      ],
    };
    const { code, rows, stdout } = await bench({ programs: { 'add function': right } }, [
      '--device',
      'pytorch:mps',
    ]);
    expect(code).toBe(0);
    expect(rows[0]?.programs).toMatchObject([{ form: 'function', ok: true, wallNs: 4e7 }]);
    expect(stdout).toContain('sum [[6, 8], [10, 12]]');

    const wrong = {
      c: [
        [6, 8],
        [10, null],
      ],
    };
    const other = await bench({ programs: { 'add module': wrong } }, ['--device', 'pytorch:mps']);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain('wrong: sum [[6, 8], [10, null]]');
  });

  test('the fallback device of mpsbench never runs its ops', async () => {
    const { code, rows } = await bench({}, ['--device', 'pytorch:mps', '--dtype', 'f64']);
    expect(code).toBe(2);
    expect(rows[0]?.error?.message).toContain('PyTorch has no f64 on mps');
  });

  test('two environments with the same framework get different names', async () => {
    const other = frameworkEnvironment(join(home, 'other'), {}, { python: '3.11.7' });
    const { rows } = await bench({}, ['--frameworks', '--device', 'cpu', '--python', other]);
    expect(rows.map(({ device }) => device)).toEqual([
      'cpu:0',
      'pytorch@3.12:mps',
      'pytorch@3.12:cpu',
      'pytorch@3.11:mps',
      'pytorch@3.11:cpu',
    ]);
  });

  test('devices --frameworks lists them, and without the flag nothing is started', async () => {
    frameworkEnvironment(environment);
    const env = { VIRTUAL_ENV: environment };
    await mpsbench(['devices'], { env });
    expect(processesStarted(join(environment, 'bin'))).toEqual([]);
    const { stdout } = await mpsbench(['devices', '--frameworks', '--json'], { env });
    const { devices } = devicesResultSchema.parse(JSON.parse(stdout));
    const own = devices.filter(({ backend }) => backend === 'pytorch');
    expect(own.map(({ id }) => id)).toEqual(['pytorch:mps', 'pytorch:cpu']);
  });
});

describe('a failure costs one row, and leaves no process', () => {
  /** `rule`: the rule of `verify` that the row names. */
  const faults: [
    name: string,
    script: DriverScript,
    says: RegExp,
    more?: { readonly rule?: string; readonly args?: readonly string[] },
  ][] = [
    [
      'a crash',
      { fault: { method: 'run', does: 'crash' } },
      /^PyTorch run crashed with SIGSEGV\./,
      { rule: 'probe.crash' },
    ],
    [
      'memory that the system takes back',
      { fault: { method: 'build', does: 'killed' } },
      /^PyTorch build was killed \(SIGKILL\): out of memory/,
      { rule: 'probe.killed' },
    ],
    [
      'a hang',
      { fault: { method: 'build', does: 'hang' } },
      /did not compile and verify within 20 s/,
      { rule: 'probe.hang', args: ['--timeout', '20'] },
    ],
    [
      'garbage',
      { fault: { method: 'run', does: 'garbage' } },
      /something else wrote to its channel/,
      { rule: 'probe.not-python' },
    ],
    [
      'a flood',
      { fault: { method: 'run', does: 'flood' } },
      /PyTorch run was stopped: it wrote more than 8 MiB to stdout/,
      { rule: 'probe.flood' },
    ],
    [
      'an op that is missing',
      { fault: { method: 'build', code: 'unsupported', message: 'no convolution here' } },
      /PyTorch: RuntimeError: no convolution here/,
    ],
    [
      'memory that runs out',
      { fault: { method: 'run', code: 'out_of_memory', message: 'MPS backend out of memory' } },
      /PyTorch: RuntimeError: MPS backend out of memory/,
    ],
    ['NaN', { nan: true }, /wrong result|not finite|NaN/],
  ];

  test.each(faults)('%s', async (_, script, says, { rule, args = [] } = {}) => {
    const { code, rows } = await bench(script, ['--device', 'cpu,pytorch:mps', ...args]);
    expect(rows[1]?.error?.message).toMatch(says);
    expect(rows[1]?.error?.rule).toBe(rule);
    expect([1, 2]).toContain(code);
    expect(rows[0]).toMatchObject({ device: 'cpu:0', state: 'measured' });
    expect(rows[1]?.state).not.toBe('measured');
    expect(processesLeft(join(environment, 'bin'))).toEqual([]);
  });

  test('an import that fails names verify', async () => {
    const { code, stderr } = await bench(
      { fault: { method: 'describe', code: 'import_failed', message: CUDART } },
      ['--device', 'pytorch'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('PyTorch: The CUDA library libcudart.so.12 is not found.');
    expect(stderr).toContain('[import.cuda-library]');
    expect(stderr).toContain('mpsbench verify --probe');
  });

  test('an interpreter that does not exist', async () => {
    const gone = join(home, 'gone/bin/python');
    const command = ['bench', 'add', '--device', 'pytorch', '--python', gone];
    const { code, stderr } = await mpsbench(command);
    expect(code).toBe(64);
    expect(stderr).toContain(`--python: ${gone} does not exist.`);
  });

  test('an interpreter for another processor is not started', async () => {
    frameworkEnvironment(environment);
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(22, 18); // s390x
    writeFileSync(join(environment, 'bin/python'), header);
    const command = ['bench', 'add', '--device', 'pytorch', '--python', environment];
    const { code, stderr } = await mpsbench(command);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is built for s390x, and this machine runs \w+\. \[import\.wrong-arch/);
  });

  test('an interpreter that is a shell script which prints', async () => {
    frameworkEnvironment(environment);
    writeFileSync(join(environment, 'bin/python'), '#!/bin/sh\necho hello\ncat >/dev/null\n');
    const outcome = await mpsbench([
      'bench',
      'add',
      '--device',
      'pytorch',
      '--python',
      environment,
    ]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('something else wrote to its channel');
  });

  test('Ctrl-C also ends the interpreter', async () => {
    const { code } = await bench(
      { fault: { method: 'run', does: 'hang' } },
      ['--device', 'pytorch'],
      {
        env: { MPSBENCH_DEBUG: '1' },
        during: (child) => setTimeout(() => child.kill('SIGINT'), 3000),
      },
    );
    expect(code).toBe(130);
    expect(processesLeft(join(environment, 'bin'))).toEqual([]);
  });
});

describe('unknown names', () => {
  test('a framework that no environment has', async () => {
    const { code, stderr } = await bench({}, ['--device', 'jax']);
    expect(code).toBe(2);
    expect(stderr).toContain(`jax: there is no JAX in ${environment}`);
    expect(stderr).toContain('--python PATH');
  });

  test('a device that the framework lacks: the error lists its devices', async () => {
    const { code, stderr } = await bench({}, ['--device', 'pytorch:cuda']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'PyTorch 2.9.0 has no device cuda here, only pytorch:mps, pytorch:cpu.',
    );
  });

  test('a GPU that the framework does not reach: its reason, and the rule of verify', async () => {
    const cpu = { kind: 'cpu', name: 'Fake CPU', isGpu: false, dtypes: ['f32'], modes: ['eager'] };
    const { code, stderr, result } = await bench(
      { devices: [cpu], whyNoGpu: 'CUDA: Found no NVIDIA driver on your system' },
      ['--device', 'pytorch:cuda'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('no device cuda here, only pytorch:cpu: CUDA: Found no NVIDIA driver');
    expect(result?.error?.rule).toMatch(/^torch-/);
  });

  test.each(['pytorch:mps+graph', 'torch+graph'])('an unknown mode: %s', async (device) => {
    const { code, stderr } = await bench({}, ['--device', device]);
    expect(code).toBe(2);
    expect(stderr).toContain('PyTorch has no graph mode on mps');
  });

  test('a misspelt framework', async () => {
    const { code, stderr } = await bench({}, ['--device', 'pytroch']);
    expect(code).toBe(64);
    expect(stderr).toContain('Did you mean "pytorch"?');
  });
});
