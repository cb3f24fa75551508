import { withRule } from '../errors.js';
import type { BenchResult, Row } from '../result/schema.js';
import type { Block } from './document.js';
import { expectationFacts } from './expectation.js';
import { placementTable } from './placement-table.js';
import { programBlocks } from './programs-table.js';
import { sizesText } from './sizes.js';
import { sweepBlocks } from './sweep/sweep-blocks.js';
import { telemetryFacts } from './telemetry.js';
import { timingTable } from './timing-table.js';

/** What a report knows of the workloads that have been measured so far. */
export type MeasuredWorkloads = Pick<BenchResult, 'rows' | 'devices' | 'reproduce' | 'sweeps'>;

/**
 * One section per workload: its table, then what failed and where ops ran.
 * @param details also outputs, sensors and every op's placement
 */
export function workloadSections(measured: MeasuredWorkloads, details: boolean): Block[] {
  const { rows, devices, reproduce, sweeps = [] } = measured;
  return [
    ...sweeps.flatMap((sweep) => sweepBlocks(sweep, measured, details)),
    ...groupsOf(rows.filter(({ point }) => !point)).flatMap((group) => {
      return workloadBlocks(group, devices, reproduce, details);
    }),
  ];
}

/** Ids of the devices that are a GPU interface on the CPU. */
function softwareOf(devices: BenchResult['devices']): ReadonlySet<string> {
  return new Set(devices.filter(({ kind }) => kind === 'software').map(({ id }) => id));
}

/** Its placement is worth a table: an op ran elsewhere, or ops were timed one by one. */
export function needsPlacement({ placement }: Row, details: boolean): boolean {
  return (
    details ||
    placement.some(({ placed, requested, wallNs, deviceNs }) => {
      return placed !== requested || wallNs !== undefined || deviceNs !== undefined;
    })
  );
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
  devices: BenchResult['devices'],
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
    timingTable(rows, softwareOf(devices), details),
    ...programBlocks(rows),
    ...expectationFacts(rows),
    ...(details ? telemetryFacts(rows, devices) : []),
    ...rows.flatMap((row) => failureBlocks(row, reproduce)),
    ...rows.filter((row) => needsPlacement(row, details)).flatMap(placementBlocks),
  ];
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
  const { message = 'No reason is known.', advice, rule } = error ?? {};
  const failed = (verification?.checks ?? []).filter(({ ok }) => !ok);
  return [
    {
      kind: 'note',
      tone: state === 'interrupted' ? 'doubtful' : 'bad',
      text: withRule(`${device} ${STATE_LABELS[state]}: ${message}`, rule),
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
