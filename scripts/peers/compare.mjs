import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEWEST_FOR_INTERVAL, orderStatisticInterval } from '../../dist/measure/median-interval.js';
import { ascending, median } from '../../dist/measure/statistics.js';
import { say } from '../setup/process.mjs';
import { checkResults, completeCase, ratesOf, writeValues } from './values.mjs';

/** Share of a turn that warms up caches and threads again and is not counted. */
const WARM_SHARE = 0.25;
const MAX_ITERATIONS = 1_000_000;

/**
 * One workload at one size: every contender is prepared and checked, then they take turns, so that
 * drift of the machine hits all alike. A contender that fails or computes something else has a state
 * and a reason instead of times; one that does not take this case has no row. The first contender is
 * ours: ratios are over it.
 * @param settings folder for tensors, rounds, turnNs, settleMs, and the peak of the device
 */
export async function compareCase(bare, contenders, settings) {
  const { folder, rounds, turnNs, settleMs } = settings;
  const one = completeCase(bare);
  const values = writeValues(one, join(folder, one.id));
  const rows = [];
  for (const contender of contenders.filter(({ takes }) => takes?.(one) ?? true)) {
    const row = await prepare(one, contender, values, join(folder, one.id));
    if (row.state !== 'skipped') rows.push(row);
  }
  rmSync(join(folder, one.id), { recursive: true });

  const running = () => rows.filter(({ state }) => state === 'measured');
  for (const row of running()) {
    await orFail(row, async () => {
      row.iterations = await calibrate(row.contender, turnNs);
    });
  }
  const sensors = await readSensors(rows);
  for (let round = 0; round < rounds; round++) {
    // Another one begins each round: nobody always comes after the longest pause.
    const turns = running();
    for (let i = 0; i < turns.length; i++) {
      await sleep(settleMs);
      const row = turns[(i + round) % turns.length];
      await orFail(row, () => takeTurn(row));
    }
    sensors.push(...(await readSensors(rows)));
  }
  for (const { contender } of rows) await contender.release().catch(() => {});
  return { ...one, sensors, rows: summarise(rows, one, settings.peak) };
}

/** A contender that breaks while it runs leaves the row; the others go on. */
async function orFail(row, work) {
  try {
    await work();
  } catch (error) {
    say(`  ${row.name} breaks off: ${error.message.split('\n', 1)[0]}`);
    row.state = 'failed';
    row.reason = error.message;
    // What has gone wrong on a GPU stays wrong for its process.
    row.contender.restart?.();
  }
}

async function prepare(one, contender, values, folder) {
  const row = { contender, name: contender.name, note: '', times: [] };
  try {
    const { note, checks, results, work, skipped } = await contender.prepare(one, folder);
    if (skipped) {
      say(`  ${contender.name} takes no part: ${skipped}`);
      return { ...row, state: 'skipped' };
    }
    const bad = (checks ?? checkResults(one, values, results)).find(({ ok }) => !ok);
    if (results) rmSync(results, { recursive: true });
    if (!bad) return { ...row, note, work, state: 'measured' };
    const reason = `${bad.name}: off by up to ${bad.maxAbsError ?? 'NaN'}`;
    say(`  ${contender.name} computes something else: ${reason}`);
    return { ...row, note, state: 'wrong', reason };
  } catch (error) {
    say(`  ${contender.name} takes no part: ${error.message}`);
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
  await contender.run(Math.max(1, Math.round(iterations * WARM_SHARE)));
  times.push((await contender.run(iterations)) / iterations);
}

/** What the sensors of our device say; peers have none that we could ask. */
async function readSensors(rows) {
  for (const { contender, state } of rows) {
    const reading = state === 'measured' ? await contender.telemetry?.() : undefined;
    if (reading) return [reading];
  }
  return [];
}

/**
 * Medians, rates, and the ratio of each round: theirs over ours, so that above 1 ours is faster. A
 * contender that does other work (a copy) has rates and no ratio.
 */
function summarise(rows, one, peak) {
  const [ours] = rows;
  return rows.map(({ name, note, state, reason, work, iterations, times }) => {
    if (state !== 'measured') return { name, note, state, reason };
    const medianNs = median(times);
    const rates = ratesOf(medianNs, work ?? one.work, one.format, peak);
    const row = { name, note, state, iterations, times, medianNs, rates };
    if (work || times === ours.times || ours.state !== 'measured') return row;
    const ratios = ascending(times.map((time, round) => time / ours.times[round]));
    const interval =
      ratios.length < FEWEST_FOR_INTERVAL ? undefined : orderStatisticInterval(ratios);
    return { ...row, ratio: median(ratios), interval };
  });
}
