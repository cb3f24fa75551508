import { describe, expect, test } from 'vitest';
import { readConditions, readHost } from '../../../src/host/index.js';
import { macM3, macRosetta, scriptedHost } from '../../fakes/hosts.js';

describe('host facts on macOS', () => {
  test('Apple silicon', async () => {
    expect(await readHost(macM3)).toEqual({
      os: 'macOS 15.1',
      kernel: '24.1.0',
      arch: 'arm64',
      cpu: 'Apple M3 Max',
      logicalCpus: 16,
      memoryBytes: 64 * 2 ** 30,
      node: '20.20.0',
    });
    expect(await readConditions(macM3)).toMatchObject({
      load1: 1.4,
      powerSource: 'mains',
      powerMode: 'automatic',
      thermal: 'nominal',
      speedLimit: 1,
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
      thermal: 'CPU limited to 80 %',
      speedLimit: 0.8,
    });
  });

  test('commands that do not answer leave what Node knows', async () => {
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
    expect(conditions.thermal).toBeUndefined();
  });
});
