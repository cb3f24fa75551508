import { robustScores } from '../measure/outliers.js';
import type { FleetHost, FleetOutlier, FleetRecord } from '../result/schema.js';
import type { FleetInput } from './read.js';
import type { FleetRow, Reading } from './reading.js';

/** What a fleet's results say, without the head that every result has. */
export type FleetAnalysis = Pick<FleetRecord, 'hosts' | 'groups' | 'outliers' | 'warnings'>;

/** Rows of like machines that measure the same. */
interface Group {
  readonly facts: FleetRow['group'];
  readonly device: string;
  readonly rows: FleetRow[];
  /** Index of the reading of each row. */
  readonly readings: number[];
}

/**
 * Finds in the results of many hosts those that are slower or faster than their like, wrong, could not
 * measure, or are missing. Of two results of one host the newer counts.
 * @param expected names of the hosts that should be there; undefined: whoever is there
 * @param unreached hosts that were asked for a result and gave none
 */
export function analyseFleet(
  { readings, unreadable }: FleetInput,
  expected: readonly string[] | undefined,
  unreached: readonly FleetHost[] = [],
): FleetAnalysis {
  const { newest, replaced } = newestOf(readings);
  const counted = new Set(newest.values());
  const groups = groupRows(readings, counted);
  const outliers = groups
    .flatMap((group) => outliersOf(group, readings))
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
  const odd = new Set(outliers.map(({ host }) => host));
  const present = [...newest.values()].map((at) => hostOf(readings[at], odd));
  const known = new Set([...newest.keys(), ...unreached.map(({ name }) => name)]);
  const missing = [...new Set(expected ?? [])]
    .filter((name) => !known.has(name))
    .map((name): FleetHost => ({ name, state: 'missing', why: 'no result of this host' }));
  const hosts = [...present, ...unreached, ...missing].sort((a, b) => compareNames(a.name, b.name));
  const places = new Map(hosts.map(({ name }, at) => [name, at]));
  const placeOf = (at: number) => places.get(readings[at].host) ?? -1;
  return {
    hosts,
    groups: groups.map((group) => describeGroup(group, placeOf)),
    outliers,
    warnings: [
      ...unreadable.map((message) => ({ name: 'unreadable', message, advice: '' })),
      ...replaced.map((message) => ({ name: 'replaced', message, advice: '' })),
    ],
  };
}

/** The index of the newest reading of each host. */
function newestOf(readings: readonly Reading[]) {
  const newest = new Map<string, number>();
  const replaced: string[] = [];
  readings.forEach(({ host, startedAt }, at) => {
    const known = newest.get(host);
    const isNewer = known === undefined || startedAt >= readings[known].startedAt;
    if (known !== undefined) {
      const [older, newer] = isNewer ? [known, at] : [at, known];
      replaced.push(replacedText(readings[newer], readings[older]));
    }
    if (isNewer) newest.set(host, at);
  });
  return { newest, replaced };
}

function replacedText(newer: Reading, older: Reading): string {
  const timesOf = ({ rows }: Reading) => JSON.stringify(rows.map(({ timeNs }) => timeNs));
  const isSame = newer.startedAt === older.startedAt && timesOf(newer) === timesOf(older);
  if (!isSame) return `${newer.host}: ${newer.source} counts, not the older ${older.source}.`;
  return newer.source === older.source
    ? `${newer.host}: ${newer.source} was given twice and counts once.`
    : `${newer.host}: ${newer.source} and ${older.source} hold the same result, which counts once.`;
}

