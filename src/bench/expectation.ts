import { findAppleChip } from '../host/apple-chips.js';
import type { Conditions, DeviceInfo, Row, Warning } from '../result/schema.js';

/**
 * Whether a number is normal for the chip, as a share of what its maker specifies: docs/expected.md
 * has the formula, the ranges and what they rest on.
 */
export type Expectation = NonNullable<Row['expected']>;

/** Shares below `low` have a cause; from `normal[0]` to `normal[1]` is what others measured. */
interface Range {
  readonly low: number;
  readonly normal: readonly [number, number];
}

const BANDWIDTH: Range = { low: 0.6, normal: [0.7, 0.92] };
const BANDWIDTH_ULTRA: Range = { low: 0.6, normal: [0.6, 0.88] };
/** Of cores x clock x 256 FLOP in f32. */
const MATMUL: Range = { low: 0.45, normal: [0.55, 0.83] };
/** NVIDIA's cards come nearer to their data sheets. */
const BANDWIDTH_NVIDIA: Range = { low: 0.6, normal: [0.7, 0.95] };
const MATMUL_NVIDIA: Range = { low: 0.45, normal: [0.55, 0.97] };

/** Fewer bytes may stay in a cache. */
const SMALLEST_TRAFFIC_BYTES = 512 * 2 ** 20;
/** FLOP per byte up to which the memory alone decides: every real chip needs more to be busy. */
const STREAMING_INTENSITY = 1;
/** How many times the intensity at which both limits meet makes the memory irrelevant. */
const FAR_FROM_MEMORY = 4;

/**
 * Judges one measured row; undefined if the specification is not known for certain, or where the
 * row is bound by neither memory nor matrix products.
 */
export function expectationOf(
  row: Row,
  device: DeviceInfo,
  conditions: readonly Conditions[],
): Expectation | undefined {
  const found = shareOf(row, device);
  if (!found || row.state !== 'measured') return undefined;
  const { share, limit, range } = found;
  const state = stateOf(share, range);
  const causes = state === 'low' ? causesOf(row, device, limit, conditions) : undefined;
  return { state, limit, share, normal: [...range.normal], ...(causes && { causes }) };
}

/** The rows, each with what is normal for it. */
export function withExpectations(
  rows: readonly Row[],
  devices: ReadonlyMap<string, DeviceInfo>,
  conditions: readonly Conditions[],
): Row[] {
  return rows.map((row) => {
    const device = devices.get(row.device);
    const expected = device && expectationOf(row, device, conditions);
    return expected ? { ...row, expected } : row;
  });
}

/** One warning for each row that is far from normal. */
export function expectationWarnings(rows: readonly Row[]): Warning[] {
  return rows.flatMap(({ workload, device, expected }): Warning[] => {
    if (expected?.state === 'impossible') {
      return [
        {
          name: 'above-specification',
          message: `${workload} on ${device} is faster than the chip's specification allows.`,
          advice: 'Report it with the JSON result: the specification or the clock is wrong.',
        },
      ];
    }
    if (expected?.state !== 'low') return [];
    const [low, high] = expected.normal.map((share) => Math.round(share * 100));
    const what = expected.limit === 'bandwidth' ? 'memory bandwidth' : 'arithmetic';
    return [
      {
        name: 'below-normal',
        message: `${workload} on ${device} reaches ${Math.round(expected.share * 100)} % of the chip's ${what}; ${low}-${high} % is normal.`,
        advice: `Likely causes, most likely first: ${(expected.causes ?? []).join('; ')}.`,
      },
    ];
  });
}

function stateOf(share: number, { low, normal }: Range): Expectation['state'] {
  if (share > 1) return 'impossible';
  if (share < low) return 'low';
  return share >= normal[0] && share <= normal[1] ? 'normal' : 'borderline';
}

interface Share {
  readonly share: number;
  readonly limit: Expectation['limit'];
  readonly range: Range;
}

