import type { BenchResult, Row } from '../../src/result/schema.js';

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
