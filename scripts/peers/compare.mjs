import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { orderStatisticInterval } from '../../dist/measure/median-interval.js';
import { ascending, median } from '../../dist/measure/statistics.js';
import { say } from '../lib/step.mjs';
import { checkResults, completeCase, writeValues } from './values.mjs';

/** Threads of the one before may still be spinning. */
const SETTLE_MS = 60;
/** Share of a turn that warms up caches and threads again and is not counted. */
const WARM_SHARE = 0.25;
const MAX_ITERATIONS = 1_000_000;

/**
 * One workload at one size: every contender is prepared and checked, then they take turns, so that
 * drift of the machine hits all alike. A contender that fails or computes something else has a state
 * and a reason instead of times. The first contender is ours.
 */
export async function compareCase(bare, contenders, { folder, rounds, turnNs }) {
  const one = completeCase(bare);
  const values = writeValues(one, join(folder, one.id));
  const rows = [];
  for (const contender of contenders) {
    rows.push(await prepare(one, contender, values, join(folder, one.id)));
  }
  rmSync(join(folder, one.id), { recursive: true });

  const running = rows.filter(({ state }) => state === 'measured');
  for (const row of running) row.iterations = await calibrate(row.contender, turnNs);
  for (let round = 0; round < rounds; round++) {
    // Another one begins each round: nobody always comes after the longest pause.
    for (let i = 0; i < running.length; i++) await takeTurn(running[(i + round) % running.length]);
  }
  for (const { contender } of rows) await contender.release().catch(() => {});
  return { ...one, rows: summarise(rows) };
}

async function prepare(one, contender, values, folder) {
  const row = { contender, name: contender.name, note: '', times: [] };
  try {
    const { note, checks, results } = await contender.prepare(one, folder);
    const bad = (checks ?? checkResults(one, values, results)).find(({ ok }) => !ok);
    if (results) rmSync(results, { recursive: true });
    if (!bad) return { ...row, note, state: 'measured' };
    const reason = `${bad.name}: off by up to ${bad.maxAbsError ?? 'NaN'}`;
    say(`  ${contender.name} computes something else: ${reason}`);
    return { ...row, note, state: 'wrong', reason };
  } catch (error) {
    say(`  ${contender.name} failed: ${error.message}`);
    return { ...row, state: 'failed', reason: error.message };
  }
}

/** Iterations that fill a turn, by doubling until the clock has something to say. */
async function calibrate(contender, turnNs) {
  for (let iterations = 1; ; iterations *= 2) {
    const wallNs = await contender.run(iterations);
    if (wallNs < turnNs / 8 && iterations < MAX_ITERATIONS) continue;
    return Math.min(MAX_ITERATIONS, Math.max(1, Math.round((iterations * turnNs) / wallNs)));
  }
}

async function takeTurn({ contender, iterations, times }) {
  await sleep(SETTLE_MS);
  await contender.run(Math.max(1, Math.round(iterations * WARM_SHARE)));
  times.push((await contender.run(iterations)) / iterations);
}

/** Medians, and the ratio of each round: theirs over ours, so that above 1 ours is faster. */
function summarise(rows) {
  const [ours] = rows;
  return rows.map(({ name, note, state, reason, iterations, times }) => {
    if (state !== 'measured') return { name, note, state, reason };
    const row = { name, note, state, iterations, times, medianNs: median(times) };
    if (times === ours.times || ours.state !== 'measured') return row;
    const ratios = ascending(times.map((time, round) => time / ours.times[round]));
    return { ...row, ratio: median(ratios), interval: orderStatisticInterval(ratios) };
  });
}
