import { z } from 'zod';
import { SCHEMA_VERSION } from '../result/version.js';
import { wantedBy } from './skim-json.js';

/**
 * What a fleet needs of a result, and nothing else: with ten thousand hosts, samples and placements
 * must not stay in memory.
 */
const summary = z.object({ median: z.number().positive() });

const device = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  driver: z.string().optional(),
  gpuCores: z.number().optional(),
  threads: z.number().optional(),
});

const conditions = z.object({
  powerSource: z.string().optional(),
  powerMode: z.string().optional(),
  thermal: z.string().optional(),
  thermalPressure: z.string().optional(),
  speedLimit: z.number().optional(),
});

/** A size, or a shape: what is nested is none, and could be nested too deeply to be written. */
const scalar = z.union([z.number(), z.string(), z.boolean(), z.null()]);

const row = z.object({
  workload: z.string(),
  params: z.record(z.string(), z.union([scalar, z.array(scalar)])),
  dtype: z.string(),
  tf32: z.boolean().optional(),
  mode: z.string(),
  kernels: z.string().optional(),
  engine: z.string().optional(),
  device: z.string(),
  state: z.string(),
  error: z.object({ message: z.string() }).optional(),
  measurement: z
    .object({
      wall: summary,
      device: summary.optional(),
      warnings: z.array(z.object({ name: z.string() })).default([]),
    })
    .optional(),
});

const bench = z.object({
  schema: z.literal(SCHEMA_VERSION),
  command: z.literal('bench'),
  startedAt: z.string(),
  tool: z.object({ version: z.string() }),
  host: z.object({
    name: z.string().optional(),
    os: z.string(),
    kernel: z.string(),
    cpu: z.string(),
    logicalCpus: z.number(),
    memoryBytes: z.number(),
    cpuQuota: z.number().optional(),
  }),
  conditions: z.object({ before: conditions, after: conditions }),
  devices: z.array(device),
  rows: z.array(row),
  error: z.object({ message: z.string() }).optional(),
});

type Bench = z.infer<typeof bench>;

/** What `hostResultOf` looks at. */
export const WANTED = wantedBy(bench);

/** One row of one host. */
export interface FleetRow {
  readonly workload: string;
  readonly device: string;
  readonly state: string;
  /** Why it does not count. */
  readonly error?: string;
  /** Median per iteration, in nanoseconds, by the clock that `clock` names. */
  readonly timeNs?: number;
  readonly clock?: 'wall' | 'device';
  /** What like rows share: see `groupKey`. */
  readonly key: string;
  readonly group: FleetGroupFacts;
  /** Facts that may explain a time, by name. */
  readonly facts: Readonly<Record<string, string>>;
  /** Names of the warnings of its measurement. */
  readonly warnings: readonly string[];
}

/** What the machines and rows of one group have in common. */
export interface FleetGroupFacts {
  readonly chip: string;
  readonly cores?: number;
  readonly memoryBytes: number;
  readonly workload: string;
  readonly sizes: string;
  readonly dtype: string;
  readonly mode: string;
  readonly kernels?: string;
}

/** What a fleet keeps of a result. */
export interface HostResult {
  /** The host's own name. */
  readonly host?: string;
  readonly startedAt: string;
  /** Why the host measured nothing. */
  readonly error?: string;
  readonly rows: readonly FleetRow[];
}

export interface Reading extends HostResult {
  /** The host's own name, else that of the file. */
  readonly host: string;
  readonly source: string;
}

/** @param source the file, and where it holds several the line: `results.jsonl:7` */
export function readingOf(result: HostResult, source: string): Reading {
  return { ...result, host: result.host ?? fileLabel(source), source };
}

/**
 * Takes from a parsed result what a fleet needs.
 * @returns why it is no result of `bench`, as the end of a sentence, where it is none
 */
export function hostResultOf(value: unknown): HostResult | string {
  const parsed = bench.safeParse(value);
  if (!parsed.success) return reasonOf(value);
  const { host, startedAt, error } = parsed.data;
  return {
    ...(host.name !== undefined && { host: host.name }),
    startedAt,
    ...(error && { error: error.message }),
    rows: rowsOf(parsed.data),
  };
}

function reasonOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('schema' in value)) {
    return 'is not a result of mpsbench';
  }
  if (value.schema !== SCHEMA_VERSION) {
    return `has schema version ${JSON.stringify(value.schema)?.slice(0, 20)}; this mpsbench reads version ${SCHEMA_VERSION}`;
  }
  const command = 'command' in value ? String(value.command).slice(0, 20) : 'none';
  return command === 'bench' ? 'is a damaged result' : `is a result of "${command}", not of bench`;
}

function rowsOf(result: Bench): FleetRow[] {
  const devices = new Map(result.devices.map((device) => [device.id, device]));
  const ids = new Set(result.rows.map(({ device }) => device));
  const facts = new Map([...ids].map((id) => [id, explaining(result, devices.get(id))]));
  return result.rows.map((own) => {
    const { workload, device: id, state, error, measurement } = own;
    const clock = measurement?.device ? 'device' : 'wall';
    const group = groupOf(own, result, devices.get(id));
    return {
      workload,
      device: id,
      state,
      ...(error && { error: error.message }),
      ...(measurement && { timeNs: (measurement.device ?? measurement.wall).median, clock }),
      key: JSON.stringify([group, id, clock]),
      group,
      facts: facts.get(id) ?? {},
      warnings: measurement?.warnings.map(({ name }) => name) ?? [],
    };
  });
}

function groupOf(
  { workload, params, dtype, tf32, mode, kernels }: Bench['rows'][number],
  { host }: Bench,
  device: Bench['devices'][number] | undefined,
): FleetGroupFacts {
  const isCpu = !device || device.kind === 'cpu';
  const cores = isCpu ? (host.cpuQuota ?? host.logicalCpus) : device.gpuCores;
  return {
    chip: isCpu ? host.cpu : device.name,
    ...(cores !== undefined && { cores }),
    memoryBytes: roundedMemory(host.memoryBytes),
    workload,
    sizes: sizesOf(params),
    dtype: tf32 ? 'tf32' : dtype,
    mode,
    ...(kernels !== undefined && { kernels }),
  };
}

/** Like machines report a few MiB more or less, by their firmware. */
function roundedMemory(bytes: number): number {
  const gibibyte = 2 ** 30;
  return bytes < gibibyte ? bytes : Math.round(bytes / gibibyte) * gibibyte;
}

function sizesOf(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .filter(([name]) => name !== 'learningRate' && name !== 'data')
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('x') : value}`)
    .sort()
    .join(', ');
}

function explaining(
  { host, tool, conditions: { before, after } }: Bench,
  device: Bench['devices'][number] | undefined,
): Record<string, string> {
  const facts: Record<string, string | number | undefined> = {
    'power mode': before.powerMode,
    'power source': before.powerSource === 'unknown' ? undefined : before.powerSource,
    'thermal state': after.thermal ?? after.thermalPressure,
    'CPU speed limit': after.speedLimit,
    driver: device?.driver,
    threads: device?.threads,
    OS: host.os,
    kernel: host.kernel,
    mpsbench: tool.version,
  };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}

/** `node7` of `results/node7.json`. */
function fileLabel(source: string): string {
  const [name = source] = source.split(/[\\/]/).slice(-1);
  return name.replace(/\.jsonl?$/, '');
}
