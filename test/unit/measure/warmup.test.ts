import { describe, expect, it } from 'vitest';
import { resume, resumeNs, warmUp } from '../../../src/measure/warmup.js';
import type { Sample } from '../../../src/result/schema.js';
import { ScriptedClock } from '../../fakes/scripted-subject.js';

const MS = 1e6;

/** Runs blocks that last as long as they are asked to, with the iteration times of a script. */
function scripted(iterationNs: (block: number) => number) {
  const clock = new ScriptedClock();
  let block = 0;
  const runFor = async (durationNs: number): Promise<Sample[]> => {
    clock.advance(durationNs);
    return [{ iterations: 1, wallNs: iterationNs(block++) }];
  };
  return { clock, runFor };
}

describe('warmUp', () => {
  it('lasts as long as it should if the times agree', async () => {
    const { clock, runFor } = scripted(() => MS);
    const { samples, settled } = await warmUp(runFor, clock, 500 * MS);
    expect(settled).toBe(true);
    expect(samples).toHaveLength(5);
    expect(clock.nowNs()).toBe(500 * MS);
  });

  it('continues while the times still fall', async () => {
    const { clock, runFor } = scripted((block) => MS * (1 + Math.max(0, 8 - block)));
    const { samples, settled } = await warmUp(runFor, clock, 500 * MS);
    expect(settled).toBe(true);
    expect(samples).toHaveLength(11);
  });

  it('gives up after three times its time, and says so', async () => {
    const { clock, runFor } = scripted((block) => MS * (block % 2 === 0 ? 1 : 2));
    const { settled } = await warmUp(runFor, clock, 500 * MS);
    expect(settled).toBe(false);
    expect(clock.nowNs()).toBe(1500 * MS);
  });

  it('does nothing if none is requested', async () => {
    const { clock, runFor } = scripted(() => MS);
    expect(await warmUp(runFor, clock, 0)).toEqual({ samples: [], settled: true });
  });
});

describe('resumeNs', () => {
  it.each([
    ['a short pause', 4 * MS, 500 * MS, MS, 0],
    ['a pause', 100 * MS, 300 * MS, MS, 30 * MS],
    ['a pause after a long warm-up', 100 * MS, 3000 * MS, MS, 50 * MS],
    ['iterations that are long themselves', 100 * MS, 500 * MS, 2000 * MS, 0],
    ['no warm-up at all', 100 * MS, 0, MS, 0],
  ])('after %s', (_, pauseNs, warmupNs, iterationNs, expected) => {
    expect(resumeNs(pauseNs, warmupNs, iterationNs)).toBe(expected);
  });
});

describe('resume', () => {
  const resumed = async (iterationNs: (block: number) => number, warmupNs = 1000 * MS) => {
    const { clock, runFor } = scripted(iterationNs);
    const samples = await resume(runFor, clock, 50 * MS, warmupNs, MS);
    return { samples, elapsedNs: clock.nowNs() };
  };

  it('is one block long where nothing has slowed down', async () => {
    expect((await resumed(() => MS)).samples).toHaveLength(1);
  });

  it('goes on until the clocks are back', async () => {
    const { elapsedNs } = await resumed((block) => (block < 6 ? 2 * MS : MS));
    expect(elapsedNs).toBe(350 * MS);
  });

  it('does not wait longer than half a second, or than the warm-up', async () => {
    expect((await resumed(() => 2 * MS)).elapsedNs).toBe(500 * MS);
    expect((await resumed(() => 2 * MS, 200 * MS)).elapsedNs).toBe(200 * MS);
  });
});
