import { describe, expect, test } from 'vitest';
import type { HostSource } from '../../../src/host/source.js';
import type { BackendRecord, DeviceInfo } from '../../../src/result/schema.js';
import { deviceChecks } from '../../../src/verify/devices/index.js';
import { h200Server, linuxVm, mac, macs } from '../../fakes/hosts.js';
import { cpuDevice, h200Gpu, m3Gpu } from '../../fakes/trials.js';
import { scriptedContext } from '../../fakes/verify-context.js';

const software: DeviceInfo = {
  ...h200Gpu,
  name: 'SwiftShader',
  kind: 'software',
};
const noWebgpu: BackendRecord = {
  id: 'webgpu',
  state: 'unavailable',
  reason: 'The package webgpu is not installed.',
  remedy: 'Install it: npm install webgpu',
};

async function run(
  id: string,
  source: HostSource,
  devices: DeviceInfo[] = [],
  backends: BackendRecord[] = [],
) {
  const check = deviceChecks.find((one) => one.id === `devices.${id}`);
  const context = scriptedContext(source, { devices, backends });
  return check?.applies(context) ? check.run(context) : [];
}

test('each backend gives a finding, with its reason and remedy', async () => {
  const cpu: BackendRecord = { id: 'cpu', state: 'available', version: 'oneDNN 2.6.3' };
  expect(await run('backends', linuxVm, [], [noWebgpu, cpu])).toMatchObject([
    {
      state: 'warning',
      subject: 'webgpu',
      message: 'not available: The package webgpu is not installed.',
      fixes: [{ text: 'Install it: npm install webgpu' }],
    },
    { state: 'pass', subject: 'cpu', message: 'available, oneDNN 2.6.3' },
  ]);
});

test('a backend without hardware on this machine needs no fix', async () => {
  const cuda: BackendRecord = {
    id: 'cuda',
    state: 'unavailable',
    reason: 'libcuda.so.1 was not found',
    remedy: 'Install the NVIDIA driver.',
  };
  const metal: BackendRecord = { ...cuda, id: 'metal', reason: 'the native addon does not load' };
  const states = async (source: HostSource) =>
    (await run('backends', source, [], [cuda, metal])).map(({ state }) => state);
  expect(await states(macs.m3)).toEqual(['not-applicable', 'warning']);
  expect(await states(linuxVm)).toEqual(['not-applicable', 'not-applicable']);
  // Its own reason may have nothing to do with this machine.
  expect((await run('backends', linuxVm, [], [cuda, metal])).map(({ message }) => message)).toEqual(
    ['not applicable (no NVIDIA GPU or driver found)', 'not applicable (not a Mac)'],
  );
  expect(await states(h200Server())).toEqual(['warning', 'not-applicable']);
});

describe('gpus', () => {
  test('a hardware GPU passes', async () => {
    expect(await run('gpus', macs.m3, [m3Gpu, cpuDevice('Apple M3')])).toMatchObject([
      { state: 'pass', subject: 'metal:0', message: 'Apple M3, integrated GPU, Metal' },
    ]);
  });

  test('a software GPU is called so; on a machine without a GPU nothing more is known', async () => {
    const found = await run('gpus', linuxVm, [software]);
    expect(found).toMatchObject([
      { state: 'warning', message: expect.stringMatching(/^SwiftShader is a software GPU/) },
      { state: 'unchecked', message: expect.stringMatching(/^No hardware GPU was found/) },
    ]);
  });

  test('a GPU on the PCI bus or in an Apple chip that no backend reaches is a failure', async () => {
    expect(await run('gpus', h200Server(), [software], [noWebgpu])).toMatchObject([
      { state: 'warning' },
      {
        state: 'fail',
        message: 'The PCI bus has a GPU of NVIDIA, but no backend reaches it.',
        fixes: [
          { text: 'webgpu: Install it: npm install webgpu' },
          { command: 'mpsbench verify nvidia-driver device-permissions' },
        ],
      },
    ]);
    const intel = {
      ...linuxVm,
      list: async () => ['0000:00:02.0'],
      readFile: async (path: string) => (path.endsWith('vendor') ? '0x8086\n' : '0x030000\n'),
    };
    expect(await run('gpus', intel, [software])).toMatchObject([
      { state: 'warning' },
      { state: 'fail', fixes: [{ command: expect.stringContaining('mesa-vulkan-drivers') }] },
    ]);
    expect(await run('gpus', macs.m5, [])).toMatchObject([
      { state: 'fail', message: 'Apple M5 has a GPU, but no backend reaches it.' },
    ]);
  });
});