function shareOf({ rates, work, dtype, tf32, placement }: Row, device: DeviceInfo) {
  const { peak } = device;
  const ranAlone = placement.every(({ placed }) => placed === device.id);
  if (!rates || !peak || !ranAlone || !isSpecificationSure(device)) return undefined;
  const chip = rangesOf(device);
  const intensity = work.flops / work.bytes;
  if (peak.gbPerS && intensity <= STREAMING_INTENSITY && work.bytes >= SMALLEST_TRAFFIC_BYTES) {
    return share(rates.gbPerS / peak.gbPerS, 'bandwidth', chip.bandwidth);
  }
  const gflops = peak.gflops?.f32;
  // A convolution has another normal range, which nobody has published.
  const isMatmul =
    placement.some(({ kind }) => kind === 'matmul') &&
    placement.every(({ kind }) => kind !== 'conv2d');
  if (!gflops || !peak.gbPerS || !isMatmul || dtype !== 'f32' || tf32) return undefined;
  if (intensity < (FAR_FROM_MEMORY * gflops) / peak.gbPerS) return undefined;
  return share(rates.gflops / gflops, 'arithmetic', chip.matmul);
}

const share = (value: number, limit: Share['limit'], range: Range): Share => ({
  share: value,
  limit,
  range,
});

/** Chips of one name are sold with different memories and core counts: their number must be known. */
function isSpecificationSure({ name, kind, gpuCores }: DeviceInfo): boolean {
  if (kind === 'cpu' || kind === 'software') return false;
  return !findAppleChip(name) || gpuCores !== undefined;
}

function rangesOf({ name }: DeviceInfo): { bandwidth: Range; matmul: Range } {
  if (!name.startsWith('Apple')) return { bandwidth: BANDWIDTH_NVIDIA, matmul: MATMUL_NVIDIA };
  return { bandwidth: / Ultra\b/.test(name) ? BANDWIDTH_ULTRA : BANDWIDTH, matmul: MATMUL };
}

/** What was seen comes before what is merely likely. */
function causesOf(
  { measurement }: Row,
  { backend, name }: DeviceInfo,
  limit: Expectation['limit'],
  conditions: readonly Conditions[],
): string[] {
  const readings = measurement?.telemetry?.blocks ?? [];
  const isHot = conditions.some(
    ({ thermalPressure = 'nominal', speedLimit = 1 }) =>
      thermalPressure !== 'nominal' || speedLimit < 1,
  );
  const isThrottled = readings.some(({ throttling = [] }) => throttling.length > 0);
  const isShared = readings.some(({ otherProcesses = 0 }) => otherProcesses > 0);
  const isSaving = conditions.some(({ powerSaving }) => powerSaving === 'mode');
  const onBattery = conditions.some(({ powerSource }) => powerSource === 'battery');
  const isApple = name.startsWith('Apple');
  const causes: { seen: boolean; text: string | undefined }[] = [
    { seen: isSaving, text: isSaving ? 'low power mode is on' : powerMode(name) },
    {
      seen: isHot || isThrottled,
      text: isHot || isThrottled ? 'the chip was slowed by heat or its power limit' : 'heat',
    },
    {
      seen: isShared,
      text: isShared ? 'other processes held the GPU' : 'another program that uses the GPU',
    },
    {
      seen: false,
      text:
        backend === 'metal' && limit === 'arithmetic'
          ? 'MPSGraph chose a slow matrix kernel in this process: repeat it with several --runs'
          : undefined,
    },
    {
      seen: onBattery,
      text: onBattery ? 'the machine ran on battery' : isApple ? 'battery power' : undefined,
    },
  ];
  return causes
    .toSorted((left, right) => Number(right.seen) - Number(left.seen))
    .flatMap(({ text }) => text ?? []);
}

/** An M5 Max lowers its GPU clock in automatic mode while its thermal state stays nominal. */
function powerMode(name: string): string {
  return /^Apple M5 (?:Max|Pro)\b/.test(name)
    ? 'the energy mode: choose High Power in System Settings > Battery, since automatic lowers the GPU clock of this chip'
    : 'a power mode that limits the clocks';
}
