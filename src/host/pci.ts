import type { DeviceInfo } from '../result/schema.js';
import type { HostSource } from './source.js';

type PciSource = Pick<HostSource, 'platform' | 'readFile'>;
type PciPlace = Pick<DeviceInfo, 'numaNode' | 'nearCpus'>;

/**
 * The NUMA node of a PCIe card and the CPUs near it, as Linux tells them; without what it does not tell: a
 * machine with a single node says -1.
 */
export async function pciPlace(pciId: string, source: PciSource): Promise<PciPlace> {
  if (source.platform !== 'linux' || !/^[0-9a-f:.]+$/i.test(pciId)) return {};
  const folder = `/sys/bus/pci/devices/${pciId.toLowerCase()}`;
  const node = Number((await source.readFile(`${folder}/numa_node`))?.trim() || -1);
  const nearCpus = (await source.readFile(`${folder}/local_cpulist`))?.trim();
  return { ...(node >= 0 && { numaNode: node }), ...(nearCpus && { nearCpus }) };
}

/** Adds to each card its NUMA node and the CPUs near it. */
export function withPciPlaces(
  devices: readonly DeviceInfo[],
  source: PciSource,
): Promise<DeviceInfo[]> {
  return Promise.all(
    devices.map(async (device) =>
      device.pciId === undefined
        ? device
        : { ...device, ...(await pciPlace(device.pciId, source)) },
    ),
  );
}
