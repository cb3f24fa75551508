import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemSource } from '../../../../src/host/source.js';
import { type Finding, findingSchema } from '../../../../src/result/schema.js';
import { probeChecks } from '../../../../src/verify/probe/index.js';
import type { VerifyContext } from '../../../../src/verify/types.js';
import { processesLeft, processesStarted } from '../../../fakes/python-processes.js';

const FAKES = fileURLToPath(new URL('../../../fakes/pythons/', import.meta.url));

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mpsbench-fakes-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

interface Scripted {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly platform?: NodeJS.Platform;
  readonly packages?: readonly string[];
  /** The system manages the environment. */
  readonly managed?: boolean;
  /** A GPU that the backends of mpsbench have found. */
  readonly gpu?: string;
}

/** Every finding about one environment, whose interpreter is this program. */
async function probe(interpreter: string, scripted: Scripted = {}): Promise<Finding[]> {
  const { timeoutMs = 20_000, packages = ['tensorflow', 'pip'], managed = false, gpu } = scripted;
  const context: VerifyContext = {
    source: {
      ...systemSource,
      env: { ...process.env, HOME: home },
      // No command of this machine is asked.
      exec: async () => undefined,
    },
    platform: scripted.platform ?? 'linux',
    signal: scripted.signal ?? new AbortController().signal,
    timeoutMs,
    probe: true,
    discovery: async () => ({
      backends: [],
      devices: gpu
        ? [{ id: 'x:0', backend: 'x', name: gpu, kind: 'gpu', dtypes: ['f32'], details: {} }]
        : [],
      fused: {},
    }),
    environments: async () => [
      {
        prefix: '/env',
        interpreter,
        origin: 'scripted',
        architectures: [],
        managed,
        layout: 'plain',
        conda: new Map(),
        packages: new Map(packages.map((name) => [name, []])),
        notes: [],
      },
    ],
  };
  const findings: Finding[] = [];
  for (const check of probeChecks) {
    expect(check.applies(context)).toBe(true);
    findings.push(...(await check.run(context)));
  }
  for (const finding of findings) findingSchema.parse(finding);
  // Those without a subject say that a framework is in no environment.
  return findings.filter(({ subject }) => subject !== undefined);
}

test('a framework that is not installed is not started', async () => {
  const context = { environments: async () => [] } as unknown as VerifyContext;
  for (const check of probeChecks.slice(1)) {
    expect(await check.run(context)).toMatchObject([
      {
        check: check.id,
        state: 'not-applicable',
        message: expect.stringMatching(/is not installed\.$/),
      },
    ]);
  }
});

test('a framework whose interpreter does not answer is not checked', async () => {
  const environment = { prefix: '/env', packages: new Map([['torch', []]]), notes: [] };
  const context = { environments: async () => [environment] } as unknown as VerifyContext;
  expect(await probeChecks[2].run(context)).toMatchObject([
    {
      check: 'probe.pytorch',
      state: 'unchecked',
      message: expect.stringMatching(/^PyTorch could not be asked/),
    },
  ]);
});

test('a missing --python gets no advice to recreate it', async () => {
  const note = '/gone does not exist.';
  const environment = { prefix: '/gone', origin: '--python', packages: new Map(), notes: [note] };
  const context = { environments: async () => [environment] } as unknown as VerifyContext;
  expect(await probeChecks[0].run(context)).toMatchObject([
    { state: 'unchecked', message: note, fixes: [{ text: 'Name an interpreter.' }] },
  ]);
});

const fake = (name: string) => join(FAKES, name);
const faultsOf = (findings: readonly Finding[]) => findings.filter(({ state }) => state !== 'pass');

