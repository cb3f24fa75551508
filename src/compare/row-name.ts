import { MpsbenchError } from '../errors.js';
import type { Row } from '../result/schema.js';
import { didYouMean } from '../text/did-you-mean.js';

/** Rows of one workload, of one device, or both; all rows without either. */
export interface RowName {
  readonly workload?: string;
  readonly device?: string;
}

/** Whether a name stands for a row. */
export function namesRow(
  { workload, device }: RowName,
  row: Pick<Row, 'workload' | 'device'>,
): boolean {
  return [undefined, row.workload].includes(workload) && [undefined, row.device].includes(device);
}

/** How closely it names rows. */
export function closenessOf({ workload, device }: RowName): number {
  return (workload === undefined ? 0 : 1) + (device === undefined ? 0 : 1);
}

/**
 * Reads `cnn`, `cpu:0`, `cnn@cpu:0`, or nothing for every row.
 * @param workloads the names that exist
 * @throws MpsbenchError `usage`
 */
export function parseRowName(flag: string, name: string, workloads: readonly string[]): RowName {
  if (name === '') return {};
  const [first, second, ...rest] = name.split('@');
  const isDevice = second === undefined && first.includes(':');
  const workload = isDevice ? undefined : first;
  const device = isDevice ? first : second;
  const isKnown = workload === undefined || workloads.includes(workload);
  if (rest.length > 0 || device === '' || !isKnown) {
    throw new MpsbenchError(
      'usage',
      `${flag} ${name}: there is no such workload.${didYouMean(first, workloads)}`,
      `Name a workload (${workloads.join(', ')}), a device (cpu:0), or both (${workloads[0]}@cpu:0).`,
    );
  }
  return { ...(workload !== undefined && { workload }), ...(device !== undefined && { device }) };
}
