import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/measure/measure.js';
import type { MeasureOptions } from '../../../src/measure/types.js';
import type { Telemetry } from '../../../src/result/schema.js';
import { ScriptedClock, ScriptedSubject } from '../../fakes/scripted-subject.js';

const MS = 1e6;

const options: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 2000 * MS,
  warmupNs: 500 * MS,
  minSamples: 10,
  maxSamples: 10_000,
  precision: 0.01,
};

/** A subject of 2 ms per iteration, whose sensors are read into `times`. */
function subjectWith(
  read: (nowNs: number, reading: number) => Telemetry | undefined,
  { clock = new ScriptedClock(), id = 'gpu:0', times = [] as number[] } = {},
) {
  const subject = new ScriptedSubject(id, clock, {
    wallNs: (i) => 2 * MS * (1 + (i % 3) / 1000),
    sensors: (nowNs) => {
      times.push(nowNs);
      return read(nowNs, times.length - 1);
    },
  });
  return { subject, clock, times };
}

async function measurementOf(
  { subject, clock }: ReturnType<typeof subjectWith>,
  { precision = 0.01 } = {},
) {
  const outcomes = await measure([subject], { ...options, precision }, { clock });
  const outcome = outcomes.get(subject.id);
  if (outcome?.state !== 'measured') throw new Error(outcome?.error.message);
  return outcome.measurement;
}

describe('the sensors of a device', () => {
  it('are read before, after each block, and after everything', async () => {
    const scripted = subjectWith((_, reading) => ({ temperatureC: 40 + reading }));
    const { telemetry, blocks } = await measurementOf(scripted);
    expect(telemetry?.before).toEqual({ atNs: 0, iterations: 0, temperatureC: 40 });
    expect(telemetry?.blocks).toHaveLength(blocks.length);
    expect(telemetry?.after.temperatureC).toBe(40 + scripted.times.length - 1);
    expect(telemetry?.energy).toBeUndefined();
    const iterations = telemetry?.blocks.map((reading) => reading.iterations) ?? [];
    expect(iterations).toEqual(iterations.toSorted((a, b) => a - b));
  });

  it('are not read again if there are none', async () => {
    const scripted = subjectWith(() => undefined);
    const { telemetry } = await measurementOf(scripted);
    expect(telemetry).toBeUndefined();
    expect(scripted.times).toHaveLength(1);
  });

  it('do not end a measurement when they fail', async () => {
    const scripted = subjectWith((_, reading) => {
      if (reading === 3) throw new Error('the sensor is gone');
      return { powerW: 100 };
    });
    const { telemetry, wall } = await measurementOf(scripted);
    expect(wall.samples).toBeGreaterThanOrEqual(10);
    expect(telemetry?.after.powerW).toBe(100);
    expect(scripted.times).toHaveLength(4);
  });

  it('say nothing of the blocks after they failed', async () => {
    const scripted = subjectWith((nowNs) => {
      if (nowNs > 1500 * MS) throw new Error('the sensor is gone');
      return { throttling: nowNs > 1200 * MS ? ['power limit'] : [] };
    });
    const { samples, blocks, telemetry } = await measurementOf(scripted, { precision: 0 });
    const read = telemetry?.blocks ?? [];
    expect(read.length).toBeGreaterThan(0);
    expect(read.length).toBeLessThan(blocks.length);
    expect(read.at(-1)).toEqual(telemetry?.after);
    expect(read.at(-1)?.throttling).toEqual(['power limit']);
    const seen = blocks.slice(0, read.length).reduce((sum, length) => sum + length, 0);
    expect(samples[seen - 1].throttling).toEqual(['power limit']);
    expect(samples.slice(seen).filter(({ throttling }) => throttling)).toEqual([]);
  });

  it('label the samples of a block in which the clocks were held down', async () => {
    const hot = ['power limit', 'heat'];
    const scripted = subjectWith((nowNs) => (nowNs < 1500 * MS ? {} : { throttling: hot }));
    const { samples, blocks, warnings, telemetry } = await measurementOf(scripted, {
      precision: 0,
    });
    const labelled = samples.map(({ throttling }) => throttling !== undefined);
    const expected = blocks.flatMap((length, i) => {
      const held = telemetry?.blocks[i].throttling !== undefined;
      return new Array<boolean>(length).fill(held);
    });
    expect(labelled).toEqual(expected);
    expect(new Set(labelled)).toEqual(new Set([false, true]));
    const count = labelled.filter(Boolean).length;
    expect(warnings.find(({ name }) => name === 'throttled')?.message).toBe(
      `${count} of ${samples.length} samples were throttled: power limit, heat.`,
    );
  });

  it('warn of other processes on the device', async () => {
    const { warnings } = await measurementOf(
      subjectWith((nowNs) => ({ otherProcesses: nowNs > 900 * MS ? 2 : 0 })),
    );
    expect(warnings.map(({ name, message }) => [name, message])).toEqual([
      ['shared-device', '2 other processes held the device while it was measured.'],
    ]);
  });
});