/** What is not a working Python is one finding, and its frameworks are not asked. */
describe('an interpreter', () => {
  test('that is a program of another kind', async () => {
    const path = fake('not-python');
    expect(await probe(path)).toMatchObject([
      {
        check: 'probe.python',
        state: 'unchecked',
        subject: '/env',
        rule: 'probe.not-python',
        message: `${path} is no working Python 3: it ended with exit code 64. It said: usage: install [--prefix DIR] TARGET`,
        fixes: [{ command: 'mpsbench verify --probe --python PATH' }],
      },
    ]);
  });

  test('that is a Python 2', async () => {
    expect(await probe(fake('python2'), { packages: [] })).toMatchObject([
      {
        state: 'warning',
        message: 'CPython 2.7.18, x86_64: a Python 2; no framework supports it.',
      },
    ]);
  });

  test('that runs under Rosetta', async () => {
    const [python] = await probe(fake('rosetta'), { packages: [] });
    expect(python).toMatchObject({
      state: 'warning',
      message: 'CPython 3.9.6, x86_64: runs under Rosetta, without a GPU.',
    });
  });

  test('that hangs at its start', async () => {
    const path = fake('hang-at-start');
    expect(await probe(path, { timeoutMs: 200 })).toMatchObject([
      {
        state: 'unchecked',
        rule: 'probe.hang',
        message: `${path} did not answer within 0.2 s: it hangs at its start, or it is not a Python.`,
      },
    ]);
  });

  test('that prints forever', async () => {
    const path = fake('flood-at-start');
    expect(await probe(path)).toMatchObject([
      {
        state: 'unchecked',
        rule: 'probe.flood',
        message: `${path}, which may not be a Python, was stopped: it wrote more than 4 MiB to stdout.`,
      },
    ]);
  });

  test('that does not fit this CPU', async () => {
    const path = fake('crash-at-start');
    expect(await probe(path)).toMatchObject([
      {
        state: 'fail',
        rule: 'probe.illegal-instruction',
        message: `${path} crashed at its start with SIGILL.`,
      },
    ]);
  });

  test('that has vanished, is not executable, or is not a program', async () => {
    const rules = async (path: string) =>
      (await probe(path)).map(({ rule, state }) => [rule, state]);
    expect(await rules(join(home, 'gone'))).toEqual([['probe.not-started', 'unchecked']]);
    const plain = join(home, 'plain');
    writeFileSync(plain, 'not a program');
    expect(await rules(plain)).toEqual([['probe.not-started', 'unchecked']]);
    // The system hands a text without an interpreter line to the shell.
    chmodSync(plain, 0o755);
    expect(await rules(plain)).toEqual([['probe.not-python', 'unchecked']]);
    expect(await rules('/bad\0path')).toEqual([['probe.not-started', 'unchecked']]);
  });

  test("that is Apple's placeholder without its tools: not started, no dialog", async () => {
    const [python] = await probe('/usr/bin/python3', { platform: 'darwin' });
    expect(python).toMatchObject({
      state: 'unchecked',
      rule: 'probe.not-started',
      message:
        "/usr/bin/python3 cannot be started: it is Apple's placeholder, and the Command Line Tools are missing.",
    });
  });

  test('that is missing from its environment', async () => {
    const context = { environments: async () => [] } as unknown as VerifyContext;
    expect(await probeChecks[0]?.run(context)).toMatchObject([
      { check: 'probe.python', state: 'unchecked', message: 'No Python was found to ask.' },
    ]);
  });
});

