import type {
  ComparedRow,
  DevicesResult,
  Finding,
  FleetRecord,
  Result,
  Row,
  WatchPoint,
  WatchRecord,
} from '../result/schema.js';
import { findWorkload, WORKLOADS } from '../workloads/registry.js';
import type { Params } from '../workloads/types.js';
import { readingRange, type Sensor } from './telemetry.js';
import { printable } from './text.js';

type Value = string | number | boolean | undefined;

/** What every line says of its result; a comparison has two of them, and no host of its own. */
type Origin = Pick<Result, 'startedAt' | 'tool'> & Partial<Pick<DevicesResult, 'host' | 'devices'>>;

interface Field<T> {
  readonly name: string;
  value(row: T, result: Origin): Value;
}

type DeviceRow = DevicesResult['devices'][number];

/**
 * What every line says of its result, so that lines of many files can be put together. A column
 * never changes its name; new ones are added at the end.
 */
const ORIGIN_FIELDS: readonly Field<unknown>[] = [
  { name: 'started_at', value: (_, { startedAt }) => startedAt },
  { name: 'version', value: (_, { tool }) => tool.version },
  { name: 'host_os', value: (_, { host }) => host?.os },
  { name: 'host_cpu', value: (_, { host }) => host?.cpu },
];

/** One column for each parameter of a workload: `param_batch`. */
const PARAMETER_FIELDS: readonly Field<Row>[] = [
  ...new Set(WORKLOADS.flatMap(({ presets }) => Object.keys(presets.default))),
].map((name) => ({
  name: `param_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
  value: ({ params }) => {
    const value = params[name];
    return typeof value === 'object' ? value.join('x') : value;
  },
}));

/** The columns of a bench. Times are nanoseconds per iteration. */
const BENCH_FIELDS: readonly Field<Row>[] = [
  { name: 'workload', value: (row) => row.workload },
  { name: 'params', value: (row) => JSON.stringify(row.params) },
  { name: 'preset', value: (row) => row.preset },
  { name: 'dtype', value: (row) => row.dtype },
  { name: 'device', value: (row) => row.device },
  { name: 'engine', value: (row) => row.engine },
  { name: 'mode', value: (row) => row.mode },
  { name: 'state', value: (row) => row.state },
  { name: 'verified', value: (row) => row.verification?.ok },
  { name: 'wall_median_ns', value: (row) => row.measurement?.wall.median },
  { name: 'wall_low_ns', value: (row) => row.measurement?.wall.interval?.[0] },
  { name: 'wall_high_ns', value: (row) => row.measurement?.wall.interval?.[1] },
  { name: 'wall_min_ns', value: (row) => row.measurement?.wall.min },
  { name: 'wall_max_ns', value: (row) => row.measurement?.wall.max },
  { name: 'wall_mean_ns', value: (row) => row.measurement?.wall.mean },
  { name: 'wall_p90_ns', value: (row) => row.measurement?.wall.p90 },
  { name: 'wall_noise', value: (row) => row.measurement?.wall.noise },
  { name: 'device_median_ns', value: (row) => row.measurement?.device?.median },
  { name: 'device_low_ns', value: (row) => row.measurement?.device?.interval?.[0] },
  { name: 'device_high_ns', value: (row) => row.measurement?.device?.interval?.[1] },
  { name: 'device_noise', value: (row) => row.measurement?.device?.noise },
  { name: 'samples', value: (row) => row.measurement?.wall.samples },
  { name: 'iterations_per_sample', value: (row) => row.measurement?.iterationsPerSample },
  { name: 'stopped_by', value: (row) => row.measurement?.stoppedBy },
  { name: 'rate_clock', value: (row) => row.rates?.clock },
  { name: 'items_per_s', value: (row) => row.rates?.itemsPerS },
  { name: 'item_unit', value: (row) => row.work.itemUnit },
  { name: 'gflops', value: (row) => row.rates?.gflops },
  { name: 'gb_per_s', value: (row) => row.rates?.gbPerS },
  { name: 'roofline_share', value: (row) => row.rates?.rooflineShare },
  { name: 'speedup', value: (row) => row.speedup?.value },
  { name: 'speedup_low', value: (row) => row.speedup?.interval?.[0] },
  { name: 'speedup_high', value: (row) => row.speedup?.interval?.[1] },
  { name: 'speedup_over', value: (row) => row.speedup?.over },
  { name: 'fallback_ops', value: (row) => fallbacks(row) },
  { name: 'warnings', value: (row) => row.measurement?.warnings.map(({ name }) => name).join(' ') },
  { name: 'error_code', value: (row) => row.error?.code },
  { name: 'error', value: (row) => row.error?.message },
  { name: 'reproduce', value: (row) => row.reproduce },
  { name: 'tf32', value: (row) => row.tf32 },
  { name: 'clock_mhz_min', value: (row) => readingsOf(row, 'clockMHz')?.low },
  { name: 'clock_mhz_max', value: (row) => readingsOf(row, 'clockMHz')?.high },
  { name: 'temperature_c_max', value: (row) => readingsOf(row, 'temperatureC')?.high },
  { name: 'power_w_max', value: (row) => readingsOf(row, 'powerW')?.high },
  { name: 'utilisation_max', value: (row) => readingsOf(row, 'utilisation')?.high },
  {
    name: 'joules_per_iteration',
    value: (row) => row.measurement?.telemetry?.energy?.joulesPerIteration,
  },
  { name: 'throttled_samples', value: (row) => throttledSamples(row) },
  { name: 'disturbed', value: (row) => row.measurement?.disturbance?.unreliable },
  { name: 'off_cpu_share', value: (row) => row.measurement?.disturbance?.offCpu },
  { name: 'size', value: scaleOf },
  { name: 'point', value: ({ point }) => point && JSON.stringify(point) },
  { name: 'kernels', value: (row) => row.kernels },
  { name: 'device_name', value: (row, result) => deviceOf(row, result)?.name },
  { name: 'device_engine', value: (row, result) => deviceOf(row, result)?.engine },
  { name: 'runs', value: (row) => row.measurement?.runs.length },
  {
    name: 'cpu_joules_per_iteration',
    value: (row) => row.measurement?.telemetry?.rails?.cpu?.joulesPerIteration,
  },
  {
    name: 'memory_joules_per_iteration',
    value: (row) => row.measurement?.telemetry?.rails?.memory?.joulesPerIteration,
  },
  ...ORIGIN_FIELDS,
  ...PARAMETER_FIELDS,
];

/** The size that memory grows with; empty for a workload, or sizes, of another version. */
function scaleOf({ workload, params }: Row): number | undefined {
  const found = findWorkload(workload);
  const isKnown = Object.entries(found?.presets.default ?? {}).every(([name, value]) => {
    const own = params[name];
    return typeof own === typeof value && Array.isArray(own) === Array.isArray(value);
  });
  return isKnown ? found?.scale.get(params as Params) : undefined;
}

const DEVICE_FIELDS: readonly Field<DeviceRow>[] = [
  { name: 'device', value: (device) => device.id },
  { name: 'backend', value: (device) => device.backend },
  { name: 'name', value: (device) => device.name },
  { name: 'kind', value: (device) => device.kind },
  { name: 'vendor', value: (device) => device.vendor },
  { name: 'driver', value: (device) => device.driver },
  { name: 'api', value: (device) => device.api },
  { name: 'memory_bytes', value: (device) => device.memoryBytes },
  { name: 'max_buffer_bytes', value: (device) => device.maxBufferBytes },
  { name: 'dtypes', value: (device) => device.dtypes.join(' ') },
  { name: 'engine', value: (device) => device.engine },
  { name: 'threads', value: (device) => device.threads },
  ...ORIGIN_FIELDS,
];

const FINDING_FIELDS: readonly Field<Finding>[] = [
  { name: 'group', value: ({ group }) => group },
  { name: 'check', value: ({ check }) => check },
  { name: 'state', value: ({ state }) => state },
  { name: 'subject', value: ({ subject }) => subject },
  { name: 'message', value: ({ message }) => message },
  { name: 'fix', value: ({ fixes }) => fixes[0]?.text },
  { name: 'command', value: ({ fixes }) => fixes.find(({ command }) => command)?.command },
  { name: 'rule', value: ({ rule }) => rule },
  { name: 'confidence', value: ({ confidence }) => confidence },
  { name: 'sources', value: ({ sources }) => sources.join('; ') },
  { name: 'framework', value: ({ framework }) => framework?.name },
  { name: 'framework_version', value: ({ framework }) => framework?.version },
  { name: 'reaches_gpu', value: ({ framework }) => framework?.gpu },
  ...ORIGIN_FIELDS,
];

const COMPARED_FIELDS: readonly Field<ComparedRow>[] = [
  { name: 'workload', value: (row) => row.workload },
  { name: 'params', value: (row) => JSON.stringify(row.params) },
  { name: 'dtype', value: (row) => row.dtype },
  { name: 'tf32', value: (row) => row.tf32 },
  { name: 'device', value: (row) => row.device },
  { name: 'kernels', value: (row) => row.kernels },
  { name: 'mode', value: (row) => row.mode },
  { name: 'verdict', value: (row) => row.verdict },
  { name: 'base_ns', value: (row) => row.base?.timeNs },
  { name: 'new_ns', value: (row) => row.new?.timeNs },
  { name: 'time_ratio', value: (row) => row.timeRatio?.value },
  { name: 'time_ratio_low', value: (row) => row.timeRatio?.interval?.[0] },
  { name: 'time_ratio_high', value: (row) => row.timeRatio?.interval?.[1] },
  { name: 'tolerance', value: (row) => row.tolerance },
  { name: 'tolerance_from', value: (row) => row.toleranceFrom },
  { name: 'base_runs', value: (row) => row.base?.runs },
  { name: 'new_runs', value: (row) => row.new?.runs },
  { name: 'confirmed', value: (row) => row.confirmed },
  {
    name: 'differences',
    value: (row) => row.differences.map((d) => `${d.fact}: ${d.base} -> ${d.new}`).join('; '),
  },
  { name: 'why', value: (row) => row.why },
  { name: 'reproduce', value: (row) => row.reproduce },
];

interface FleetLine {
  readonly host: FleetRecord['hosts'][number];
  readonly outlier?: FleetRecord['outliers'][number];
}

/** A line per odd row, and one per host that has none. */
function fleetLines({ hosts, outliers }: FleetRecord): FleetLine[] {
  return hosts.flatMap((host): FleetLine[] => {
    const own = outliers.filter((outlier) => outlier.host === host.name);
    return own.length > 0 ? own.map((outlier) => ({ host, outlier })) : [{ host }];
  });
}

const FLEET_FIELDS: readonly Field<FleetLine>[] = [
  { name: 'host', value: ({ host }) => host.name },
  { name: 'state', value: ({ host }) => host.state },
  { name: 'why', value: ({ host }) => host.why },
  { name: 'source', value: ({ host }) => host.source },
  { name: 'device', value: ({ outlier }) => outlier?.device },
  { name: 'workload', value: ({ outlier }) => outlier?.workload },
  { name: 'sizes', value: ({ outlier }) => outlier?.sizes },
  { name: 'dtype', value: ({ outlier }) => outlier?.dtype },
  { name: 'time_ns', value: ({ outlier }) => outlier?.timeNs },
  { name: 'group_median_ns', value: ({ outlier }) => outlier?.groupMedianNs },
  { name: 'change', value: ({ outlier }) => outlier?.change },
  { name: 'z', value: ({ outlier }) => outlier?.z },
  { name: 'causes', value: ({ outlier }) => outlier?.causes.join('; ') },
];

interface WatchLine {
  readonly point: WatchPoint;
  readonly device?: string;
  readonly use?: WatchPoint['devices'][number];
}

/** A line per device of each period; one without a device if there is none. */
function watchLines({ devices }: WatchRecord) {
  return (point: WatchPoint): WatchLine[] =>
    devices.length === 0
      ? [{ point }]
      : devices.map(({ id }, i) => ({ point, device: id, use: point.devices[i] }));
}

const WATCH_FIELDS: readonly Field<WatchLine>[] = [
  { name: 'at_s', value: ({ point }) => point.atS },
  { name: 'device', value: ({ device }) => device },
  { name: 'used', value: ({ use }) => use?.used },
  { name: 'busy', value: ({ use }) => use?.busy },
  { name: 'clock_mhz', value: ({ use }) => use?.clockMHz },
  { name: 'power_w', value: ({ use }) => use?.powerW },
  { name: 'device_memory_bytes', value: ({ use }) => use?.memoryBytes },
  { name: 'device_memory_all_bytes', value: ({ use }) => use?.deviceMemoryBytes },
  { name: 'cpus', value: ({ point }) => point.cpus },
  { name: 'memory_bytes', value: ({ point }) => point.memoryBytes },
];

/**
 * RFC 4180: one line per row of the bench, device, or finding; lines end with CR LF. No raw
 * samples.
 */
export function renderCsv(result: Result): string {
  switch (result.command) {
    case 'bench':
      return lines(BENCH_FIELDS, result.rows, result);
    case 'devices':
      return lines(DEVICE_FIELDS, result.devices, result);
    case 'verify':
      return lines(FINDING_FIELDS, result.findings, result);
    case 'compare':
      return lines(COMPARED_FIELDS, result.rows, result);
    case 'fleet':
      return lines(FLEET_FIELDS, fleetLines(result), result);
    case 'watch':
      return lines(WATCH_FIELDS, result.timeline.flatMap(watchLines(result)), {
        startedAt: result.startedAt,
        tool: result.tool,
        host: result.host,
      });
    default:
      return result satisfies never;
  }
}

function lines<T>(fields: readonly Field<T>[], rows: readonly T[], result: Origin): string {
  const header = fields.map(({ name }) => name);
  const body = rows.map((row) => fields.map(({ value }) => quote(value(row, result))));
  return [header, ...body].map((line) => `${line.join(',')}\r\n`).join('');
}

function quote(value: Value): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? inert(printable(value)) : String(value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would run text that begins like a formula; an apostrophe makes it plain text. */
function inert(text: string): string {
  return /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
}

function readingsOf({ measurement }: Row, sensor: Sensor) {
  return measurement?.telemetry && readingRange(measurement.telemetry, sensor);
}

/** Empty for a device without sensors. */
function throttledSamples({ measurement }: Row): number | undefined {
  if (!measurement?.telemetry) return undefined;
  return measurement.samples.filter(({ throttling }) => throttling !== undefined).length;
}

function deviceOf({ device }: Row, { devices = [] }: Origin): DeviceRow | undefined {
  return devices.find(({ id }) => id === device);
}

function fallbacks({ placement }: Row): number {
  return placement.filter(({ requested, placed }) => requested !== placed).length;
}
