import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Budget } from '../../../src/bench/budget.js';
import type { MeasureOptions } from '../../../src/measure/types.js';

const OPTIONS: MeasureOptions = {
  mode: 'throughput',
  timeBudgetNs: 3e9,
  warmupNs: 0.5e9,
  minSamples: 10,
  maxSamples: 100,
  precision: 0.01,
};
const never = new AbortController().signal;

describe('a time limit', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({ toFake: ['hrtime', 'performance', 'setInterval', 'clearInterval'] }),
  );
  afterEach(() => void vi.useRealTimers());

  it('changes nothing without a limit', () => {
    const budget = new Budget(undefined, never);
    expect(budget.pace(OPTIONS, 1000, 4)).toBe(OPTIONS);
    expect(budget.hasRoom).toBe(true);
    expect(budget.share(3).leftNs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is divided among what is left to do, and not exceeded', () => {
    const budget = new Budget(60_000, never);
    const { timeBudgetNs, warmupNs } = budget.pace(OPTIONS, 20, 2);
    expect(20 * 2 * (timeBudgetNs + warmupNs)).toBeLessThan(60e9);
    expect(timeBudgetNs).toBeGreaterThan(0.2e9);
    expect(budget.pace(OPTIONS, 1, 1)).toEqual(OPTIONS);
  });

  it('lets each run collect the samples of an interval, but no more than were asked for', () => {
    const budget = new Budget(60_000, never);
    const ofRun = { ...OPTIONS, minSamples: 3 };
    expect(budget.pace(ofRun, 20, 2).minSamples).toBe(6);
    expect(budget.pace({ ...ofRun, maxSamples: 3 }, 20, 2).minSamples).toBe(3);
    expect(new Budget(undefined, never).pace(ofRun, 20, 2).minSamples).toBe(3);
  });

  it('learns what starting and compiling cost', () => {
    const budget = new Budget(60_000, never);
    const before = budget.pace(OPTIONS, 20, 2);
    budget.note(2.9e9, before, 2);
    expect(budget.pace(OPTIONS, 20, 2).timeBudgetNs).toBeLessThan(before.timeBudgetNs);
    // In steps: after a jump, the process would have been stopped.
    for (let second = 0; second < 59; second++) {
      vi.advanceTimersByTime(1000);
      expect(budget.leftNs).toBeGreaterThan(0);
    }
    expect(budget.hasRoom).toBe(false);
  });

  it('does not count time for which the process was stopped', () => {
    const budget = new Budget(60_000, never);
    vi.advanceTimersByTime(50_000);
    expect(budget.leftNs).toBeCloseTo(60e9, -9);
    expect(budget.signal.aborted).toBe(false);
  });

  it('is shared by tasks', () => {
    expect(new Budget(60_000, never).share(3).leftNs).toBeCloseTo(20e9, -9);
  });
});

it('is over when its time is, but not after Ctrl-C', async () => {
  const interrupt = new AbortController();
  const [short, long] = [new Budget(5, interrupt.signal), new Budget(60_000, interrupt.signal)];
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(short.isOver).toBe(true);
  expect(short.hasRoom).toBe(false);
  interrupt.abort();
  expect(long.signal.aborted).toBe(true);
  expect(long.isOver).toBe(false);
});