/** The interpreter works and its framework does not: exactly one finding besides that of Python. */
describe('a framework', () => {
  const cases: readonly [string, string, string, string][] = [
    ['import-segv', 'fail', 'probe.crash', 'TensorFlow import crashed with SIGSEGV.'],
    [
      'import-sigill',
      'fail',
      'probe.illegal-instruction',
      'TensorFlow import crashed with an illegal instruction (SIGILL): it is built for a newer CPU, or for Intel with AVX and run under Rosetta.',
    ],
    [
      'import-abort',
      'fail',
      'probe.crash',
      'TensorFlow import crashed with SIGABRT. It last said: F tensorflow/python/lib/core/bfloat16.cc:675] Check failed: PyBfloat16_Type.tp_base != nullptr',
    ],
    [
      'import-exit',
      'fail',
      'probe.no-answer',
      'TensorFlow import ended with exit code 3 before it answered. It last said: no license',
    ],
    [
      'import-flood',
      'unchecked',
      'probe.flood',
      'TensorFlow import was stopped: it wrote more than 4 MiB to stderr.',
    ],
  ];
  test.each(cases)('%s', async (name, state, rule, message) => {
    const findings = await probe(fake(name));
    expect(findings.map(({ check }) => check)).toEqual(['probe.python', 'probe.tensorflow']);
    expect(faultsOf(findings)).toMatchObject([
      { check: 'probe.tensorflow', state, rule, message, subject: '/env' },
    ]);
  });

  test('import-hang: its helpers end with it', async () => {
    const findings = await probe(fake('import-hang'), { timeoutMs: 1500 });
    expect(faultsOf(findings)).toMatchObject([
      {
        state: 'unchecked',
        rule: 'probe.hang',
        message: 'TensorFlow import did not end within 1.5 s.',
      },
    ]);
    expect(processesLeft(home)).toEqual([]);
  });

  test('that does not fit its plugin: the fix is a command for this environment', async () => {
    const path = fake('metal-mismatch');
    const [, tensorflow] = await probe(path);
    expect(tensorflow).toMatchObject({
      state: 'fail',
      rule: 'import.metal-plugin',
      fixes: [
        {
          command: `${path} -m pip install tensorflow==2.18.1 tensorflow-metal==1.2.0 'keras>=3.5.0,<3.7'`,
        },
        { command: `${path} -m pip uninstall -y tensorflow-metal` },
      ],
    });
    const [, managed] = await probe(path, { managed: true });
    expect(managed?.fixes[0]?.command).toMatch(/^uv venv --python 3\.12 \.venv-gpu && /);
  });

  test('whose GPU returns zeros', async () => {
    const [, tensorflow] = await probe(fake('gpu-of-zeros'));
    expect(tensorflow).toMatchObject({
      state: 'fail',
      message:
        'TensorFlow 2.18.0 computes wrong results on gpu (METAL): add gives 0 where 12 is right (every sum).',
      details: { devices: 'gpu (METAL), cpu', sum: '[[0, 0], [0, 0]]' },
    });
  });
});

describe('the GPU of this machine', () => {
  const name = 'TensorFlow 2.20.0 computes';

  test('is missing: only the CPU is left', async () => {
    const [, tensorflow] = await probe(fake('tensorflow-on-cpu'));
    expect(tensorflow).toMatchObject({
      state: 'pass',
      message: `${name} add correctly on cpu (no GPU: this build is for the CPU)`,
      fixes: [],
    });
  });

  test('is present, and the framework does not see it', async () => {
    const [, tensorflow] = await probe(fake('tensorflow-on-cpu'), { gpu: 'Apple M3' });
    expect(tensorflow).toMatchObject({
      state: 'warning',
      message: `${name} correct results, but on cpu, although this machine has Apple M3: this build is for the CPU.`,
      fixes: [{ command: 'mpsbench verify frameworks' }],
    });
  });

  test('lacks an op: the placement shows where it ran, and why', async () => {
    const [, tensorflow] = await probe(fake('tensorflow-falls-back'));
    expect(tensorflow).toMatchObject({
      state: 'warning',
      message:
        'TensorFlow 2.18.1 computes correct results, but not all on gpu (METAL): add ran elsewhere.',
      placement: [
        {
          op: 'add/add',
          requested: 'tensorflow:gpu',
          placed: 'tensorflow:cpu',
          evidence: 'reported',
          reason: 'TensorFlow placed AddV2 on the CPU',
        },
      ],
    });
  });
});

test('a provider of ONNX Runtime that is listed and does not start', async () => {
  const packages = ['onnxruntime-gpu'];
  const [, found] = await probe(fake('onnxruntime-cuda'), { packages, gpu: 'NVIDIA H200' });
  expect(found).toMatchObject({
    state: 'warning',
    message:
      'ONNX Runtime 1.20.1 computes correct results, but on cpu, although this machine has NVIDIA H200: CUDAExecutionProvider does not start here: the session has CPUExecutionProvider instead.',
  });
});

