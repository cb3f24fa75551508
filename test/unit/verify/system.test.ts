import { describe, expect, test } from 'vitest';
import type { HostSource } from '../../../src/host/source.js';
import type { Finding } from '../../../src/result/schema.js';
import { cudaLevelOf } from '../../../src/verify/facts/cuda-drivers.js';
import { systemChecks } from '../../../src/verify/system/index.js';
import { exampleMachine } from '../../fakes/example-machines.js';
import { h200Server, linuxLaptop, linuxVm, mac, macRosetta, macs } from '../../fakes/hosts.js';
import { scriptedContext } from '../../fakes/verify-context.js';

async function run(id: string, source: HostSource): Promise<readonly Finding[]> {
  const check = systemChecks.find((one) => one.id === `system.${id}`);
  if (!check) throw new Error(`there is no check ${id}`);
  const context = scriptedContext(source);
  return check.applies(context) ? check.run(context) : [];
}

const states = (findings: readonly Finding[]) => findings.map(({ state }) => state);

describe('os', () => {
  test.each([
    ['m1', 'macOS 13.6.7, Darwin 22.6.0'],
    ['m2Pro', 'macOS 14.6, Darwin 23.6.0'],
    ['m3', 'macOS 15.1, Darwin 24.1.0'],
    ['m4Max', 'macOS 26.1, Darwin 25.1.0'],
    ['m5', 'macOS 27.0, Darwin 27.0.0'],
  ] as const)('%s', async (name, message) => {
    expect(await run('os', macs[name])).toMatchObject([{ state: 'pass', message }]);
  });

  const m1 = { chip: 'Apple M1', cpus: 8, memoryGiB: 8 };

  test('the kernel reveals macOS 26 if sw_vers says 16.0 for compatibility', async () => {
    const [found] = await run('os', mac({ ...m1, macos: '16.0', darwin: '25.1.0' }));
    expect(found).toMatchObject({ state: 'pass', message: 'macOS 26 Tahoe, Darwin 25.1.0' });
  });

  test('macOS 12 is too old, Darwin 19 is unknown and older, Darwin 28 unknown and newer', async () => {
    const of = async (macos: string, darwin: string) =>
      states(await run('os', mac({ ...m1, macos, darwin })));
    expect(await of('12.7', '21.6.0')).toEqual(['fail']);
    expect(await of('10.15', '19.6.0')).toEqual(['fail']);
    expect(await of('28.0', '28.0.0')).toEqual(['warning']);
  });

  test('Linux', async () => {
    expect(await run('os', linuxVm)).toMatchObject([
      { state: 'pass', message: 'Debian GNU/Linux 12 (bookworm), kernel 6.1.0-28-cloud-amd64' },
    ]);
  });
});

test('architecture: Apple silicon passes; Rosetta and Intel Macs do not', async () => {
  expect(await run('architecture', macs.m3)).toMatchObject([
    { state: 'pass', message: 'Apple M3, arm64' },
  ]);
  const [rosetta] = await run('architecture', macs.rosetta);
  expect(rosetta.state).toBe('warning');
  expect(rosetta.message).toMatch(/Apple M2.*under Rosetta/);
  expect(rosetta.fixes[0].command).toBe('node -p process.arch');
  expect(states(await run('architecture', macs.intel))).toEqual(['warning']);
  expect(states(await run('architecture', linuxVm))).toEqual(['pass']);
});

test('Docker Desktop and OrbStack have no GPU to pass on', async () => {
  for (const kernel of ['6.10.14-linuxkit', '6.12.15-orbstack-00304']) {
    expect(
      await run('virtual-machine', exampleMachine(`aarch64 docker=yes kernel=${kernel}`)),
    ).toMatchObject([{ state: 'warning', message: expect.stringMatching(/cannot reach the GPU/) }]);
  }
});

test('virtual machine: a Mac guest and a GitHub runner have a paravirtual GPU', async () => {
  expect(states(await run('virtual-machine', macs.m3))).toEqual(['pass']);
  const [guest] = await run('virtual-machine', macs.guest);
  expect(guest).toMatchObject({ state: 'warning' });
  expect(guest.message).toMatch(/Apple Paravirtual device/);
  const [runner] = await run('virtual-machine', macs.githubRunner);
  expect(runner.message).toMatch(/^A GitHub runner with .*wrong results/);
  expect(await run('virtual-machine', linuxVm)).toMatchObject([
    {
      state: 'not-applicable',
      message: expect.stringMatching(/Google Compute Engine.*passed through/),
    },
  ]);
});

test('memory: 8 GiB is enough, the 7 GiB of a runner are not', async () => {
  expect(await run('memory', macs.m1)).toMatchObject([
    { state: 'pass', message: '8 GiB memory, shared with the GPU' },
  ]);
  expect(states(await run('memory', macs.githubRunner))).toEqual(['warning']);
});

