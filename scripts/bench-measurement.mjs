#!/usr/bin/env node
/**
 * What measuring costs, and whether it repeats. Usage: node scripts/bench-measurement.mjs [DEVICE]
 *
 * Cost: the time between the first and the last block that no sample accounts for (messages between
 * the processes, statistics, stopping rules), as a share of the samples' time.
 * Repeats: three runs of the same bench; each pair of medians should lie within the pair's joint
 * 95 % interval.
 */
import process from 'node:process';
import { systemClock } from '../dist/measure/clock.js';
import { measure } from '../dist/measure/measure.js';
import { WorkerClient } from '../dist/runner/worker-client.js';
import { WORKLOADS } from '../dist/workloads/registry.js';

const RUNS = 3;
const TIMEOUT_MS = 300_000;
const OPTIONS = {
  mode: 'throughput',
  timeBudgetNs: 3e9,
  warmupNs: 0.5e9,
  minSamples: 10,
  maxSamples: 10_000,
  precision: 0.01,
};

const device = process.argv[2] ?? 'cpu:0';
let disagreements = 0;
for (const workload of WORKLOADS) {
  for (const preset of ['small', 'default']) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measureOnce(workload, preset));
    report(`${workload.id} ${preset}`, runs);
  }
}
process.stdout.write(`pairs of runs that disagree: ${disagreements}\n`);

async function measureOnce(workload, preset) {
  const worker = new WorkerClient(device);
  try {
    const task = {
      ...{ workload: workload.id, params: workload.presets[preset], dtype: 'f32', device },
      ...{ placement: 'strict', options: {}, seed: 1 },
    };
    await worker.call('prepare', task, { timeoutMs: TIMEOUT_MS });
    const span = { first: undefined, last: 0, sampledNs: 0 };
    const subject = {
      id: device,
      run: async (request) => {
        span.first ??= systemClock.nowNs();
        const samples = await worker.call('run', request, { timeoutMs: TIMEOUT_MS });
        span.last = systemClock.nowNs();
        for (const { wallNs } of samples) span.sampledNs += wallNs;
        return samples;
      },
    };
    const outcomes = await measure([subject], OPTIONS, { clock: systemClock });
    const outcome = outcomes.get(device);
    if (outcome.state !== 'measured') throw new Error(outcome.error.message);
    const elapsedNs = span.last - span.first;
    return { ...outcome.measurement, cost: (elapsedNs - span.sampledNs) / span.sampledNs };
  } finally {
    await worker.close();
  }
}

function report(name, runs) {
  const cost = Math.max(...runs.map((run) => run.cost));
  const medians = runs.map(({ wall }) => {
    const half = (wall.interval[1] - wall.interval[0]) / 2;
    return `${(wall.median / 1e3).toPrecision(4)} us ±${((100 * half) / wall.median).toPrecision(2)} %`;
  });
  for (const [i, one] of runs.entries()) {
    for (const other of runs.slice(i + 1)) if (!agree(one.wall, other.wall)) disagreements += 1;
  }
  const costText = `${(cost * 100).toFixed(2)} %`;
  process.stdout.write(
    `${name.padEnd(15)} own cost ${costText.padStart(7)}  ${medians.join('  ')}\n`,
  );
}

/** Two medians agree where their difference lies within the intervals, combined as errors are. */
function agree(a, b) {
  const [low, high] = a.median < b.median ? [a, b] : [b, a];
  const reach = Math.hypot(low.interval[1] - low.median, high.median - high.interval[0]);
  return high.median - low.median <= reach;
}
