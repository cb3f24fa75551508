import { describe, expect, test } from 'vitest';
import { readConditions, readHost } from '../../../src/host/index.js';
import { armBoard, linuxContainer, linuxLaptop, linuxVm, scriptedHost } from '../../fakes/hosts.js';

describe('host facts on Linux', () => {
  test('a virtual machine names its hypervisor', async () => {
    expect(await readHost(linuxVm)).toEqual({
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-28-cloud-amd64',
      arch: 'x86_64',
      cpu: 'AMD EPYC 7B13',
      logicalCpus: 2,
      memoryBytes: 24684092 * 1024,
      node: '20.20.0',
      virtualMachine: 'Google Compute Engine',
    });
  });

  test('a laptop is no virtual machine and no container', async () => {
    const host = await readHost(linuxLaptop);
    expect(host.virtualMachine).toBeUndefined();
    expect(host.container).toBeUndefined();
    expect(host.cpuQuota).toBeUndefined();
  });

  test('a container shows its kind and its share of the CPUs', async () => {
    const host = await readHost(linuxContainer);
    expect(host).toMatchObject({ container: 'Docker', cpuQuota: 1.5, logicalCpus: 16 });
    expect(host.virtualMachine).toBeUndefined();
  });

  test('the tighter of two control groups counts, and "max" is not a limit', async () => {
    const files = {
      '/proc/self/cgroup': '0::/kubepods.slice/pod1\n',
      '/sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
    };
    const source = scriptedHost({ platform: 'linux', arch: 'x64', os: {}, files });
    expect(await readHost(source)).toMatchObject({ container: 'Kubernetes', cpuQuota: 2 });
  });

  test('control groups of version 1', async () => {
    const files = {
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    const source = scriptedHost({ platform: 'linux', arch: 'x64', os: {}, files });
    expect((await readHost(source)).cpuQuota).toBe(0.5);
    const unlimited = { ...files, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n' };
    const free = scriptedHost({ platform: 'linux', arch: 'x64', os: {}, files: unlimited });
    expect((await readHost(free)).cpuQuota).toBeUndefined();
  });

  test('a metal machine of a cloud has its firmware but no hypervisor', async () => {
    const files = {
      '/proc/cpuinfo': 'model name\t: Intel Xeon\nflags\t\t: fpu avx512f\n',
      '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n',
    };
    const source = scriptedHost({ platform: 'linux', arch: 'x64', os: {}, files });
    expect((await readHost(source)).virtualMachine).toBeUndefined();
  });

  test('a hypervisor that does not name itself', async () => {
    const files = { '/proc/cpuinfo': 'model name\t: AMD EPYC\nflags\t\t: fpu hypervisor\n' };
    const source = scriptedHost({ platform: 'linux', arch: 'x64', os: {}, files });
    expect((await readHost(source)).virtualMachine).toBe('unnamed hypervisor');
  });

  test('if nothing can be read, the facts come from Node', async () => {
    const os = { cpuModel: 'Some CPU', release: '6.0', logicalCpus: 3 };
    const source = scriptedHost({ platform: 'linux', arch: 'x64', os });
    expect(await readHost(source)).toEqual({
      os: 'Linux',
      kernel: '6.0',
      arch: 'x86_64',
      cpu: 'Some CPU',
      logicalCpus: 3,
      memoryBytes: 2 ** 30,
      node: '20.20.0',
    });
    expect(await readConditions(source)).toMatchObject({ load1: 0, powerSource: 'unknown' });
  });
});

describe('conditions on Linux', () => {
  test('a virtual machine that reveals little', async () => {
    const { at, ...conditions } = await readConditions(linuxVm);
    expect(Date.parse(at)).not.toBeNaN();
    expect(conditions).toEqual({
      load1: 0.08,
      freeMemoryBytes: 24201544 * 1024,
      powerSource: 'unknown',
      cpuMhz: 2450,
    });
  });

  test("a laptop's power, heat and clocks; the battery of a mouse does not count", async () => {
    expect(await readConditions(linuxLaptop)).toMatchObject({
      load1: 3.4,
      powerSource: 'battery',
      powerMode:
        'governor powersave, intel_pstate, preference balance_performance, profile low-power',
      powerSaving: 'mode',
      thermal: '71 °C',
      throttleEvents: 17,
      cpuMhz: 1600,
    });
  });

  test('the powersave governor saves power if the driver does not scale by itself', async () => {
    expect(await readConditions(armBoard)).toMatchObject({
      powerMode: 'governor powersave, cpufreq-dt',
      powerSaving: 'governor',
      cpuMhz: 1500,
    });
    expect((await readHost(armBoard)).cpu).toBe('Raspberry Pi 5');
  });
});