test('power and heat', async () => {
  expect(await run('power', macs.m3)).toMatchObject([
    { state: 'pass', message: 'on AC power, automatic' },
  ]);
  expect(await run('thermal', macs.m3)).toMatchObject([{ state: 'pass' }]);
  const hot = await run('power', macRosetta);
  expect(states(hot)).toEqual(['warning', 'warning']);
  expect(hot[1].fixes[0].command).toContain('pmset -a lowpowermode 0');
  expect(states(await run('thermal', macRosetta))).toEqual(['warning']);
  expect(states(await run('power', linuxLaptop))).toEqual(['warning', 'warning']);
});

test('Command Line Tools', async () => {
  expect(await run('command-line-tools', macs.m3)).toMatchObject([
    { state: 'pass', message: 'installed in /Library/Developer/CommandLineTools' },
  ]);
  const without = mac({
    chip: 'Apple M3',
    cpus: 8,
    memoryGiB: 16,
    macos: '15.1',
    darwin: '24.1.0',
    commands: { '/usr/bin/xcode-select -p': '' },
  });
  expect((await run('command-line-tools', without))[0]).toMatchObject({
    state: 'warning',
    fixes: [{ command: 'xcode-select --install' }],
  });
  expect(await run('command-line-tools', linuxVm)).toEqual([]);
});

describe('the NVIDIA driver', () => {
  test.each([
    ['595.71.05', '13.2'],
    ['595.45.04', '13.2'],
    ['580.65.06', '13.0'],
    ['575.51.03', '12.9'],
    ['570.26', '12.8'],
    ['570.124.06', '12.8'],
    ['565.57.01', '12.6'],
    ['525.60.13', '12.0'],
    ['525.60.12', '11.8'],
    ['450.51.05', '11.0'],
    ['440.33.01', undefined],
  ])('%s gives CUDA %s', (driver, cuda) => {
    expect(cudaLevelOf(driver)).toBe(cuda);
  });

  test('of an H200', async () => {
    expect(await run('nvidia-driver', h200Server())).toMatchObject([
      {
        state: 'pass',
        message: 'NVIDIA driver 580.95.05, CUDA up to 13.0',
        details: { driver: '580.95.05', cuda: '13.0', library: '580.95.05' },
      },
    ]);
  });

  test('that was updated without a restart', async () => {
    const [found] = await run('nvidia-driver', h200Server({ library: '580.105.08' }));
    expect(found).toMatchObject({ state: 'fail', fixes: [{ command: 'sudo reboot' }] });
    expect(found.message).toMatch(/580\.95\.05 is loaded, but libcuda is of 580\.105\.08/);
  });

  test('of Windows, through WSL 2: its nvidia-smi names the GPU', async () => {
    const wsl = exampleMachine('wsl');
    expect(await run('nvidia-driver', wsl)).toMatchObject([
      { state: 'pass', message: 'NVIDIA driver of Windows, through WSL 2' },
    ]);
    const told = { ...wsl, exec: async () => 'NVIDIA GeForce RTX 5090, 576.88\n' };
    expect(await run('nvidia-driver', told)).toMatchObject([
      { message: 'NVIDIA driver of Windows, through WSL 2 (576.88, NVIDIA GeForce RTX 5090)' },
    ]);
    const without = { ...wsl, list: async () => [] };
    expect(states(await run('nvidia-driver', without))).toEqual(['not-applicable']);
  });

  test('of a Jetson, which is part of its system', async () => {
    expect(await run('nvidia-driver', exampleMachine('jetson'))).toMatchObject([
      {
        state: 'pass',
        message: expect.stringContaining('Jetson Linux 36.4.3'),
        details: { wheels: 'https://pypi.jetson-ai-lab.io/jp6/cu126' },
      },
    ]);
  });

  test("in a container that finds CUDA's compat libcuda first", async () => {
    const container = (driver: string, compat: string) =>
      run(
        'nvidia-driver',
        exampleMachine(
          `linux gpu=NVIDIA_A100 driver=${driver} compat=${compat} env:LD_LIBRARY_PATH=/usr/local/cuda/compat`,
        ),
      );
    expect(await container('560.35.03', '550.54.15')).toMatchObject([
      { state: 'fail', message: expect.stringMatching(/older libcuda 550\.54\.15/) },
    ]);
    expect(await container('535.104.05', '580.65.06')).toMatchObject([
      {
        state: 'pass',
        message: expect.stringMatching(/forward-compatibility libcuda 580\.65\.06$/),
      },
    ]);
  });

  test('that is missing, too old, or not there because there is no GPU', async () => {
    const [missing] = await run(
      'nvidia-driver',
      h200Server({
        files: { '/proc/driver/nvidia/version': '', '/sys/module/nvidia/version': '' },
        library: '',
      }),
    );
    expect(missing).toMatchObject({ state: 'fail' });
    expect(missing.message).toMatch(/on the PCI bus, but no driver is loaded/);
    expect(states(await run('nvidia-driver', h200Server({ driver: '470.256.02' })))).toEqual([
      'warning',
    ]);
    expect(states(await run('nvidia-driver', linuxVm))).toEqual(['not-applicable']);
    expect(await run('nvidia-driver', macs.m3)).toEqual([]);
  });
});

