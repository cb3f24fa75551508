import { type HostSource, systemSource } from '../host/source.js';
import { meaningOfXid, readXids, xidsOf } from '../host/xid.js';
import type { DeviceInfo, Row } from '../result/schema.js';

/** What a card that failed may end in. */
const LOST: readonly string[] = ['device_lost', 'worker_crashed', 'worker_timeout'];

/**
 * Names the state of NVIDIA cards that were lost while they were measured, by what their driver logged.
 * @param sinceS when the command began, in seconds since boot
 */
export async function withXids(
  rows: readonly Row[],
  devices: ReadonlyMap<string, DeviceInfo>,
  sinceS: number,
  source: Pick<HostSource, 'exec'> = systemSource,
): Promise<Row[]> {
  const pciIdOf = ({ device, error }: Row): string | undefined => {
    return LOST.includes(error?.code ?? '') ? devices.get(device)?.pciId : undefined;
  };
  if (!rows.some(pciIdOf)) return [...rows];
  const xids = await readXids(source);
  return rows.map((row) => {
    const pciId = pciIdOf(row);
    // The first names the cause; later ones follow from it.
    const [first] = pciId === undefined ? [] : xidsOf(xids, pciId, sinceS);
    if (!first || !row.error) return row;
    const { what, advice } = meaningOfXid(first.code);
    const message = `${row.error.message} NVIDIA's driver logged Xid ${first.code}: ${what}.`;
    return { ...row, error: { ...row.error, message, advice } };
  });
}
