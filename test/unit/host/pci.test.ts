import { describe, expect, it } from 'vitest';
import { pciConnection, pciPlace, withPciPlaces } from '../../../src/host/pci.js';
import { h200Gpu } from '../../fakes/trials.js';

const ROOT = '/sys/devices';
/** Two cards behind a switch, one behind another port of the host bridge, one on the other socket. */
const CARDS: Record<string, { path: string; node: string; cpus: string }> = {
  '0000:18:00.0': {
    path: `${ROOT}/pci0000:15/0000:15:01.0/0000:16:00.0/0000:17:00.0/0000:18:00.0`,
    node: '0',
    cpus: '0-31',
  },
  '0000:19:00.0': {
    path: `${ROOT}/pci0000:15/0000:15:01.0/0000:16:00.0/0000:17:01.0/0000:19:00.0`,
    node: '0',
    cpus: '0-31',
  },
  '0000:1a:00.0': { path: `${ROOT}/pci0000:15/0000:15:02.0/0000:1a:00.0`, node: '0', cpus: '0-31' },
  '0000:9a:00.0': {
    path: `${ROOT}/pci0000:97/0000:97:01.0/0000:9a:00.0`,
    node: '1',
    cpus: '32-63',
  },
  '0000:2a:00.0': { path: `${ROOT}/pci0000:26/0000:26:01.0/0000:2a:00.0`, node: '0', cpus: '0-31' },
  '0000:00:06.0': { path: `${ROOT}/pci0000:00/0000:00:06.0`, node: '-1', cpus: '0-31' },
};

const source = {
  platform: 'linux' as NodeJS.Platform,
  readFile: async (path: string) => {
    const [, id, name] = /devices\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    return { numa_node: `${CARDS[id]?.node}\n`, local_cpulist: `${CARDS[id]?.cpus}\n` }[name];
  },
  realPath: async (path: string) => CARDS[path.split('/').at(-1) ?? '']?.path,
};

const place = async (id: string) => {
  const found = await pciPlace(id, source);
  if (!found) throw new Error(`no place for ${id}`);
  return found;
};

describe('the place of a card', () => {
  it('is its NUMA node and the CPUs near it', async () => {
    expect(await place('0000:9A:00.0')).toMatchObject({ numaNode: 1, nearCpus: '32-63' });
    expect((await place('0000:00:06.0')).numaNode).toBeUndefined();
  });

  it('is unknown elsewhere, and to a path in disguise', async () => {
    expect(await pciPlace('0000:ff:00.0', source)).toBeUndefined();
    expect(await pciPlace('../../etc', source)).toBeUndefined();
    expect(await pciPlace('0000:18:00.0', { ...source, platform: 'win32' })).toBeUndefined();
  });

  it.each([
    ['0000:18:00.0', '0000:19:00.0', 'through a PCIe switch (PIX or PXB)'],
    ['0000:18:00.0', '0000:1a:00.0', 'through a PCIe host bridge (PHB)'],
    ['0000:18:00.0', '0000:2a:00.0', 'across PCIe host bridges (NODE)'],
    ['0000:18:00.0', '0000:9a:00.0', 'across NUMA nodes (SYS)'],
  ])('%s to %s: %s', async (a, b, connection) => {
    expect(pciConnection(await place(a), await place(b))).toBe(connection);
    expect(pciConnection(await place(b), await place(a))).toBe(connection);
  });

  it('is among the details of a device', async () => {
    const card = (id: string, pciId: string) => ({ ...h200Gpu, id, details: { 'PCI id': pciId } });
    const [one, two, none] = await withPciPlaces(
      [card('cuda:0', '0000:18:00.0'), card('cuda:1', '0000:9A:00.0'), { ...h200Gpu }],
      source,
    );
    expect(one.details).toEqual({
      'PCI id': '0000:18:00.0',
      'NUMA node': 0,
      'CPUs nearby': '0-31',
      'PCIe to cuda:1': 'across NUMA nodes (SYS)',
    });
    expect(two.details['CPUs nearby']).toBe('32-63');
    expect(none).toEqual(h200Gpu);
  });
});
