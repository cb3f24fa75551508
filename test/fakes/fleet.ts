import { analyseFleet } from '../../src/fleet/analyse.js';
import { hostResultOf, type Reading, readingOf } from '../../src/fleet/reading.js';
import type { BenchResult, FleetRecord, Row } from '../../src/result/schema.js';

/** Results of made-up hosts, for the fleet: as small as a result can be. */

interface HostScript {
  readonly name: string;
  /** Milliseconds per iteration, by workload. */
  readonly times?: Readonly<Record<string, number>>;
  readonly state?: Row['state'];
  readonly chip?: string;
  readonly driver?: string;
  readonly powerMode?: string;
  readonly warnings?: readonly string[];
  readonly startedAt?: string;
}

export function fleetResult({
  name,
  times = { cnn: 1 },
  state = 'measured',
  chip = 'NVIDIA H200',
  driver = '580.95',
  powerMode = 'performance',
  warnings = [],
  startedAt = '2026-05-01T10:00:00.000Z',
}: HostScript): BenchResult {
  const conditions = { at: startedAt, powerSource: 'mains', powerMode } as const;
  return {
    schema: 2,
    tool: { name: 'mpsbench', version: '0.1.0' },
    reproduce: 'mpsbench bench all --quick',
    startedAt,
    seconds: 3,
    exitCode: 0,
    command: 'bench',
    host: {
      name,
      os: 'Ubuntu 24.04',
      kernel: '6.8.0',
      arch: 'x64',
      cpu: 'Intel(R) Xeon(R)',
      logicalCpus: 32,
      memoryBytes: 256 * 2 ** 30,
      node: '20.20.2',
    },
    backends: [],
    devices: [
      {
        id: 'cuda:0',
        backend: 'cuda',
        name: chip,
        kind: 'gpu',
        driver,
        dtypes: ['f32'],
        details: {},
      },
    ],
    warnings: [],
    conditions: { before: conditions, after: conditions },
    rows: Object.entries(times).map(([workload, ms]) => rowOf(workload, ms, state, warnings)),
  };
}

function rowOf(
  workload: string,
  ms: number,
  state: Row['state'],
  warnings: readonly string[],
): Row {
  const median = ms * 1e6;
  const summary = { samples: 1, median, min: median, max: median, mean: median, p90: median };
  return {
    workload,
    params: { batch: 32 },
    dtype: 'f32',
    device: 'cuda:0',
    mode: 'throughput',
    state,
    ...(state === 'wrong' && {
      error: { code: 'wrong_result', message: 'Value 3 is 7.', advice: '' },
    }),
    work: { flops: 1, bytes: 1, items: 1, itemUnit: 'images' },
    placement: [],
    measurement: {
      iterationsPerSample: 1,
      warmup: [],
      samples: [{ iterations: 1, wallNs: median }],
      blocks: [1],
      runs: [{ samples: 1, medianNs: median, stoppedBy: 'samples' }],
      wall: { ...summary, noise: 0, outliers: [] },
      stoppedBy: 'samples',
      warnings: warnings.map((warning) => ({ name: warning, message: '', advice: '' })),
    },
    output: [],
    reproduce: `mpsbench bench ${workload}`,
  };
}

/** `count` hosts named node1, node2, ..., which differ by at most 1 %. */
export function alike(count: number, changes: Readonly<Record<string, Partial<HostScript>>> = {}) {
  return Array.from({ length: count }, (_, i) => {
    const name = `node${i + 1}`;
    const factor = 1 + 0.01 * Math.sin(i * 12.9898);
    return fleetResult({ name, times: { cnn: factor, linear: 3 * factor }, ...changes[name] });
  });
}

export function readingOfResult(result: unknown, source: string): Reading {
  const kept = hostResultOf(result);
  if (typeof kept === 'string') throw new Error(kept);
  return readingOf(kept, source);
}

/** What `fleet` says of these results. */
export function fleetRecord(
  results: readonly BenchResult[],
  expected?: readonly string[],
): FleetRecord {
  const readings = results.map((result) =>
    readingOfResult(result, `results/${result.host.name}.json`),
  );
  const analysis = analyseFleet({ readings, unreadable: [] }, expected);
  return {
    schema: 2,
    tool: { name: 'mpsbench', version: '0.1.0' },
    reproduce: 'mpsbench fleet results/',
    startedAt: '2026-05-01T11:00:00.000Z',
    seconds: 0.4,
    exitCode: analysis.outliers.length > 0 ? 1 : 0,
    command: 'fleet',
    ...analysis,
  };
}

/** 64 hosts of which some are slow, one is fast, one wrong, one missing. */
export const mixedFleet = fleetRecord(
  alike(64, {
    node7: { times: { cnn: 1.4, linear: 3.02 }, driver: '550.54' },
    node8: { times: { cnn: 1.41, linear: 3 }, powerMode: 'powersave' },
    node21: { times: { cnn: 12, linear: 90 }, warnings: ['throttled'] },
    node33: { times: { cnn: 0.8, linear: 3 } },
    node40: { state: 'wrong' },
    node50: {
      name: 'a <b>host</b> with a rather long name.rack-17.example.com',
      times: { cnn: 1.2, linear: 4 },
    },
  }),
  ['node1', 'node65'],
);

/** Ten thousand hosts of six workloads; every thousandth is slow. */
export function hugeFleet(): FleetRecord {
  const count = 10_000;
  return fleetRecord(
    Array.from({ length: count }, (_, i) => {
      const noise = 1 + 0.01 * Math.sin(i * 12.9898) + 0.005 * Math.sin(i * 78.233);
      const factor = noise * (i % 1000 === 500 ? 1.3 : 1);
      const times = Object.fromEntries(
        ['cnn', 'linear', 'add', 'a', 'b', 'c'].map((name, k) => [name, (k + 1) * factor]),
      );
      return fleetResult({ name: `node${i}`, times });
    }),
  );
}