describe('a machine with an NVIDIA H200, as recorded', () => {
  const packages = ['torch', 'jax'];

  test('PyTorch and JAX compute correct results on it, with every op', async () => {
    const [, pytorch, jax] = await probe(fake('h200'), { packages, gpu: 'NVIDIA H200' });
    expect(pytorch).toMatchObject({
      state: 'pass',
      message: 'PyTorch 2.11.0+cu130 computes add, linear and cnn correctly on cuda (NVIDIA H200)',
      details: { builtFor: 'CUDA 13.0', devices: 'cpu, cuda (NVIDIA H200)' },
    });
    const placement = pytorch?.placement ?? [];
    expect(placement).toHaveLength(17);
    expect(new Set(placement.map(({ placed }) => placed))).toEqual(new Set(['pytorch:cuda']));
    expect(jax).toMatchObject({
      state: 'pass',
      message: 'JAX 0.11.2 computes add correctly on gpu (NVIDIA H200)',
      placement: [{ op: 'add/add', placed: 'jax:gpu', kernel: 'jax.numpy.add' }],
    });
  });

  test('hidden from PyTorch by CUDA_VISIBLE_DEVICES: a warning that says why', async () => {
    const [, pytorch] = await probe(fake('h200-hidden'), {
      packages: ['torch'],
      gpu: 'NVIDIA H200',
    });
    expect(pytorch).toMatchObject({
      state: 'warning',
      message:
        'PyTorch 2.11.0+cu130 computes correct results, but on cpu, although this machine has NVIDIA H200: CUDA: No CUDA GPUs are available.',
    });
  });
});

test('on MPS, an op without a kernel is tried with and without CPU fallback', async () => {
  const [, pytorch] = await probe(fake('mps'), { packages: ['torch'], gpu: 'Apple M3' });
  expect(pytorch).toMatchObject({
    state: 'pass',
    message: 'PyTorch 2.11.0 computes add, linear and cnn correctly on mps (Apple GPU)',
    details: {
      mpsFallbackOff:
        "refused: The operator 'aten::_linalg_eigvals' is not currently implemented for the MPS device.",
      mpsFallbackOn: 'fell back',
    },
  });
});

test("NumPy's warning is a warning, although the answers are right", async () => {
  const [, pytorch] = await probe(fake('numpy-warning'), { packages: ['torch'] });
  expect(pytorch).toMatchObject({
    state: 'warning',
    rule: 'import.numpy-abi',
    message: 'PyTorch: It was compiled for NumPy 1 and this environment has NumPy 2.0.0.',
    details: { version: '2.11.0+cu130', sum: '[[6, 8], [10, 12]]' },
  });
});

test('an answer in another form is a finding; the other environments are still asked', async () => {
  expect(await probe(fake('answers-in-another-form'))).toMatchObject([
    { state: 'pass' },
    {
      check: 'probe.tensorflow',
      state: 'unchecked',
      rule: 'probe.unknown-answer',
      message: 'TensorFlow answered in a form that mpsbench does not know.',
    },
  ]);
});

test('a process that keeps the output open does not block us, and is ended', async () => {
  const [python] = await probe(fake('orphan-keeps-pipe'), { packages: [] });
  expect(python).toMatchObject({ state: 'pass', message: 'CPython 3.11.7, x86_64' });
  expect(processesLeft(home)).toEqual([]);
});

test('Ctrl-C ends the interpreter', async () => {
  const controller = new AbortController();
  const running = probe(fake('import-hang'), { signal: controller.signal });
  const ended = expect(running).rejects.toMatchObject({ code: 'interrupted' });
  await expect.poll(() => processesStarted(home).length).toBeGreaterThan(0);
  controller.abort();
  await ended;
  await expect.poll(() => processesLeft(home)).toEqual([]);
});