describe('energy', () => {
  it('is the difference of the counter over a stretch without a pause', async () => {
    // 300 W: 0.3 J each millisecond of the scripted clock.
    const scripted = subjectWith((nowNs) => ({ energyJ: 1000 + (nowNs / MS) * 0.3 }));
    const { telemetry, wall } = await measurementOf(scripted);
    const { joulesPerIteration = 0, spanNs = 0, iterations = 0 } = telemetry?.energy ?? {};
    expect(spanNs).toBeGreaterThanOrEqual(1e9);
    expect(joulesPerIteration).toBeCloseTo((0.3 * spanNs) / MS / iterations, 9);
    expect(joulesPerIteration).toBeCloseTo((0.3 * wall.mean) / MS, 2);
  });

  it('of slow rails needs ten of their updates, and no update longer ago than seen', async () => {
    const rails = (nowNs: number) => ({ cpuEnergyJ: (nowNs / MS) * 0.003, memoryEnergyJ: nowNs });
    const known = subjectWith((nowNs) => ({ ...rails(nowNs), railPeriodS: 0.15 }));
    const { telemetry, wall } = await measurementOf(known, { precision: 0 });
    const cpu = telemetry?.rails?.cpu;
    expect(cpu?.spanNs).toBeGreaterThanOrEqual(1.5e9);
    expect(cpu?.joulesPerIteration).toBeCloseTo((0.003 * wall.mean) / MS, 4);
    expect(telemetry?.energy).toBeUndefined();
    // The memory's counter jumps by more than any machine draws.
    expect(telemetry?.rails?.memory).toBeUndefined();

    const rare = subjectWith((nowNs) => ({ ...rails(nowNs), railPeriodS: nowNs / 1e9 }));
    expect((await measurementOf(rare, { precision: 0 })).telemetry?.rails).toBeUndefined();
  });

  it('of a rail spans no gap in its counter, which does not end the stretch of another', async () => {
    const scripted = subjectWith((nowNs) => ({
      energyJ: nowNs / 1e9,
      energyPeriodS: 0.01,
      railPeriodS: 0.01,
      ...(nowNs < 900 * MS || nowNs > 1200 * MS ? { cpuEnergyJ: nowNs / 1e8 } : {}),
    }));
    const { telemetry } = await measurementOf(scripted, { precision: 0 });
    const { energy, rails } = telemetry ?? {};
    expect(rails?.cpu?.spanNs).toBeLessThan((energy?.spanNs ?? 0) - 800 * MS);
    expect(rails?.cpu?.joulesPerIteration).toBeCloseTo(10 * (energy?.joulesPerIteration ?? 0), 4);
  });

  it('is left out if the device always pauses for another', async () => {
    const clock = new ScriptedClock();
    const read = (nowNs: number) => ({ energyJ: nowNs });
    const subjects = ['a:0', 'b:0'].map((id) => subjectWith(read, { clock, id }).subject);
    const brief = { ...options, warmupNs: 100 * MS, precision: 0 };
    for (const { measurement } of (await measure(subjects, brief, { clock })).values()) {
      expect(measurement?.telemetry?.blocks.length).toBeGreaterThan(5);
      expect(measurement?.telemetry?.energy).toBeUndefined();
    }
  });
});
