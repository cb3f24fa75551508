import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { DISTRIBUTIONS } from '../../../../src/frameworks/distributions.js';
import { readHost } from '../../../../src/host/index.js';
import type { HostSource } from '../../../../src/host/source.js';
import { renderTable } from '../../../../src/report/registry.js';
import type { Finding, VerifyResult } from '../../../../src/result/schema.js';
import { frameworkChecks } from '../../../../src/verify/frameworks/index.js';
import { tagFit } from '../../../../src/verify/frameworks/wheel-tags.js';
import { probeChecks } from '../../../../src/verify/probe/index.js';
import { exitCodeOf, runChecks } from '../../../../src/verify/run-checks.js';
import { exampleMachine } from '../../../fakes/example-machines.js';
import { scriptedHost } from '../../../fakes/hosts.js';
import { environmentFiles } from '../../../fakes/python-files.js';
import { scriptedContext } from '../../../fakes/verify-context.js';

async function verify(source: HostSource, python: readonly string[] = []) {
  const context = scriptedContext(source, { python });
  return (await Promise.all(frameworkChecks.map((check) => check.run(context)))).flat();
}

const of = (findings: readonly Finding[], check: string) =>
  findings.filter((finding) => finding.check === `frameworks.${check}`);

/** A Linux machine whose user has many environments with the same PyTorch. */
function manyEnvironments(
  count: number,
  packages: Parameters<typeof environmentFiles>[0]['packages'],
) {
  const all = Array.from({ length: count }, (_, i) =>
    environmentFiles({
      prefix: `/home/ada/.virtualenvs/env${i}`,
      python: '3.12.4',
      architecture: 'elf',
      packages,
    }),
  );
  return scriptedHost({
    platform: 'linux',
    arch: 'x64',
    os: {},
    env: { HOME: '/home/ada' },
    files: Object.assign({}, ...all.map(({ files }) => files)),
    binaries: Object.assign({}, ...all.map(({ binaries }) => binaries)),
  });
}

