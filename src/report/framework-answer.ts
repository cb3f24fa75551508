import { FRAMEWORKS, type FrameworkId, isIdiomatic } from '../frameworks/catalog.js';
import type { Row } from '../result/schema.js';
import { formatRate } from '../result/units.js';
import type { DeviceRecord } from './devices-document.js';

/** A framework this much faster or slower than our kernels is as fast. */
const SAME = 0.05;

/**
 * What each framework makes of the hardware: its share of what the fastest native device of the same
 * kind does in the same workload, and how its own GPU compares with its own CPU.
 * @param rows measured ones
 */
export function frameworkSentences(
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): string[] {
  return devices
    .filter((device) => isUsualMode(device, rows, devices))
    .flatMap((device) => {
      const own = rows.filter((row) => row.device === device.id);
      return [shareSentence(own, device, rows, devices), ownSpeedup(own, device, rows, devices)];
    })
    .filter((sentence) => sentence !== undefined);
}

/** `PyTorch 2.9.0 gets 42 % of what this GPU can do in add and 61 % in cnn.` */
function shareSentence(
  own: readonly Row[],
  device: DeviceRecord,
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): string | undefined {
  const shares = own.flatMap((row) => {
    const best = fastestNative(row, device, rows, devices);
    const [ours, theirs] = [best && medianOf(best), medianOf(row)];
    return ours && theirs ? [{ workload: row.workload, share: ours / theirs }] : [];
  });
  if (shares.length === 0) return undefined;
  const where = (workload: string) => (own.length > 1 ? ` in ${workload}` : '');
  const below = shares.filter(({ share }) => share <= 1 + SAME);
  const above = shares.filter(({ share }) => share > 1 + SAME);
  const percents = below.map(({ workload, share }, at) => {
    const what = at === 0 ? ` of what this ${hardware(device)} can do` : '';
    const better = bestMode(device, workload, share, rows, devices);
    return `${percentText(share)}${what}${where(workload)}${better}`;
  });
  const factors = above.map(({ workload, share }, at) => {
    const what = at === 0 ? " as fast as mpsbench's own kernels" : '';
    return `${formatRate(share)}x${what}${where(workload)}`;
  });
  const clauses = [
    ...(percents.length > 0 ? [`gets ${listed(percents)}`] : []),
    ...(factors.length > 0 ? [`is ${listed(factors)}`] : []),
  ];
  return `${nameOf(device)} ${clauses.join('; it ')}.`;
}

/** Another mode has to be this much faster to be named. */
const WORTH_NAMING = 1.1;

/** ` (graph-many: 61 %)` where another mode on the same device is clearly faster. */
function bestMode(
  device: DeviceRecord,
  workload: string,
  share: number,
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): string {
  const timeOf = ({ id }: DeviceRecord) => {
    const row = rows.find((other) => other.device === id && other.workload === workload);
    return (row && medianOf(row)) ?? Number.POSITIVE_INFINITY;
  };
  const [best] = devices
    .filter(({ id, framework }) => framework && placeOf(id) === placeOf(device.id))
    .toSorted((a, b) => timeOf(a) - timeOf(b));
  const gain = best && timeOf(device) / timeOf(best);
  if (!best?.framework || !gain || gain < WORTH_NAMING) return '';
  return ` (${best.framework.mode}: ${percentText(share * gain)})`;
}

/** Modes beside the usual one are in the table; they are mentioned here only if the usual one was not measured. */
function isUsualMode(
  device: DeviceRecord,
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): boolean {
  if (!device.framework) return false;
  const usual = devices.find(
    (other) =>
      other.framework && isIdiomatic(other.framework) && placeOf(other.id) === placeOf(device.id),
  );
  return !usual || usual === device || !rows.some((row) => row.device === usual.id);
}

/** `pytorch:cuda` of `pytorch:cuda+compile`. */
const placeOf = (id: string) => id.split('+')[0];

/** `42 %`, and `under 1 %` where dispatch is all there is. */
function percentText(share: number): string {
  return share < 0.01 ? 'under 1 %' : `${Math.min(100, Math.round(share * 100))} %`;
}

/** `Its GPU is 3.1x as fast as its CPU.` */
function ownSpeedup(
  own: readonly Row[],
  device: DeviceRecord,
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): string | undefined {
  if (device.kind === 'cpu') return undefined;
  const cpu = devices.find(
    ({ kind, backend, framework }) =>
      kind === 'cpu' && backend === device.backend && framework?.mode === device.framework?.mode,
  );
  if (!cpu) return undefined;
  const speeds = own.flatMap((row) => {
    const base = rows.find((other) => other.device === cpu.id && other.workload === row.workload);
    const [slow, fast] = [base && medianOf(base), medianOf(row)];
    if (!slow || !fast) return [];
    return [`${formatRate(slow / fast)}x${own.length > 1 ? ` in ${row.workload}` : ''}`];
  });
  if (speeds.length === 0) return undefined;
  return `${nameOf(device)} runs ${listed(speeds)} as fast on its GPU as on its CPU.`;
}

function fastestNative(
  row: Row,
  { kind }: DeviceRecord,
  rows: readonly Row[],
  devices: readonly DeviceRecord[],
): Row | undefined {
  const isSameHardware = (other: DeviceRecord) =>
    !other.framework && (kind === 'cpu') === (other.kind === 'cpu') && other.kind !== 'software';
  return rows
    .filter(({ workload, device }) => {
      const found = devices.find(({ id }) => id === device);
      return workload === row.workload && found && isSameHardware(found);
    })
    .sort((a, b) => (medianOf(a) ?? Infinity) - (medianOf(b) ?? Infinity))[0];
}

/** Wall time, which every framework has; ns per iteration. */
function medianOf({ measurement }: Row): number | undefined {
  return measurement?.wall.median;
}

/** `PyTorch 2.9.0`, and `PyTorch 2.9.0 (compile)` in a mode other than the usual one. */
function nameOf({ id, framework, kind }: DeviceRecord): string {
  if (!framework) return id;
  const { title, idiomatic } = FRAMEWORKS[framework.name as FrameworkId];
  const mode = framework.mode === idiomatic ? [] : [framework.mode];
  const where = kind === 'cpu' ? ['CPU'] : [];
  const notes = [...where, ...mode].join(', ');
  // `2.11.0` of `2.11.0+cu130`.
  const [version] = framework.version.split('+');
  return `${title} ${version}${notes && ` (${notes})`}`;
}

const hardware = ({ kind }: DeviceRecord) => (kind === 'cpu' ? 'CPU' : 'GPU');

function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
