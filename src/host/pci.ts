import type { DeviceInfo } from '../result/schema.js';
import type { HostSource } from './source.js';

/** Where a PCIe card is, as Linux tells it. */
export interface PciPlace {
  /** Undefined on machines with a single node that does not say so (-1). */
  readonly numaNode?: number;
  /** CPUs of its node, for example `0-31,64-95`. */
  readonly nearCpus?: string;
  /** Bridges from the root to the card, the card last: `pci0000:00`, `0000:00:01.0`, ... */
  readonly path: readonly string[];
}

/** The place of a card; undefined elsewhere than on Linux, or where sysfs does not know it. */
export async function pciPlace(
  pciId: string,
  source: Pick<HostSource, 'platform' | 'readFile' | 'realPath'>,
): Promise<PciPlace | undefined> {
  if (source.platform !== 'linux' || !/^[0-9a-f:.]+$/i.test(pciId)) return undefined;
  const folder = `/sys/bus/pci/devices/${pciId.toLowerCase()}`;
  const path = await source.realPath(folder);
  if (path === undefined) return undefined;
  const node = Number((await source.readFile(`${folder}/numa_node`))?.trim() || -1);
  const nearCpus = (await source.readFile(`${folder}/local_cpulist`))?.trim();
  return {
    ...(node >= 0 && { numaNode: node }),
    ...(nearCpus && { nearCpus }),
    path: path.split('/').filter((part) => /^(pci)?[0-9a-f]{4,8}:[0-9a-f]{2}/i.test(part)),
  };
}

/** What data between two cards passes over PCIe, in the terms of `nvidia-smi topo` in words. */
export function pciConnection(a: PciPlace, b: PciPlace): string {
  if (a.numaNode !== undefined && b.numaNode !== undefined && a.numaNode !== b.numaNode) {
    return 'across NUMA nodes (SYS)';
  }
  const shared = a.path.findIndex((part, depth) => part !== b.path[depth]);
  // The root complex comes first, then the root port; what is shared below is a switch.
  if (shared === 0) return 'across PCIe host bridges (NODE)';
  return shared <= 1 ? 'through a PCIe host bridge (PHB)' : 'through a PCIe switch (PIX or PXB)';
}

/**
 * Adds to each card its NUMA node, the CPUs near it, and what lies between it and other cards on PCIe. NVLink
 * is not part of it.
 */
export async function withPciPlaces(
  devices: readonly DeviceInfo[],
  source: Pick<HostSource, 'platform' | 'readFile' | 'realPath'>,
): Promise<DeviceInfo[]> {
  const places = await Promise.all(
    devices.map(async ({ details }) => {
      const pciId = details['PCI id'];
      return typeof pciId === 'string' ? pciPlace(pciId, source) : undefined;
    }),
  );
  return devices.map((device, index) => {
    const place = places[index];
    if (!place) return device;
    const others = devices.flatMap(({ id }, other) => {
      const there = places[other];
      return other !== index && there
        ? [[`PCIe to ${id}`, pciConnection(place, there)] as const]
        : [];
    });
    const details = {
      ...device.details,
      ...(place.numaNode !== undefined && { 'NUMA node': place.numaNode }),
      ...(place.nearCpus && { 'CPUs nearby': place.nearCpus }),
      ...Object.fromEntries(others),
    };
    return { ...device, details };
  });
}
