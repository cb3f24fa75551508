import { disturbanceText } from '../measure/disturbance-text.js';
import type { BenchResult, Row } from '../result/schema.js';
import { formatNs, formatRate, formatSi } from '../result/units.js';
import { findWorkload } from '../workloads/registry.js';
import type { DeviceRecord } from './devices-document.js';
import { frameworkSentences } from './framework-answer.js';
import { overheadSentences } from './programs-table.js';
import { sweepSentences } from './sweep/sentences.js';

/** A speedup known less precisely than this is given as a range. */
const ROUGH = 0.1;

/** What a bench found, in a few sentences: what went wrong first, then how fast the GPU is. */
export function answerOf(result: BenchResult): string {
  const { rows, devices, sweeps = [] } = result;
  if (sweeps.length > 0) {
    const failed = rows.filter(({ state }) => state !== 'measured' && state !== 'interrupted');
    return [
      ...sweepFailures(failed),
      ...sweeps.flatMap((sweep) => sweepSentences(sweep, result)),
    ].join(' ');
  }
  const failures = failureSentences(rows);
  const measured = rows.filter(({ state }) => state === 'measured');
  const doubts = doubtSentences(measured);
  const [frameworks, native] = [true, false].map((is) =>
    devices.filter(({ framework }) => (framework !== undefined) === is),
  );
  const said = frameworkSentences(measured, devices);
  const others = measured.filter(({ device }) => native.some(({ id }) => id === device));
  const speeds = others.length > 0 || said.length > 0 ? speedSentences(others, native) : [];
  const alone = said.length === 0 && frameworks.length > 0 ? measured : [];
  const rest = alone.length > 0 ? speedSentences(alone, devices) : [...speeds, ...said];
  const overheads = overheadSentences(measured, devices);
  return [...failures, ...doubts, ...rest, ...overheads].join(' ');
}

/** A row is named individually up to this many. */
const NAMED_DOUBTS = 2;

/** Times that do not hold for a quiet machine are named before they are used. */
function doubtSentences(rows: readonly Row[]): string[] {
  const doubtful = rows.filter(({ measurement }) => disturbanceText(measurement?.disturbance));
  if (doubtful.length > NAMED_DOUBTS) {
    const which =
      doubtful.length === rows.length
        ? `All ${rows.length} measurements`
        : `${doubtful.length} of ${rows.length} measurements`;
    return [`${which} were disturbed, so their times are not reliable (see the notes below).`];
  }
  return doubtful.map(({ workload, device, measurement }) => {
    const text = disturbanceText(measurement?.disturbance);
    return `${workload} on ${device} was disturbed (${text}), so its time is not reliable.`;
  });
}

const FAILURES = {
  wrong: 'computed a wrong result',
  implausible: 'gave a time that its hardware cannot reach',
  failed: 'failed',
  unsupported: 'is not supported',
  interrupted: 'was interrupted',
  measured: 'was measured',
} as const satisfies Record<Row['state'], string>;

/** Devices are named up to this many. */
const NAMED_FAILURES = 2;

/** What went wrong, by workload and kind: `linear was interrupted on 8 devices.` */
function failureSentences(rows: readonly Row[]): string[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows.filter(({ state }) => state !== 'measured')) {
    const key = `${row.workload} ${row.state}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    const devices = group.map(({ device }) => device);
    return devices.length > NAMED_FAILURES
      ? [failureSentence(group[0], `${devices.length} devices`)]
      : devices.map((device) => failureSentence(group[0], device));
  });
}

function failureSentence({ workload, state }: Row, who: string): string {
  return state === 'wrong' || state === 'implausible'
    ? `${who} ${FAILURES[state]} in ${workload}.`
    : `${workload} on ${who} ${FAILURES[state]}.`;
}

/** Which devices failed at how many points: the reasons follow the tables. */
function sweepFailures(failed: readonly Row[]): string[] {
  const devices = [...new Set(failed.map(({ device }) => device))];
  return devices.map((device) => {
    const count = failed.filter((row) => row.device === device).length;
    return `${device} failed at ${count} ${count === 1 ? 'point' : 'points'}.`;
  });
}

function speedSentences(rows: readonly Row[], devices: readonly DeviceRecord[]): string[] {
  const compared = devices.filter(({ id }) => rows.some((row) => row.device === id && row.speedup));
  if (compared.length === 0) return rows.map(timeSentence);
  return compared.map((device) => {
    const own = rows.filter((row) => row.device === device.id && row.speedup);
    const what = { cpu: 'CPU', software: 'software GPU', gpu: 'GPU', integrated: 'GPU' }[
      device.kind
    ];
    const [first] = own;
    const base = devices.find(({ id }) => id === first?.speedup?.over);
    const over = base?.kind === 'cpu' ? 'the CPU' : base?.id;
    const speeds = own.map((row, i) => {
      const than = i === 0 ? over : undefined;
      return speedText(row, than) + (own.length === 1 ? '' : ` in ${row.workload}`);
    });
    return `The ${what} (${device.id}, ${device.name}) is ${joined(speeds)}.`;
  });
}

/** Below this a speedup reads better as how many times slower it is. */
const SLOW = 0.1;

/** `8.7x as fast as the CPU`, `6.6x to 11x as fast` where the interval is wide, `210x slower`. */
function speedText({ speedup }: Row, over: string | undefined): string {
  if (!speedup) return '';
  const { value, interval } = speedup;
  const isRough = interval && (interval[1] - interval[0]) / 2 / value > ROUGH;
  const values = isRough ? interval : [value];
  const about = interval ? '' : 'about ';
  if (value < SLOW) {
    const times = values.map((one) => `${formatRate(1 / one)}x`).reverse();
    return `${about}${times.join(' to ')} slower${over ? ` than ${over}` : ''}`;
  }
  const times = values.map((one) => `${one < 1 ? one.toPrecision(2) : formatRate(one)}x`);
  return `${about}${times.join(' to ')}${over ? ` as fast as ${over}` : ''}`;
}

function timeSentence({ workload, device, measurement, rates, work }: Row): string {
  const time = measurement ? formatNs(measurement.wall.median) : 'no time';
  const rate = rates ? `, ${formatSi(rates.itemsPerS)} ${work.itemUnit}/s` : '';
  return `${workload} on ${device}: ${time} per ${iterationOf(workload)}${rate}.`;
}

/** What one iteration of a workload is called. */
export function iterationOf(workload: string): string {
  return findWorkload(workload)?.iteration ?? 'iteration';
}

function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
