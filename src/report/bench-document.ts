import type { BenchResult, Conditions, Row } from '../result/schema.js';
import { formatBytes } from '../result/units.js';
import { answerOf } from './answer.js';
import type { DeviceRecord } from './devices-document.js';
import { engineOf, KIND_LABELS, unavailableBlocks } from './devices-document.js';
import type { Block, Document, Facts } from './document.js';
import { expectationFacts } from './expectation.js';
import { gateAnswer, gateDetails } from './gate-blocks.js';
import { placementTable } from './placement-table.js';
import { programBlocks } from './programs-table.js';
import { sweepBlocks } from './sweep/sweep-blocks.js';
import { telemetryFacts } from './telemetry.js';
import { timingTable } from './timing-table.js';
import { verifyHint } from './verify-hint.js';
import { warningBlocks } from './warnings-section.js';

export interface BenchDocumentOptions {
  /** The result is in a file already. */
  readonly saved?: boolean;
  /** Also the machine, device times, sensors, and every op's placement. */
  readonly details?: boolean;
}

/** What `mpsbench bench` says: the answer, then the tables behind it. */
export function benchDocument(
  result: BenchResult,
  { saved = false, details = false }: BenchDocumentOptions = {},
): Document {
  const { rows, devices, reproduce, error } = result;
  const usedIds = new Set(rows.flatMap(devicesOf));
  const used = devices.filter(({ id }) => usedIds.has(id));
  const hasGpu = used.some(({ kind }) => kind !== 'cpu');
  const software = softwareOf(result);
  const answer = answerOf(result);
  return [
    ...(answer ? [{ kind: 'text', text: answer } as const] : []),
    ...gateAnswer(result),
    ...(error ? [errorNote(error)] : []),
    ...(result.sweeps ?? []).flatMap((sweep) => sweepBlocks(sweep, result, details)),
    ...groupsOf(rows.filter(({ point }) => !point)).flatMap((group) => {
      return workloadBlocks(group, software, reproduce, details);
    }),
    ...placementSummary(rows, details),
    // An error names the backends that are missing by itself.
    ...(hasGpu || error ? [] : unavailableBlocks(result.backends)),
    ...gateDetails(result, details),
    ...warningBlocks(result.warnings, rows),
    ...(details ? [{ kind: 'heading', level: 1, text: 'System' } as const] : []),
    details ? machineFacts(result, used) : systemLine(result),
    {
      kind: 'facts',
      facts: [
        ...verifyHint(
          hasGpu ? [] : result.backends,
          used,
          rows.some(({ state }) => state === 'wrong' || state === 'implausible'),
        ),
        { label: 'Reproduce', value: reproduce, code: true },
        ...(saved ? [] : [{ label: 'Save', value: SAVE }]),
      ],
    },
  ];
}

/** Ids of the devices that are a GPU interface on the CPU. */
export function softwareOf({ devices }: BenchResult): ReadonlySet<string> {
  return new Set(devices.filter(({ kind }) => kind === 'software').map(({ id }) => id));
}

/** One line where every op ran where it should; the tables of the others follow their workload. */
function placementSummary(rows: readonly Row[], details: boolean): Block[] {
  const placed = rows.filter(({ placement }) => placement.length > 0);
  if (details || placed.length === 0 || !placed.every((row) => !needsPlacement(row, false))) {
    return [];
  }
  return [
    { kind: 'text', text: 'Placement: every op ran where requested (--details lists them).' },
  ];
}

/** Its placement is worth a table: an op ran elsewhere, or ops were timed one by one. */
function needsPlacement({ placement }: Row, details: boolean): boolean {
  return (
    details ||
    placement.some(({ placed, requested, wallNs, deviceNs }) => {
      return placed !== requested || wallNs !== undefined || deviceNs !== undefined;
    })
  );
}

function systemLine({ host, conditions }: BenchResult): Facts {
  const cpus = `${host.logicalCpus} CPU${host.logicalCpus === 1 ? '' : 's'}`;
  const load = conditionsText(conditions.before, conditions.after);
  return {
    kind: 'facts',
    facts: [{ label: 'System', value: `${host.cpu}, ${cpus}, ${host.os}; ${load}` }],
  };
}

const SAVE = 'add --json FILE; mpsbench report FILE shows it again';

function errorNote({ message, advice }: NonNullable<BenchResult['error']>): Block {
  return { kind: 'note', tone: 'bad', text: message, ...(advice && { advice }) };
}

/** The device that was asked for, and those that ran its ops. */
function devicesOf({ device, placement }: Row): string[] {
  return [device, ...placement.map(({ placed }) => placed)];
}

/** The host, its conditions, and the devices. */
export function machineFacts(
  { host, conditions }: BenchResult,
  used: readonly DeviceRecord[],
): Facts {
  const cores = (host.cores ?? []).map(({ kind, count }) => `${count} ${kind}`).join(' + ');
  const cpus = `${host.logicalCpus} logical CPU${host.logicalCpus === 1 ? '' : 's'}`;
  const known = cores && `${cpus} (${cores})`;
  const memory = `${formatBytes(host.memoryBytes)} memory`;
  const virtual = host.virtualMachine ? [`virtual (${host.virtualMachine})`] : [];
  return {
    kind: 'facts',
    facts: [
      { label: 'host', value: [host.cpu, known || cpus, memory, host.os, ...virtual].join(', ') },
      { label: 'conditions', value: conditionsText(conditions.before, conditions.after) },
      ...used.map((device) => ({ label: device.id, value: deviceText(device) })),
    ],
  };
}

