import type { Difference } from '../result/schema.js';
import type { PlacedRow } from './pool.js';

interface Fact {
  readonly name: string;
  /** Undefined where it is not known: that is no difference. */
  value(row: PlacedRow): string | number | boolean | undefined;
}

const isCpu = ({ device, row }: PlacedRow) => (device?.kind ?? row.device.split(':')[1]) === 'cpu';
const ofCpu = (name: string, value: Fact['value']): Fact => ({
  name,
  value: (row) => (isCpu(row) ? value(row) : undefined),
});

/** Where one of these differs, times say nothing about what the user changed. */
const REFUSING: readonly Fact[] = [
  { name: 'chip', value: ({ device }) => device?.name },
  ofCpu('CPU', ({ result }) => result.host.cpu),
  { name: 'kind of device', value: ({ device }) => device?.kind },
  { name: 'GPU cores', value: ({ device }) => device?.gpuCores },
  ofCpu('CPUs', ({ result }) => result.host.logicalCpus),
  ofCpu('threads', ({ device }) => device?.threads),
  ofCpu('CPU quota', ({ result }) => result.host.cpuQuota ?? 'none'),
  ofCpu('Rosetta', ({ result }) => result.host.rosetta ?? false),
  ofCpu('architecture', ({ result }) => result.host.arch),
  { name: 'power mode', value: ({ result }) => result.conditions.before.powerMode },
  {
    name: 'power source',
    value: ({ result: { conditions } }) => {
      const { powerSource } = conditions.before;
      return powerSource === 'unknown' ? undefined : powerSource;
    },
  },
  { name: 'power saving', value: ({ result }) => result.conditions.before.powerSaving ?? 'none' },
  {
    name: 'verified',
    value: ({ row }) => (row.state !== 'measured' ? undefined : row.verification ? 'yes' : 'no'),
  },
];

/** What may have changed a time, the likeliest first. */
const EXPLAINING: readonly Fact[] = [
  { name: 'kernels', value: ({ row }) => row.kernels },
  { name: 'ops that ran elsewhere', value: (row) => fallbacksOf(row) },
  { name: 'card', value: ({ device }) => device?.uuid },
  { name: "CPUs of the card's worker", value: ({ row }) => row.pinnedCpus },
  { name: 'driver', value: ({ device }) => device?.driver },
  { name: 'API', value: ({ device }) => device?.api },
  { name: 'engine', value: ({ device }) => device?.engine },
  {
    name: 'backend',
    value: ({ device, result }) => {
      return result.backends.find(({ id }) => id === device?.backend)?.version;
    },
  },
  { name: 'mpsbench', value: ({ result }) => result.tool.version },
  { name: 'OS', value: ({ result }) => result.host.os },
  { name: 'OS build', value: ({ result }) => result.host.osBuild },
  { name: 'Linux kernel or Darwin', value: ({ result }) => result.host.kernel },
  { name: 'Node.js', value: ({ result }) => result.host.node },
  { name: 'machine', value: ({ result }) => result.host.model },
  { name: 'host CPU', value: ({ result }) => result.host.cpu },
  { name: 'host memory', value: ({ result }) => result.host.memoryBytes },
  { name: 'virtual machine', value: ({ result }) => result.host.virtualMachine ?? 'none' },
  { name: 'container', value: ({ result }) => result.host.container ?? 'none' },
  { name: 'thermal state', value: ({ result }) => result.conditions.after.thermal },
  { name: 'disturbed', value: ({ row }) => disturbancesOf(row).join(', ') || 'no' },
  { name: 'high load', value: ({ result }) => hasWarning(result.warnings, 'high-load') },
];

/** Warnings of a measurement that say that something else took part. */
const DISTURBING = ['disturbed', 'throttled', 'shared-device', 'drift', 'bimodal', 'bimodal-runs'];

/** The names of the warnings that make a row disturbed. */
export function disturbancesOf({ measurement }: PlacedRow['row']): string[] {
  const names = (measurement?.warnings ?? []).map(({ name }) => name);
  return DISTURBING.filter((name) => names.includes(name));
}

/** What forbids comparing or pooling two rows that measure the same. */
export function refusals(base: PlacedRow, now: PlacedRow): Difference[] {
  return differences(REFUSING, base, now);
}

/** Likely causes of a change: versions, kernels, and what happened meanwhile. */
export function causes(base: PlacedRow, now: PlacedRow): Difference[] {
  return [
    ...differences(EXPLAINING, base, now),
    ...environmentDifferences(base, now),
    ...detailDifferences(base, now),
    ...kernelDifferences(base, now),
  ];
}

function differences(facts: readonly Fact[], base: PlacedRow, now: PlacedRow): Difference[] {
  return facts.flatMap(({ name, value }) => difference(name, value(base), value(now)) ?? []);
}

function difference(
  fact: string,
  before: ReturnType<Fact['value']>,
  after: ReturnType<Fact['value']>,
): Difference | undefined {
  if (before === undefined || after === undefined || before === after) return undefined;
  return { fact, base: String(before), new: String(after) };
}

function hasWarning(warnings: readonly { readonly name: string }[], name: string): string {
  return warnings.some((warning) => warning.name === name) ? 'yes' : 'no';
}

/** Environment variables that can change speed; a result of an older version recorded none. */
function environmentDifferences(
  { result: base }: PlacedRow,
  { result: now }: PlacedRow,
): Difference[] {
  const [before, after] = [base.environment ?? {}, now.environment ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    return difference(name, before[name] ?? 'not set', after[name] ?? 'not set') ?? [];
  });
}

/** What a backend says about its device: versions of libraries and frameworks among it. */
function detailDifferences({ device: base }: PlacedRow, { device: now }: PlacedRow): Difference[] {
  return Object.entries(now?.details ?? {}).flatMap(([name, value]) => {
    return difference(name, base?.details[name], value) ?? [];
  });
}

function fallbacksOf({ row: { placement } }: PlacedRow): string {
  const moved = placement.filter(({ placed, requested }) => placed !== requested);
  return moved.length === 0
    ? 'none'
    : moved.map(({ op, placed }) => `${op} on ${placed}`).join(', ');
}

/** Kernels that changed, each with its ops, at most this many of them. */
const SHOWN_KERNELS = 3;

function kernelDifferences({ row: base }: PlacedRow, { row: now }: PlacedRow): Difference[] {
  const before = new Map(base.placement.map(({ op, kernel }) => [op, kernel]));
  const changed = new Map<string, { ops: string[]; base: string; new: string }>();
  for (const { op, kernel } of now.placement) {
    const old = before.get(op);
    if (old === undefined || old === kernel) continue;
    const key = JSON.stringify([old, kernel]);
    const group = changed.get(key) ?? { ops: [], base: old, new: kernel };
    group.ops.push(op);
    changed.set(key, group);
  }
  return [...changed.values()].slice(0, SHOWN_KERNELS).map(({ ops, ...kernels }) => {
    return { fact: `kernel of ${ops.join(', ')}`, ...kernels };
  });
}
