import { expect, test } from 'vitest';
import { topologyBlocks } from '../../../src/report/topology.js';
import type { DeviceInfo } from '../../../src/result/schema.js';
import { h200Gpu } from '../../fakes/trials.js';

type Links = NonNullable<DeviceInfo['links']>;

const card = (index: number, links: Links, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
  ...h200Gpu,
  id: `cuda:${index}`,
  links,
  ...more,
});

function cellsOf(devices: readonly DeviceInfo[]) {
  const table = topologyBlocks(devices).find(({ kind }) => kind === 'table');
  return table?.kind === 'table' ? table.rows.map((row) => row.map(({ text }) => text)) : [];
}

test('shows NVLinks, else the way over PCIe, with node and CPUs', () => {
  const devices = [
    card(0, [
      { to: 'cuda:1', pcie: 'SYS', nvlinks: 18 },
      { to: 'cuda:2', pcie: 'PIX', nvlinks: 0 },
    ]),
    card(1, [
      { to: 'cuda:0', pcie: 'SYS', nvlinks: 18 },
      { to: 'cuda:2', nvlinks: 0 },
    ]),
    card(2, [{ to: 'cuda:0', pcie: 'PIX', nvlinks: 0 }], { numaNode: 1, nearCpus: '32-63' }),
  ];
  expect(cellsOf(devices)).toEqual([
    ['cuda:0', '-', 'NV18', 'PIX', '', ''],
    ['cuda:1', 'NV18', '-', '?', '', ''],
    ['cuda:2', 'PIX', '?', '-', '1', '32-63'],
  ]);
  expect(topologyBlocks(devices).at(-1)).toEqual({
    kind: 'facts',
    facts: [
      { label: 'NV18', value: '18 NVLinks' },
      { label: 'PIX', value: 'through one PCIe switch' },
    ],
  });
});

test('a single card, and cards without known links, have none', () => {
  expect(topologyBlocks([card(0, [])])).toEqual([]);
  expect(topologyBlocks([h200Gpu, { ...h200Gpu, id: 'webgpu:1' }])).toEqual([]);
});
