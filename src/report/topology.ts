import type { DeviceInfo } from '../result/schema.js';
import type { Block, ColumnOf, Fact } from './document.js';
import { tableOf } from './document.js';

type PciePath = NonNullable<NonNullable<DeviceInfo['links']>[number]['pcie']>;

/** The terms of `nvidia-smi topo -m` in words. */
const PATHS: Readonly<Record<PciePath, string>> = {
  PIX: 'through one PCIe switch',
  PXB: 'through several PCIe switches',
  PHB: 'through a PCIe host bridge, the CPU',
  NODE: 'across PCIe host bridges of one NUMA node',
  SYS: 'across NUMA nodes',
};

/** How the cards are connected with each other: one row and one column per card. */
export function topologyBlocks(devices: readonly DeviceInfo[]): Block[] {
  const cards = devices.filter(({ links = [] }) => links.length > 0);
  if (cards.length < 2) return [];
  const columns: ColumnOf<DeviceInfo>[] = [
    { header: '', align: 'left', cell: ({ id }) => ({ text: id, tone: 'strong' }) },
    ...cards.map(({ id }): ColumnOf<DeviceInfo> => {
      return { header: id, align: 'right', cell: (card) => connection(card, id) };
    }),
    { header: 'NUMA node', align: 'right', cell: ({ numaNode }) => numaNode?.toString() },
    { header: 'CPUs nearby', align: 'left', cell: ({ nearCpus }) => nearCpus },
  ];
  return [
    { kind: 'heading', level: 1, text: 'Topology' },
    tableOf(cards, columns),
    { kind: 'facts', facts: legend(cards) },
  ];
}

/** `NV18`, or what data pass over PCIe. */
function connection({ id, links = [] }: DeviceInfo, other: string): string {
  if (id === other) return '-';
  const link = links.find(({ to }) => to === other);
  return link && link.nvlinks > 0 ? `NV${link.nvlinks}` : (link?.pcie ?? '?');
}

function legend(cards: readonly DeviceInfo[]): Fact[] {
  const links = cards.flatMap(({ links = [] }) => links);
  const nvlinks = [...new Set(links.map(({ nvlinks }) => nvlinks))].filter((count) => count > 0);
  const paths = links.filter((link) => link.nvlinks === 0).flatMap(({ pcie }) => pcie ?? []);
  return [
    ...nvlinks.map((count) => {
      return { label: `NV${count}`, value: `${count} NVLink${count === 1 ? '' : 's'}` };
    }),
    ...[...new Set(paths)].map((path) => ({ label: path, value: PATHS[path] })),
  ];
}
