import { expect, test } from 'vitest';
import { pciPlace, withPciPlaces } from '../../../src/host/pci.js';
import { h200Gpu } from '../../fakes/trials.js';

const FILES: Record<string, string> = {
  '/sys/bus/pci/devices/0000:18:00.0/numa_node': '0\n',
  '/sys/bus/pci/devices/0000:18:00.0/local_cpulist': '0-31\n',
  '/sys/bus/pci/devices/0000:9a:00.0/numa_node': '1\n',
  '/sys/bus/pci/devices/0000:9a:00.0/local_cpulist': '32-63\n',
  // A virtual machine without nodes.
  '/sys/bus/pci/devices/0000:00:06.0/numa_node': '-1\n',
  '/sys/bus/pci/devices/0000:00:06.0/local_cpulist': '0-7\n',
};

const source = {
  platform: 'linux' as NodeJS.Platform,
  readFile: async (path: string): Promise<string | undefined> => FILES[path],
};

test('Linux knows the NUMA node of a card and the CPUs near it', async () => {
  expect(await pciPlace('0000:9A:00.0', source)).toEqual({ numaNode: 1, nearCpus: '32-63' });
  expect(await pciPlace('0000:00:06.0', source)).toEqual({ nearCpus: '0-7' });
});

test('an unknown card, another system and a path in disguise have none', async () => {
  expect(await pciPlace('0000:ff:00.0', source)).toEqual({});
  expect(await pciPlace('../../etc', source)).toEqual({});
  expect(await pciPlace('0000:18:00.0', { ...source, platform: 'win32' })).toEqual({});
});

test('devices get the place of their card', async () => {
  const card = { ...h200Gpu, pciId: '0000:18:00.0' };
  const [placed, none] = await withPciPlaces([card, h200Gpu], source);
  expect(placed).toEqual({ ...card, numaNode: 0, nearCpus: '0-31' });
  expect(none).toBe(h200Gpu);
});
