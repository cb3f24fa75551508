import { describe, expect, test } from 'vitest';
import { conditionWarnings, readConditions, readHost } from '../../../src/host/index.js';
import type { HostSource } from '../../../src/host/source.js';
import { mac, macM3, macRosetta, macs, PRESSURE, scriptedHost } from '../../fakes/hosts.js';
import {
  INTEL_RECOVERED,
  INTEL_SLOWED,
  M1_POWER_SETTINGS,
  m1Pro,
  m2Air,
  m5Max,
  runner,
} from '../../fakes/recorded-macs.js';

const M1 = { chip: 'Apple M1', cpus: 8, memoryGiB: 16, macos: '15.1', darwin: '24.1.0' };
const macThatPrints = (commands: Record<string, string>) => mac({ ...M1, commands });

async function warningsOf(source: HostSource) {
  const now = await readConditions(source);
  return conditionWarnings(await readHost(source), now, now).map(({ name }) => name);
}

describe('host facts on macOS', () => {
  test('Apple silicon', async () => {
    expect(await readHost(macM3)).toEqual({
      os: 'macOS 15.1',
      osBuild: '24B83',
      kernel: '24.1.0',
      arch: 'arm64',
      model: 'Mac15,9',
      cpu: 'Apple M3 Max',
      logicalCpus: 16,
      cores: [
        { kind: 'Performance', count: 12 },
        { kind: 'Efficiency', count: 4 },
      ],
      memoryBytes: 64 * 2 ** 30,
      node: '20.20.0',
    });
    expect(await readConditions(macM3)).toMatchObject({
      load1: 1.4,
      powerSource: 'mains',
      powerMode: 'automatic',
      thermal: 'nominal',
      thermalPressure: 'nominal',
    });
  });

  test('Rosetta shows the machine below it', async () => {
    expect(await readHost(macRosetta)).toMatchObject({
      arch: 'arm64',
      cpu: 'Apple M1',
      rosetta: true,
    });
    expect(await readConditions(macRosetta)).toMatchObject({
      powerSource: 'battery',
      powerMode: 'low power',
      powerSaving: 'mode',
      thermal: 'heavy',
      thermalPressure: 'heavy',
    });
  });

  test.each([
    [
      m5Max,
      [
        { kind: 'Super', count: 6 },
        { kind: 'Performance', count: 12 },
      ],
    ],
    [
      m1Pro,
      [
        { kind: 'level 0', count: 8 },
        { kind: 'level 1', count: 2 },
      ],
    ],
    [runner, [{ kind: 'Standard', count: 3 }]],
  ])('kinds of cores are named as macOS names them', async (source, cores) => {
    expect((await readHost(source)).cores).toEqual(cores);
  });

  test('an Intel Mac has one kind of cores, and says nothing of it', async () => {
    const host = await readHost(macs.intel);
    expect(host).toMatchObject({ arch: 'x86_64', logicalCpus: 16 });
    expect(host).not.toHaveProperty('cores');
    expect(host).not.toHaveProperty('rosetta');
  });

  test('if commands do not answer, the facts come from Node', async () => {
    const os = { release: '24.1.0', cpuModel: 'Apple M4', logicalCpus: 10, machine: 'arm64' };
    const source = scriptedHost({ platform: 'darwin', arch: 'arm64', os });
    expect(await readHost(source)).toMatchObject({
      os: 'macOS',
      arch: 'arm64',
      cpu: 'Apple M4',
      logicalCpus: 10,
    });
    const conditions = await readConditions(source);
    expect(conditions.powerSource).toBe('unknown');
    for (const key of ['powerMode', 'thermal', 'thermalPressure', 'speedLimit']) {
      expect(conditions).not.toHaveProperty(key);
    }
  });
});

describe('power modes', () => {
  // Their meaning: https://github.com/alfredapp/low-power-mode-workflow/issues/4
  test.each([
    [M1_POWER_SETTINGS, 'automatic', undefined],
    [' lowpowermode         1\n', 'low power', 'mode'],
    [' powermode            0\n', 'automatic', undefined],
    [' powermode            1\n', 'low power', 'mode'],
    [' powermode            2\n', 'high power', undefined],
    [' lowpowermode         0\n powermode            2\n', 'high power', undefined],
    ['System-wide power settings:\nCurrently in use:\n womp 1\n', undefined, undefined],
  ])('%j', async (settings, powerMode, powerSaving) => {
    const conditions = await readConditions(macThatPrints({ '/usr/bin/pmset -g': settings }));
    expect(conditions.powerMode).toBe(powerMode);
    expect(conditions.powerSaving).toBe(powerSaving);
  });
});

describe('heat', () => {
  test.each([
    [0, 'nominal', []],
    [1, 'moderate', ['thermal-pressure']],
    [2, 'heavy', ['thermal-throttling']],
    [3, 'trapping', ['thermal-throttling']],
    [4, 'sleeping', ['thermal-throttling']],
  ])('pressure %i of Apple silicon, of which pmset says nothing', async (level, name, warnings) => {
    const conditions = await readConditions(m2Air(level));
    expect(conditions).toMatchObject({ thermal: name, thermalPressure: name });
    expect(conditions).not.toHaveProperty('speedLimit');
    expect(await warningsOf(m2Air(level))).toEqual(warnings);
  });

  test('a level that macOS does not have, and a service that does not answer, are no state', async () => {
    const key = 'com.apple.system.thermalpressurelevel';
    for (const text of [`${key} 30\n`, `${key}: Failed with code 9\n`, '']) {
      const conditions = await readConditions(macThatPrints({ [PRESSURE]: text }));
      expect(conditions, text).not.toHaveProperty('thermal');
      expect(conditions, text).not.toHaveProperty('thermalPressure');
    }
  });

  test('an Intel Mac says its limit', async () => {
    const slowed = macThatPrints({ '/usr/bin/pmset -g therm': INTEL_SLOWED });
    expect(await readConditions(slowed)).toMatchObject({
      thermal: 'CPU limited to 34 %',
      speedLimit: 0.34,
    });
    expect(await warningsOf(slowed)).toEqual(['thermal-throttling']);
    const recovered = macThatPrints({
      '/usr/bin/pmset -g therm': INTEL_RECOVERED,
      [PRESSURE]: '',
    });
    expect(await readConditions(recovered)).toMatchObject({ thermal: 'nominal', speedLimit: 1 });
    expect(await warningsOf(recovered)).toEqual([]);
  });

  test('a virtual machine does not know how hot its host is', async () => {
    expect(await readHost(runner)).toMatchObject({
      cpu: 'Apple M1 (Virtual)',
      model: 'VirtualMac2,1',
      virtualMachine: 'macOS guest',
    });
    expect(await readConditions(runner)).not.toHaveProperty('thermal');
    expect(await warningsOf(runner)).toEqual(['virtual-machine']);
  });
});