function deviceText(device: DeviceRecord): string {
  const { name, kind, driver } = device;
  return [name, KIND_LABELS[kind], engineOf(device), driver].filter(Boolean).join(', ');
}

const POWER_LABELS = {
  mains: 'on AC power',
  battery: 'on battery',
  unknown: undefined,
} as const satisfies Record<Conditions['powerSource'], string | undefined>;

function conditionsText(before: Conditions, after: Conditions): string {
  const load =
    before.load1 === undefined
      ? undefined
      : `load ${before.load1.toFixed(1)}${after.load1 === undefined ? '' : `-${after.load1.toFixed(1)}`}`;
  const mhz = after.cpuMhz && `CPU at ${Math.round(after.cpuMhz).toLocaleString('en-US')} MHz`;
  const power = POWER_LABELS[before.powerSource];
  const thermal = after.thermal && `thermal state ${after.thermal}`;
  const known = [load, power, before.powerMode, thermal, mhz].filter(Boolean);
  return known.length > 0 ? known.join(', ') : 'unknown';
}

/** Neighbouring rows of the same workload, sizes, dtype and mode belong together. */
export function groupsOf(rows: readonly Row[]): Row[][] {
  const found: Row[][] = [];
  let lastKey: string | undefined;
  for (const row of rows) {
    const key = JSON.stringify([row.workload, row.params, row.dtype, row.mode]);
    if (key === lastKey) found.at(-1)?.push(row);
    else found.push([row]);
    lastKey = key;
  }
  return found;
}

/** The rows of one comparison: heading, times, failures, placement. */
export function workloadBlocks(
  rows: readonly Row[],
  software: ReadonlySet<string>,
  reproduce: string,
  details: boolean,
): Block[] {
  const [{ workload, params, preset, dtype, mode, kernels }] = rows;
  const detail = [
    sizesText(params),
    dtype,
    ...(details ? [mode, preset && `preset ${preset}`] : []),
    kernels && `${kernels} kernels`,
  ].filter(Boolean);
  return [
    { kind: 'heading', level: 1, text: workload, detail: detail.join(', ') },
    ...(details || preset === 'example' ? outputBlocks(rows) : []),
    timingTable(rows, software, details),
    ...programBlocks(rows),
    ...expectationFacts(rows),
    ...(details ? telemetryFacts(rows) : []),
    ...rows.flatMap((row) => failureBlocks(row, reproduce)),
    ...rows.filter((row) => needsPlacement(row, details)).flatMap(placementBlocks),
  ];
}

/** `batch 256, image 28`: as the flags name them; the learning rate changes no time. */
function sizesText(params: Row['params']): string {
  return Object.entries(params)
    .filter(([name]) => name !== 'data' && name !== 'learningRate')
    .map(([name, value]) => {
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return `${words} ${Array.isArray(value) ? value.join('x') : value}`;
    })
    .join(', ');
}

/** What the workload computed: once where all devices agree, else for each device. */
function outputBlocks(rows: readonly Row[]): Block[] {
  const outputs = rows.filter(({ output }) => output.length > 0);
  if (outputs.length === 0) return [];
  const first = JSON.stringify(outputs[0].output);
  const agree = outputs.every(({ output }) => JSON.stringify(output) === first);
  const shown = agree ? outputs.slice(0, 1) : outputs;
  const facts = shown.flatMap(({ device, output }) => {
    return output.map(({ label, value }) => ({
      label: agree ? label : `${label} (${device})`,
      value,
    }));
  });
  return [{ kind: 'facts', facts }];
}

function failureBlocks(row: Row, reproduce: string): Block[] {
  const { device, state, error, verification } = row;
  if (state === 'measured') return [];
  const { message = 'No reason is known.', advice } = error ?? {};
  const failed = (verification?.checks ?? []).filter(({ ok }) => !ok);
  return [
    {
      kind: 'note',
      tone: state === 'interrupted' ? 'doubtful' : 'bad',
      text: `${device} ${STATE_LABELS[state]}: ${message}`,
      ...(advice && { advice }),
    },
    ...failed.map((check): Block => ({ kind: 'note', tone: 'plain', text: checkText(check) })),
    ...(row.reproduce === reproduce
      ? []
      : [{ kind: 'note', tone: 'plain', text: `Reproduce: ${row.reproduce}` } as const]),
  ];
}

const STATE_LABELS = {
  wrong: 'is wrong',
  failed: 'failed',
  unsupported: 'is unsupported',
  interrupted: 'was interrupted',
  implausible: 'is not plausible',
} as const satisfies Record<Exclude<Row['state'], 'measured'>, string>;

function checkText(check: NonNullable<Row['verification']>['checks'][number]): string {
  const { name, tensor, compared, maxAbsError, tolerance } = check;
  const error = maxAbsError === null ? 'not finite' : maxAbsError.toPrecision(3);
  return (
    `${name} (tensor ${tensor}, ${compared.toLocaleString('en-US')} values): ` +
    `largest error ${error}, allowed ${tolerance.abs} + ${tolerance.rel} × |value|.`
  );
}

function placementBlocks(row: Row): Block[] {
  if (row.placement.length === 0) return [];
  const elsewhere = row.placement.filter(({ placed, requested }) => placed !== requested).length;
  const detail =
    elsewhere > 0 ? `${elsewhere} of ${row.placement.length} ops ran elsewhere` : undefined;
  return [
    {
      kind: 'heading',
      level: 2,
      text: `Placement, requested on ${row.device}`,
      ...(detail && { detail }),
    },
    placementTable(row),
  ];
}