/** @param counted indices of the readings that count */
function groupRows(readings: readonly Reading[], counted: ReadonlySet<number>): Group[] {
  const groups = new Map<string, Group>();
  for (const at of counted) {
    for (const row of readings[at].rows) {
      if (row.state !== 'measured' || !row.timeNs) continue;
      const { key, group: facts, device } = row;
      const group: Group = groups.get(key) ?? { facts, device, rows: [], readings: [] };
      group.rows.push(row);
      group.readings.push(at);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function outliersOf(group: Group, readings: readonly Reading[]): FleetOutlier[] {
  const { facts, device, rows } = group;
  const times = rows.map(({ timeNs = Number.NaN }) => timeNs);
  const tally = tallyOf(rows);
  return robustScores(times)
    .filter(({ outlier }) => outlier)
    .map(({ index, value, center, change, z }) => {
      const row = rows[index];
      return {
        host: readings[group.readings[index]].host,
        device,
        workload: facts.workload,
        sizes: facts.sizes,
        dtype: facts.dtype,
        timeNs: value,
        groupMedianNs: center,
        change,
        z,
        slower: change > 0,
        causes: causesOf(row, tally),
      };
    });
}

/** What a measurement's own warnings say about a slow row, in words. */
const WARNING_CAUSES: Readonly<Record<string, string>> = {
  throttled: 'its clocks were held down',
  disturbed: 'other programs disturbed it',
  'shared-device': 'another process used the device',
  drift: 'its times drifted during the run',
  bimodal: 'its times have two modes',
  'bimodal-runs': 'its runs have two modes',
};

/** How many rows of a group have which warning, and which value of which fact. */
interface Tally {
  readonly rows: number;
  readonly warnings: ReadonlyMap<string, number>;
  readonly facts: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

function tallyOf(rows: readonly FleetRow[]): Tally {
  const warnings = new Map<string, number>();
  const facts = new Map<string, Map<string, number>>();
  for (const row of rows) {
    for (const name of new Set(row.warnings)) increment(warnings, name);
    for (const [name, value] of Object.entries(row.facts)) {
      const values = facts.get(name) ?? new Map<string, number>();
      facts.set(name, values);
      increment(values, value);
    }
  }
  return { rows: rows.length, warnings, facts };
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Likely causes: what the measurement of this host says and those of most others do not, then facts that most others have otherwise. */
function causesOf(row: FleetRow, { rows, warnings, facts }: Tally): string[] {
  const isMost = (count: number) => count > (rows - 1) / 2;
  const seen = row.warnings.flatMap((name) => {
    // The row itself is one of those that have it.
    const isCommon = isMost((warnings.get(name) ?? 0) - 1);
    return isCommon ? [] : (WARNING_CAUSES[name] ?? []);
  });
  const differing = Object.entries(row.facts).flatMap(([name, value]) => {
    const values = [...(facts.get(name) ?? [])];
    const usual = values.find(([other, count]) => other !== value && isMost(count))?.[0];
    return usual === undefined ? [] : [`${name} ${value} (others: ${usual})`];
  });
  return [...new Set([...seen, ...differing])];
}

/** @param placeOf index of the host of a reading among all hosts */
function describeGroup(
  { facts, device, rows, readings }: Group,
  placeOf: (reading: number) => number,
): FleetRecord['groups'][number] {
  const times = rows.flatMap(({ timeNs }) => timeNs ?? []).sort((a, b) => a - b);
  const [first] = robustScores(times);
  const medianNs = first?.center ?? times[0];
  const spread = times.map((time) => Math.abs(time - medianNs)).sort((a, b) => a - b);
  return {
    ...facts,
    device,
    hosts: rows.length,
    medianNs,
    lowestNs: times[0],
    highestNs: times[times.length - 1],
    // Half of the hosts are nearer to the median than this.
    spread: spread[Math.floor(spread.length / 2)] / medianNs,
    members: readings.map(placeOf),
    timesNs: rows.map(({ timeNs = Number.NaN }) => timeNs),
  };
}

/** The worst of a host's rows. */
function hostOf({ host: name, source, error, rows }: Reading, odd: ReadonlySet<string>): FleetHost {
  const wrong = rows.find(({ state }) => state === 'wrong' || state === 'implausible');
  if (wrong) return { name, source, state: 'wrong', why: rowText(wrong) };
  if (odd.has(name)) return { name, source, state: 'outlier' };
  const failed = rows.find(({ state }) => state !== 'measured');
  if (failed) return { name, source, state: 'unchecked', why: rowText(failed) };
  if (rows.length === 0)
    return { name, source, state: 'unchecked', why: error ?? 'it has no rows' };
  return { name, source, state: 'ok' };
}

function rowText({ workload, device, state, error }: FleetRow): string {
  return `${workload} on ${device} ${state === 'failed' ? 'failed' : `is ${state}`}${error ? `: ${error}` : ''}`;
}

const { compare: compareNames } = new Intl.Collator('en', { numeric: true });
