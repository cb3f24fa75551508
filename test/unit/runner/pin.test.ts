import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { pinTo } from '../../../src/runner/pin.js';
import { WORKLOADS } from '../../../src/workloads/registry.js';
import { builtEngines } from '../../native/support/cpu.js';

// The built one: it starts the built worker.
const built = new URL('../../../dist/runner/device-driver.js', import.meta.url).href;
const { DeviceDriver } = (await import(
  built
)) as typeof import('../../../src/runner/device-driver.js');

const [add] = WORKLOADS;

async function pinnedTo(nearCpus: string | undefined): Promise<string | undefined> {
  const signal = new AbortController().signal;
  const driver = new DeviceDriver({ id: 'cpu:0', nearCpus }, 60_000, signal);
  try {
    const prepared = await driver.prepare({
      ...{ workload: add.id, params: add.presets.example, dtype: 'f32', placement: 'strict' },
      ...{ options: {}, seed: 1 },
    });
    return prepared.pinnedCpus;
  } finally {
    await driver.close();
  }
}

describe.skipIf(builtEngines.length === 0)('a worker', () => {
  test.skipIf(availableParallelism() < 2)('is pinned to the CPUs near its device', async () => {
    expect(await pinnedTo('0')).toBe('0');
  });

  test('is not pinned if all of its CPUs are near, or none', async () => {
    expect(await pinnedTo('0-1023')).toBeUndefined();
    expect(await pinnedTo('9999')).toBeUndefined();
  });
});

test('nothing is pinned if nothing is known', () => {
  expect(pinTo(undefined)).toBeUndefined();
  expect(pinTo('')).toBeUndefined();
});
