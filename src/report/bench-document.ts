import type { BenchResult, Conditions, Row } from '../result/schema.js';
import { formatBytes } from '../result/units.js';
import type { DeviceRecord } from './devices-document.js';
import {
  engineOf,
  KIND_LABELS,
  SOFTWARE_WARNING,
  softwareNotes,
  unavailableBlocks,
} from './devices-document.js';
import type { Block, Document, Facts } from './document.js';
import { expectationFacts } from './expectation.js';
import { placementTable } from './placement-table.js';
import { telemetryFacts } from './telemetry.js';
import { timingTable } from './timing-table.js';
import { verifyHint } from './verify-hint.js';
import { warningBlocks } from './warnings-section.js';

/** What `mpsbench bench` says. @param saved the result is in a file already */
export function benchDocument(result: BenchResult, saved = false): Document {
  const { rows, devices, reproduce, error } = result;
  const used = devices.filter(({ id }) => rows.some((row) => usesDevice(row, id)));
  const hasGpu = used.some(({ kind }) => kind !== 'cpu');
  const software = new Set(used.filter(({ kind }) => kind === 'software').map(({ id }) => id));
  return [
    { kind: 'heading', level: 1, text: 'Machine' },
    machineFacts(result, used),
    ...(error ? [errorNote(error)] : []),
    ...softwareNotes(used, result.warnings),
    ...groups(rows).flatMap((group) => workloadBlocks(group, software, reproduce)),
    // An error names the backends that are missing by itself.
    ...(hasGpu || error ? [] : unavailableBlocks(result.backends)),
    ...warningBlocks(
      result.warnings.filter(({ name }) => name !== SOFTWARE_WARNING || software.size === 0),
      rows,
    ),
    {
      kind: 'facts',
      facts: [
        ...verifyHint(
          hasGpu ? [] : result.backends,
          used,
          rows.some(({ state }) => state === 'wrong' || state === 'implausible'),
        ),
        { label: 'Repeat', value: reproduce, code: true },
        ...(saved ? [] : [{ label: 'Save', value: SAVE }]),
      ],
    },
  ];
}

const SAVE = 'add --json FILE; mpsbench report FILE shows it again';

function errorNote({ message, advice }: NonNullable<BenchResult['error']>): Block {
  return { kind: 'note', tone: 'bad', text: message, ...(advice && { advice }) };
}

function usesDevice(row: Row, id: string): boolean {
  return row.device === id || row.placement.some(({ placed }) => placed === id);
}

function machineFacts({ host, conditions }: BenchResult, used: readonly DeviceRecord[]): Facts {
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

function conditionsText(before: Conditions, after: Conditions): string {
  const load =
    before.load1 === undefined
      ? undefined
      : `load ${before.load1.toFixed(1)}${after.load1 === undefined ? '' : ` to ${after.load1.toFixed(1)}`}`;
  const mhz = after.cpuMhz && `CPU at ${Math.round(after.cpuMhz).toLocaleString('en-US')} MHz`;
  const power = before.powerSource === 'unknown' ? undefined : `on ${before.powerSource}`;
  const thermal = after.thermal && `thermal state ${after.thermal}`;
  const known = [load, power, before.powerMode, thermal, mhz].filter(Boolean);
  return known.length > 0 ? known.join(', ') : 'unknown';
}

/** Neighbouring rows of the same workload, sizes, dtype and mode belong together. */
function groups(rows: readonly Row[]): Row[][] {
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

function workloadBlocks(
  rows: readonly Row[],
  software: ReadonlySet<string>,
  reproduce: string,
): Block[] {
  const [{ workload, params, preset, dtype, mode }] = rows;
  const detail = [sizesText(params), dtype, mode, preset && `preset ${preset}`].filter(Boolean);
  return [
    { kind: 'heading', level: 1, text: workload, detail: detail.join(', ') },
    ...outputBlocks(rows),
    timingTable(rows, software),
    ...expectationFacts(rows),
    ...telemetryFacts(rows),
    ...rows.flatMap((row) => failureBlocks(row, reproduce)),
    ...rows.flatMap(placementBlocks),
  ];
}

/** `batch 256, image 28, learning rate 0.01`: as the flags name them. */
function sizesText(params: Row['params']): string {
  return Object.entries(params)
    .filter(([name]) => name !== 'data')
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
  const agree = outputs.every(({ output }) => {
    return JSON.stringify(output) === JSON.stringify(outputs[0].output);
  });
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
      : [{ kind: 'note', tone: 'plain', text: `Repeat: ${row.reproduce}` } as const]),
  ];
}

const STATE_LABELS = {
  wrong: 'is wrong',
  failed: 'failed',
  unsupported: 'does not support it',
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