describe('metal', () => {
  test.each([
    ['m1', 'Apple M1, Apple7, Metal 3, Metal Performance Shaders'],
    ['m2Pro', 'Apple M2 Pro, Apple8, Metal 3, Metal Performance Shaders'],
    ['m3', 'Apple M3, Apple9, Metal 3, Metal Performance Shaders'],
    ['m4Max', 'Apple M4 Max, Apple9, Metal 4, Metal Performance Shaders'],
    ['m5', 'Apple M5, Apple10, Metal 4, Metal Performance Shaders'],
    ['rosetta', 'Apple M2, Apple8, Metal 3, Metal Performance Shaders (also under Rosetta)'],
  ] as const)('%s, by its chip', async (name, message) => {
    expect(await run('metal', macs[name])).toMatchObject([{ state: 'pass', message }]);
  });

  test('the family that the backend saw wins', async () => {
    const device = { ...m3Gpu, gpuFamily: 'Apple11' };
    expect(await run('metal', macs.m3, [device])).toMatchObject([
      { state: 'pass', subject: 'metal:0', details: { family: 'Apple11', metal: 'Metal 3' } },
    ]);
  });

  test('virtual, Intel, and too old machines', async () => {
    const guest = { ...m3Gpu, name: 'Apple Paravirtual device', details: {} };
    expect(await run('metal', macs.guest, [guest])).toMatchObject([{ state: 'warning' }]);
    expect(await run('metal', macs.githubRunner)).toMatchObject([{ state: 'warning' }]);
    expect(await run('metal', macs.intel)).toMatchObject([{ state: 'unchecked' }]);
    const intel = (name: string) => run('metal', macs.intel, [{ ...m3Gpu, name, details: {} }]);
    expect(await intel('AMD Radeon Pro 5500M')).toMatchObject([{ state: 'pass' }]);
    expect(await intel('Intel HD Graphics 4000')).toMatchObject([{ state: 'warning' }]);
    const old = mac({ chip: 'Apple M1', cpus: 8, memoryGiB: 8, macos: '12.7', darwin: '21.6.0' });
    expect(await run('metal', old)).toMatchObject([{ state: 'fail' }]);
    expect(await run('metal', linuxVm)).toEqual([]);
  });
});

describe('gpu-memory', () => {
  const limited = (limit: string) => {
    const source = macs.m3;
    const exec: typeof source.exec = async (command, args) =>
      args[0] === 'iogpu.wired_limit_mb'
        ? `iogpu.wired_limit_mb: ${limit}\n`
        : source.exec(command, args);
    return { ...source, exec };
  };
  const device = { ...m3Gpu, memoryBytes: 16 * 2 ** 30 };

  test('what Metal reports, or what the user has set', async () => {
    expect(await run('gpu-memory', limited('0'), [device])).toMatchObject([
      {
        state: 'pass',
        message: expect.stringMatching(
          /^the GPU may use 16 GiB of 24 GiB \(macOS's default; sudo sysctl/,
        ),
      },
    ]);
    expect(await run('gpu-memory', limited('18432'), [device])).toMatchObject([
      { state: 'pass', message: expect.stringMatching(/18 GiB of 24 GiB.*until the next restart/) },
    ]);
  });

  test('a limit that leaves macOS too little, and machines that have none', async () => {
    expect(await run('gpu-memory', limited('23552'), [device])).toMatchObject([
      { state: 'warning', fixes: [{ command: 'sudo sysctl iogpu.wired_limit_mb=0' }] },
    ]);
    expect(await run('gpu-memory', macs.m3, [])).toMatchObject([{ state: 'not-applicable' }]);
    expect(await run('gpu-memory', macs.intel, [])).toMatchObject([{ state: 'not-applicable' }]);
    expect(await run('gpu-memory', linuxVm)).toEqual([]);
  });
});
