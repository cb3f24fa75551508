import { describe, expect, test } from 'vitest';
import {
  conditionWarnings,
  isNote,
  loadWarning,
  readConditions,
  readHost,
} from '../../../src/host/index.js';
import type { HostSource } from '../../../src/host/source.js';
import type { Conditions } from '../../../src/result/schema.js';
import {
  armBoard,
  linuxContainer,
  linuxLaptop,
  linuxVm,
  macM3,
  macRosetta,
} from '../../fakes/hosts.js';

async function warningsOf(source: HostSource, after: Partial<Conditions> = {}) {
  const before = await readConditions(source);
  return conditionWarnings(await readHost(source), before, { ...before, ...after });
}
const names = async (source: HostSource, after: Partial<Conditions> = {}) =>
  (await warningsOf(source, after)).map(({ name }) => name);

describe('warnings about conditions', () => {
  test('a quiet machine on mains gives none', async () => {
    expect(await names(macM3)).toEqual([]);
  });

  test('a virtual machine is a note', async () => {
    const warnings = await warningsOf(linuxVm);
    expect(warnings.map(({ name }) => name)).toEqual(['virtual-machine']);
    expect(warnings.every(isNote)).toBe(true);
  });

  test('a laptop in use, on battery', async () => {
    expect(await names(linuxLaptop)).toEqual(['on-battery', 'low-power-mode']);
  });

  test('Rosetta, battery, low power and heat at once', async () => {
    expect(await names(macRosetta)).toEqual([
      'rosetta',
      'on-battery',
      'low-power-mode',
      'thermal-throttling',
    ]);
  });

  test('the governor', async () => {
    expect(await names(armBoard)).toEqual(['powersave-governor']);
  });

  test('a container quota says how many threads fit', async () => {
    expect(await warningsOf(linuxContainer)).toEqual([
      {
        name: 'container-quota',
        message: 'Docker limits this process to 1.5 of 16 CPUs: more threads than that get paused.',
        advice: 'Leave --threads at its default (1 here), or raise the limit (docker run --cpus).',
      },
    ]);
  });

  test('the load of others counts from half a CPU and a quarter of them on', () => {
    expect(loadWarning({ logicalCpus: 2 }, 0.4)).toBeUndefined();
    expect(loadWarning({ logicalCpus: 16 }, 3.9)).toBeUndefined();
    expect(loadWarning({ logicalCpus: 16 }, 8)).toEqual({
      name: 'high-load',
      message: 'High load from other programs: 8 on 16 CPUs.',
      advice: 'Close them and run again.',
    });
    expect(loadWarning({ logicalCpus: 1 }, 0.62)?.message).toContain('0.6 on 1 CPU.');
  });

  test('the load average gives no warning: it includes the previous run', async () => {
    expect(await names(macM3, { load1: 24 })).toEqual([]);
  });

  test('only slow-downs during the run count', async () => {
    expect(await names(linuxLaptop, { throttleEvents: 17 })).not.toContain('thermal-throttling');
    const warnings = await warningsOf(linuxLaptop, { throttleEvents: 20 });
    expect(warnings.find(({ name }) => name === 'thermal-throttling')?.message).toBe(
      'The CPU throttled 3 times because it was hot.',
    );
  });

  test('going on battery in between counts', async () => {
    expect(await names(macM3, { powerSource: 'battery' })).toEqual(['on-battery']);
  });

  test('every warning says what to do', async () => {
    for (const source of [linuxLaptop, linuxContainer, macRosetta, armBoard, linuxVm]) {
      for (const { message, advice } of await warningsOf(source)) {
        expect(message).toMatch(/\.$/);
        expect(advice).not.toBe('');
      }
    }
  });
});