describe('device permissions', () => {
  test('all can be opened', async () => {
    expect(await run('device-permissions', h200Server())).toMatchObject([
      {
        state: 'pass',
        message: 'can access /dev/dri/renderD128, /dev/nvidia-uvm, /dev/nvidia0, /dev/nvidiactl',
      },
    ]);
    expect(states(await run('device-permissions', linuxVm))).toEqual(['not-applicable']);
  });

  test('denied', async () => {
    const [found] = await run(
      'device-permissions',
      h200Server({ denied: ['/dev/nvidia0', '/dev/dri/renderD128'] }),
    );
    expect(found).toMatchObject({
      state: 'fail',
      fixes: [{ command: 'sudo usermod -aG render,video "$USER"' }],
    });
    expect(found.message).toMatch(/No permission for \/dev\/dri\/renderD128, \/dev\/nvidia0/);
  });

  test('a container without the nodes', async () => {
    const container = h200Server({
      driver: '',
      library: '',
      files: {
        '/sys/module/nvidia/version': '580.95.05\n',
        '/.dockerenv': '',
      },
    });
    const [found] = await run('device-permissions', container);
    expect(found.message).toMatch(
      /\/dev\/nvidia0, \/dev\/nvidiactl, \/dev\/nvidia-uvm are missing/,
    );
    expect(found.fixes[0].command).toMatch(/^docker run --gpus all/);
  });
});

describe('environment variables', () => {
  const withEnv = (env: Record<string, string>) => run('gpu-environment', h200Server({ env }));

  test.each(['', '-1', 'none'])('CUDA_VISIBLE_DEVICES=%j hides every GPU', async (value) => {
    const [found] = await withEnv({ CUDA_VISIBLE_DEVICES: value });
    expect(found).toMatchObject({
      state: 'fail',
      message: `CUDA_VISIBLE_DEVICES="${value}" hides every GPU from CUDA programs.`,
      fixes: [{ command: 'unset CUDA_VISIBLE_DEVICES' }],
    });
  });

  test('a variable that chooses a GPU, or has no GPU to hide, is not a failure', async () => {
    expect(states(await withEnv({ CUDA_VISIBLE_DEVICES: '0' }))).toEqual(['pass']);
    expect(states(await withEnv({ NVIDIA_VISIBLE_DEVICES: 'void' }))).toEqual(['fail']);
    const noGpu = { ...linuxVm, env: { CUDA_VISIBLE_DEVICES: '' } };
    expect(states(await run('gpu-environment', noGpu))).toEqual(['warning']);
  });

  test.each([
    [{ PYTORCH_ENABLE_MPS_FALLBACK: '1' }, ['warning']],
    [{ PYTORCH_ENABLE_MPS_FALLBACK: '0' }, ['pass']],
    [{ PYTORCH_MPS_HIGH_WATERMARK_RATIO: '0.0' }, ['warning']],
    [{ PYTORCH_MPS_HIGH_WATERMARK_RATIO: '1.4' }, ['pass']],
    [{ PYTORCH_MPS_FAST_MATH: '1', JAX_PLATFORMS: 'cpu' }, ['warning', 'warning']],
    [{ CUDA_VISIBLE_DEVICES: '-1' }, ['pass']],
  ])('on a Mac: %j', async (env, expected) => {
    expect(states(await run('gpu-environment', { ...macs.m3, env }))).toEqual(expected);
  });
});

describe('variables that change results or speed', () => {
  const withEnv = (env: Record<string, string>) => run('variables', h200Server({ env }));

  test('a harmful value is a warning with its effect', async () => {
    const [one, two, ...rest] = await withEnv({
      OMP_NUM_THREADS: '1',
      NVIDIA_TF32_OVERRIDE: '1',
      CUDA_VERSION: '12.8',
      HOME: '/root',
    });
    expect(one).toMatchObject({ state: 'warning', subject: 'OMP_NUM_THREADS' });
    expect(one.message).toMatch(/^OMP_NUM_THREADS="1" keeps OpenMP/);
    expect(two.message).toMatch(/^NVIDIA_TF32_OVERRIDE="1" .* workers run without it\.$/);
    expect(rest.map(({ message }) => message)).toEqual([
      'also set, without known harm: CUDA_VERSION',
    ]);
  });

  test('harmless values are only named, and no values pass', async () => {
    const [found] = await withEnv({ OMP_NUM_THREADS: '8', CUDA_VISIBLE_DEVICES: '0' });
    expect(found).toMatchObject({ state: 'pass' });
    expect(found.message).toBe('also set, without known harm: OMP_NUM_THREADS');
    expect((await withEnv({}))[0].message).toBe('no environment variable changes results or speed');
  });
});

test('every finding that is not a pass says what to do', async () => {
  const machines = [
    ...Object.values(macs),
    macRosetta,
    linuxLaptop,
    h200Server({ driver: '470.1' }),
  ];
  for (const machine of machines) {
    for (const { id } of systemChecks) {
      for (const { state, fixes, sources, check, group } of await run(
        id.replace('system.', ''),
        machine,
      )) {
        expect([check, group]).toEqual([id, 'system']);
        expect(sources.length).toBeGreaterThan(0);
        if (state !== 'pass' && state !== 'not-applicable') expect(fixes.length).toBeGreaterThan(0);
      }
    }
  }
});
