import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { activeTimeout } from '../../../src/runner/active-timeout.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('expires once, after its time', () => {
  const expire = vi.fn();
  activeTimeout(2000, expire);
  vi.advanceTimersByTime(1900);
  expect(expire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(expire).toHaveBeenCalledTimes(1);
});

it('does not expire once it has been ended', () => {
  const expire = vi.fn();
  activeTimeout(2000, expire)();
  vi.advanceTimersByTime(10_000);
  expect(expire).not.toHaveBeenCalled();
});

it('does not count time for which the process it waits for was stopped', () => {
  const expire = vi.fn();
  let isStopped = false;
  activeTimeout(2000, expire, 17, () => isStopped);
  vi.advanceTimersByTime(1000);
  isStopped = true;
  vi.advanceTimersByTime(60_000);
  isStopped = false;
  vi.advanceTimersByTime(900);
  expect(expire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(expire).toHaveBeenCalledTimes(1);
});

it('does not wait for ever for a process that stays stopped', () => {
  const expire = vi.fn();
  activeTimeout(2000, expire, 17, () => true);
  vi.advanceTimersByTime(610_000);
  expect(expire).toHaveBeenCalledTimes(1);
});
