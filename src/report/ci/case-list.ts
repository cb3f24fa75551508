import type {
  ComparedRow,
  CompareResult,
  Finding,
  FleetHost,
  FleetOutlier,
  Result,
  Row,
  Threshold,
  WatchRecord,
} from '../../result/schema.js';
import { formatNs, formatPercent, formatRate } from '../../result/units.js';
import { namesOf, signedPercent } from '../row-names.js';

/** One check or row as a test runner sees it. */
export interface Case {
  /** `bench.cnn`, `verify.system`, `compare`, `threshold`. */
  readonly group: string;
  readonly name: string;
  /** `skipped`: it could not be checked. */
  readonly state: 'passed' | 'failed' | 'skipped';
  /** What was found, in a sentence. */
  readonly message: string;
  /** What to do, a line each. */
  readonly advice: readonly string[];
  /** A short word for what is wrong: `wrong_result`, `slower`, the id of a check. */
  readonly type: string;
  readonly seconds?: number;
  /** Worth a warning, though it passed. */
  readonly doubtful?: boolean;
}

/** Every check, row, threshold and verdict of a result, for JUnit and annotations. */
export function casesOf(result: Result): Case[] {
  switch (result.command) {
    case 'bench':
      return [
        ...(result.error ? [errorCase(result.error)] : []),
        ...rowCases(result.rows),
        ...(result.thresholds ?? []).map(thresholdCase),
        ...comparedCases(result.comparison),
      ];
    case 'compare':
      return comparedCases(result);
    case 'fleet':
      return result.hosts.map((host) => hostCase(host, result.outliers));
    case 'watch':
      return [watchCase(result)];
    case 'verify':
      return result.findings.filter(({ state }) => state !== 'not-applicable').map(findingCase);
    case 'devices':
      return result.devices.map(({ id, name }) => ({
        ...{ group: 'devices', name: id, state: 'passed' as const, message: name },
        ...{ advice: [], type: '' },
      }));
    default:
      return result satisfies never;
  }
}

/** Passed where the GPU was used, or as much as was required. */
function watchCase({ watched, verdict, required, findings }: WatchRecord): Case {
  const isUsed = verdict.state === 'used' || verdict.state === 'barely-used';
  const passed = required ? required.state === 'met' : isUsed;
  const unknown = required ? required.state === 'unchecked' : verdict.state === 'not-checked';
  return {
    group: 'watch',
    name: watched.name,
    state: passed ? 'passed' : unknown ? 'skipped' : 'failed',
    message: verdict.message,
    advice: findings.map(({ message, advice }) => `${message} ${advice}`.trim()),
    type: verdict.state,
    seconds: watched.seconds,
  };
}

const HOST_STATES = {
  ok: 'passed',
  outlier: 'failed',
  wrong: 'failed',
  unchecked: 'skipped',
  missing: 'skipped',
} as const satisfies Record<FleetHost['state'], Case['state']>;

function hostCase({ name, state, why }: FleetHost, outliers: readonly FleetOutlier[]): Case {
  const own = outliers.filter(({ host }) => host === name);
  const odd = own.map(({ workload, device, change, causes }) => {
    const likely = causes.length > 0 ? `: ${causes.join('; ')}` : '';
    return `${workload} on ${device} takes ${formatPercent(1 + change)} of the median time${likely}`;
  });
  const message = [...odd, ...(why ? [why] : [])].join('. ') || 'like the others';
  return { group: 'fleet', name, state: HOST_STATES[state], message, advice: [], type: state };
}

function errorCase({ code, message, advice }: NonNullable<Row['error']>): Case {
  return {
    group: 'bench',
    name: 'devices',
    state: 'skipped',
    message,
    advice: [advice],
    type: code,
  };
}

function rowCases(rows: readonly Row[]): Case[] {
  const name = namesOf(rows);
  return rows.map((row) => rowCase(row, name(row)));
}

function rowCase(
  { workload, state, error, measurement, speedup, reproduce }: Row,
  name: string,
): Case {
  const isFinding = state === 'wrong' || state === 'implausible';
  const time = measurement ? formatNs(measurement.wall.median) : 'no time';
  const fast = speedup ? `, ${formatRate(speedup.value)}x as fast as ${speedup.over}` : '';
  return {
    group: `bench.${workload}`,
    name,
    state: state === 'measured' ? 'passed' : isFinding ? 'failed' : 'skipped',
    message: error?.message ?? `${time} per iteration${fast}.`,
    advice: error ? [error.advice, `Reproduce: ${reproduce}`].filter(Boolean) : [],
    type: error?.code ?? '',
    ...(measurement && { seconds: measurement.wall.median / 1e9 }),
  };
}

const THRESHOLD_STATES = {
  met: 'passed',
  missed: 'failed',
  unchecked: 'skipped',
} as const satisfies Record<Threshold['state'], Case['state']>;

function thresholdCase({ flag, rule, workload, device, state, message }: Threshold): Case {
  const where = workload === undefined ? '' : ` (${workload} on ${device})`;
  return {
    group: 'threshold',
    name: `${flag} ${rule}${where}`,
    state: THRESHOLD_STATES[state],
    message,
    advice: [],
    type: 'threshold',
  };
}

const VERDICT_STATES = {
  slower: 'failed',
  wrong: 'failed',
  faster: 'passed',
  same: 'passed',
  unclear: 'skipped',
  failed: 'skipped',
  'not-comparable': 'skipped',
} as const satisfies Record<ComparedRow['verdict'], Case['state']>;

/** An unclear row could not be decided; with --unclear fail that is a failure. */
function comparedCases(compared: Pick<CompareResult, 'rows' | 'unclear'> | undefined): Case[] {
  const { rows = [], unclear = 'pass' } = compared ?? {};
  const name = namesOf(rows);
  return rows.map((row) => {
    const { verdict, why, timeRatio, differences, reproduce } = row;
    const change = timeRatio ? ` Time ${signedPercent(timeRatio.value)}.` : '';
    const causes = differences.map(({ fact, base, new: now }) => `${fact}: ${base} -> ${now}`);
    return {
      group: 'compare',
      name: `${name(row)}, against the baseline`,
      state: verdict === 'unclear' && unclear === 'fail' ? 'failed' : VERDICT_STATES[verdict],
      message: `${name(row)} is ${verdict}.${change} ${why}`,
      advice: [...causes, ...(reproduce ? [`Reproduce: ${reproduce}`] : [])],
      type: verdict,
    };
  });
}

const FINDING_STATES = {
  pass: 'passed',
  warning: 'passed',
  fail: 'failed',
  unchecked: 'skipped',
  'not-applicable': 'skipped',
} as const satisfies Record<Finding['state'], Case['state']>;

function findingCase({ check, group, state, subject, message, fixes }: Finding): Case {
  return {
    group: `verify.${group}`,
    name: subject === undefined ? check : `${check} (${subject})`,
    state: FINDING_STATES[state],
    message,
    advice: fixes.map(({ text, command }) => (command ? `${text}: ${command}` : text)),
    type: check,
    doubtful: state === 'warning',
  };
}
