import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TerminalProgress } from '../../../src/commands/progress/terminal-progress.js';
import { formatDuration, secondsLeft } from '../../../src/commands/progress/time-left.js';

/** A spinner that notes what it is asked for; it draws nothing. */
function fakeSpinner() {
  const calls: string[] = [];
  return { text: '', calls, start: () => calls.push('start'), stop: () => calls.push('stop') };
}

describe('the line on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const now = () => Date.now() / 1000;

  it('shows what runs, which part it is, the time, and an estimate', () => {
    const spinner = fakeSpinner();
    const progress = new TerminalProgress(spinner, 'looking for devices', now);
    expect(spinner.text).toBe('looking for devices (0 s)');
    vi.advanceTimersByTime(2000);
    progress.phase('add', { step: 1, steps: 3, expectedS: 10 });
    expect(spinner.text).toBe('[1/3] add (2 s, about 30 s left)');
    vi.advanceTimersByTime(4000);
    progress.phase('linear', { step: 2, steps: 3, expectedS: 10 });
    progress.update('linear: cpu:0 compiling');
    expect(spinner.text).toBe('[2/3] linear: cpu:0 compiling (6 s, about 8 s left)');
    progress.stop();
  });

  it('is never older than a second, even if nothing is reported', () => {
    const spinner = fakeSpinner();
    const progress = new TerminalProgress(spinner, 'working', now);
    vi.advanceTimersByTime(61_000);
    expect(spinner.text).toBe('working (1 min 1 s)');
    progress.stop();
    vi.advanceTimersByTime(5000);
    expect(spinner.text).toBe('working (1 min 1 s)');
  });

  it('makes room for what is printed', () => {
    const spinner = fakeSpinner();
    const progress = new TerminalProgress(spinner, 'working', now);
    progress.print(() => void spinner.calls.push('print'));
    progress.stop();
    expect(spinner.calls).toEqual(['start', 'stop', 'print', 'start', 'stop']);
  });
});

it.each([
  [{ finishedS: [], currentS: 0, step: 1, steps: 2, expectedS: 5 }, 10],
  [{ finishedS: [4, 6], currentS: 2, step: 3, steps: 4, expectedS: 99 }, 8],
  // The last step takes longer than those before it.
  [{ finishedS: [4], currentS: 30, step: 2, steps: 2, expectedS: 99 }, 0],
])('%j leaves %f s', (times, left) => {
  expect(secondsLeft(times)).toBe(left);
});

it.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('writes %f s as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