describe('framework checks', () => {
  it('print one line each if nothing is installed', async () => {
    const findings = await verify(exampleMachine('M3 python=3.12'));
    expect(findings.map(({ state }) => state)).toEqual(
      findings.map(({ check }) => (check === 'frameworks.python' ? 'pass' : 'not-applicable')),
    );
    expect(findings.map(({ check }) => check)).toEqual(frameworkChecks.map(({ id }) => id));
  });

  it('give a healthy Mac passes alone', async () => {
    const machine = 'M3 wheel:torch-2.9.1 wheel:mlx-0.30.0 wheel:mlx-metal-0.30.0 numpy=2.3.0';
    const findings = await verify(exampleMachine(machine));
    expect(findings.filter(({ state }) => !/^(?:pass|not-applicable)$/.test(state))).toEqual([]);
    expect(of(findings, 'pytorch')[0]).toMatchObject({
      rule: 'torch-mps',
      subject: '/srv/project/.venv',
      message:
        'PyTorch 2.9.1 reaches the GPU through MPS (arm64 Python, macosx_11_0_arm64 wheel, macOS 15.1, all 7 requirements met).',
      details: { origin: 'active venv', python: '3.12.4', architecture: 'arm64' },
    });
  });

  it.each(['M1 macos=14.7', 'M2 macos=15.6', 'M3 macos=26.1', 'M4 macos=26.3', 'M5 macos=26.2'])(
    'pass a healthy %s with current PyTorch and MLX even with --strict',
    async (mac) => {
      const packages =
        'torch=2.13.0+tag:cp312-none-macosx_14_0_arm64 torchvision=0.28.0 mlx=0.32.4+tag:cp312-cp312-macosx_14_0_arm64 mlx-metal=0.32.4 numpy=2.3.5';
      const context = scriptedContext(exampleMachine(`${mac} ${packages}`));
      const verification = await runChecks(frameworkChecks, context);
      expect(exitCodeOf(verification, { strict: true })).toBe(0);
    },
  );

  it.each(
    Object.entries(DISTRIBUTIONS).flatMap(([id, names]) =>
      names.map((name) => [name, id] as const),
    ),
  )('find %s, as its probe does', async (name, id) => {
    const source = exampleMachine(`linux ${name}=1.20.0+tag:cp312-cp312-win_amd64`);
    const findings = await verify(source);
    expect(of(findings, 'python')[0]?.message).toMatch(/, 1 with a machine-learning framework/);
    expect(of(findings, id)[0]).toMatchObject({
      rule: 'package-other-system',
      subject: '/srv/project/.venv',
    });
    const probe = probeChecks.find((check) => check.id === `probe.${id}`);
    const context = scriptedContext(source, { probe: true });
    const environments = async () =>
      (await context.environments()).map(({ interpreter: _, ...rest }) => rest);
    expect(await probe?.run({ ...context, environments })).toMatchObject([
      { message: expect.stringContaining('could not be asked') },
    ]);
  });

  it('recognize a build for AMD GPUs by its files, and replace it', async () => {
    const machine = 'linux gpu=NVIDIA_H200 driver=580.95 tensorflow=2.14.0+build:rocm';
    expect(of(await verify(exampleMachine(machine)), 'tensorflow')[0]).toMatchObject({
      rule: 'tensorflow-rocm-build',
      fixes: [
        {
          command: expect.stringMatching(
            /pip install --upgrade --force-reinstall 'tensorflow\[and-cuda\]>=2\.18'$/,
          ),
        },
      ],
    });
  });

  it('make pip upgrade a PyTorch from before MPS, which it would otherwise keep', async () => {
    const [old] = of(await verify(exampleMachine('M1 python=3.10 torch=1.11.0')), 'pytorch');
    expect(old).toMatchObject({
      rule: 'torch-before-mps',
      fixes: [{ command: expect.stringMatching(/pip install --upgrade torch$/) }],
    });
  });

  it('name the GPUs that they look for if there is none', async () => {
    const [found] = of(await verify(exampleMachine('linux torch=2.9.1')), 'pytorch');
    expect(found?.message).toBe(
      'PyTorch 2.9.1 is installed, but no Apple or NVIDIA GPU was found on this machine.',
    );
  });

  it('say nothing about running it if it does not import', async () => {
    const machine = 'M3 python=3.11 tensorflow=2.19.0 wheel:tensorflow-metal-1.1.0 keras=3.8.0';
    const rules = of(await verify(exampleMachine(machine)), 'tensorflow').map(({ rule }) => rule);
    expect(rules).toEqual(['tensorflow-2.19-metal-1.1.0']);
  });

  it('merge what is the same of many environments', async () => {
    const source = manyEnvironments(20, [{ name: 'torch', version: '2.9.1', build: '12.8' }]);
    const findings = await verify(source);
    expect(findings).toHaveLength(frameworkChecks.length);
    const [pytorch] = of(findings, 'pytorch');
    expect(pytorch?.subject).toBe(
      '/home/ada/.virtualenvs/env0, /home/ada/.virtualenvs/env1, /home/ada/.virtualenvs/env2 and 17 more',
    );
    expect(String(pytorch?.details?.environments).split(', ')).toHaveLength(20);
  });

  it('show the fixes of the first few of many environments', async () => {
    const source = manyEnvironments(20, [
      { name: 'torch', version: '2.2.2', build: 'cpu' },
      { name: 'numpy', version: '2.1.0' },
    ]);
    const numpy = of(await verify(source), 'numpy');
    expect(numpy).toHaveLength(1);
    expect(numpy[0]).toMatchObject({ state: 'fail', rule: 'torch-2.2-numpy-2' });
    expect(numpy[0]?.fixes.map(({ command }) => command)).toEqual(
      [0, 1, 2].map((i) => `/home/ada/.virtualenvs/env${i}/bin/python -m pip install 'numpy<2'`),
    );
  });

  it('cannot check a --python that is no environment', async () => {
    const findings = await verify(exampleMachine('linux'), ['/nowhere/bin/python']);
    expect(of(findings, 'python').filter(({ state }) => state === 'unchecked')).toMatchObject([
      {
        subject: '/nowhere/bin/python',
        message: '/nowhere/bin/python does not exist.',
        fixes: [{ text: 'Pass the folder of an environment, or an interpreter.' }],
      },
    ]);
    expect(of(findings, 'python')[0]?.message).toMatch(/^1 Python environment found/);
  });

  it('let nothing of a package move the cursor or colour the terminal', async () => {
    const evil = '2.9.1\u001b[31m\u009b2J\u202e';
    const source = exampleMachine(`M3 torch=${evil}`);
    const findings = await verify(source);
    const result: VerifyResult = {
      schema: 2,
      tool: { name: 'mpsbench', version: '0.1.0' },
      reproduce: 'mpsbench verify',
      startedAt: '2026-11-23T10:20:30.000Z',
      seconds: 1,
      command: 'verify',
      exitCode: 0,
      host: await readHost(source),
      backends: [],
      devices: [],
      warnings: [],
      findings,
    };
    const text = await renderTable(result, { colour: new Chalk({ level: 0 }), width: 120 });
    expect(text).toContain('2.9.1\\x1b[31m\\x9b2J\\u202e');
    expect(['\u001b', '\u009b', '\u202e'].filter((mark) => text.includes(mark))).toEqual([]);
  });
});

describe('tagFit', () => {
  const facts = (python: string, interpreter: string, machine = 'linux') =>
    new Map(Object.entries({ python, interpreter, machine }));

  it.each([
    [['cp312-cp312-manylinux_2_28_x86_64'], '3.12.4', 'x86_64', 'fits'],
    [['cp312-cp312-manylinux_2_28_x86_64'], '3.13.0', 'x86_64', 'other-python'],
    [['cp39-abi3-manylinux2014_x86_64'], '3.13.0', 'x86_64', 'fits'],
    [['cp39-abi3-manylinux2014_x86_64'], '3.8.0', 'x86_64', 'other-python'],
    [['cp312-cp312-manylinux_2_28_aarch64'], '3.12.4', 'x86_64', 'other-architecture'],
    [['cp312-cp312-macosx_11_0_arm64'], '3.12.4', 'x86_64', 'other-system'],
    [['cp311-cp311-linux_x86_64', 'cp312-cp312-linux_x86_64'], '3.12.4', 'x86_64', 'fits'],
    [['py3-none-any'], '3.12.4', 'x86_64', 'fits'],
    [['nonsense'], '3.12.4', 'x86_64', 'fits'],
    [[], '3.12.4', 'x86_64', 'fits'],
  ] as const)('%j on Python %s for %s: %s', (tags, python, interpreter, expected) => {
    expect(tagFit('torch', tags, facts(python, interpreter))).toBe(expected);
  });

  it('lets universal2 wheels fit both processors of a Mac', () => {
    const tags = ['cp312-cp312-macosx_13_0_universal2'];
    const mac = (interpreter: string) => facts('3.12.4', interpreter, 'apple-silicon');
    expect([
      tagFit('onnxruntime', tags, mac('arm64')),
      tagFit('onnxruntime', tags, mac('x86_64')),
    ]).toEqual(['fits', 'fits']);
  });
});
