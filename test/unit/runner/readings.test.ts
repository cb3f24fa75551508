import { describe, expect, it } from 'vitest';
import { checkedSample, checkedTelemetry } from '../../../src/runner/readings.js';

const facts = { device: 'fake:0', iterations: 10, elapsedNs: 2e7, resolutionNs: 500 };
const wallNs = 2e7;
const invalid = (deviceNs: unknown, more: Partial<typeof facts> = {}) =>
  checkedSample({ wallNs, deviceNs }, { ...facts, ...more });

describe('checkedSample', () => {
  it('keeps times that can be, and nothing else that a backend adds', () => {
    const raw = { iterations: 7, wallNs, deviceNs: 1.9e7, extra: 'text' };
    expect(checkedSample(raw, facts)).toEqual({ iterations: 10, wallNs, deviceNs: 1.9e7 });
    expect(checkedSample({ wallNs }, facts)).toEqual({ iterations: 10, wallNs });
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'infinity'],
    [-1, 'less than zero'],
    [0, 'zero'],
    ['19 ms', 'type string'],
    [null, 'type object'],
    [19_000_000n, 'type bigint'],
    [2 ** 64, 'longer than the wall time'],
    [wallNs * 1.05, 'longer than the wall time'],
  ])('leaves out a device time of %s and says so', (deviceNs, fault) => {
    expect(invalid(deviceNs)).toEqual({
      iterations: 10,
      wallNs,
      invalid: [`device time: ${fault}`],
    });
  });

  it('allows for the steps and the speeds of two clocks', () => {
    expect(invalid(wallNs * 1.01).deviceNs).toBe(wallNs * 1.01);
    expect(invalid(wallNs + 1e6, { resolutionNs: 1e6 }).deviceNs).toBe(wallNs + 1e6);
  });

  it('says nothing by a clock whose steps are too coarse for the sample', () => {
    const plain = { iterations: 10, wallNs };
    expect(invalid(1e8, { resolutionNs: 1e8 })).toEqual(plain);
    // Timed one by one, each iteration is shorter than a step.
    expect(invalid(0, { iterations: 1_000_000 })).toEqual({ iterations: 1_000_000, wallNs });
  });

  it.each([
    [Number.NaN, 'fake:0 reported a wall time of NaN.'],
    [-5, 'fake:0 reported a wall time of less than zero.'],
    [Number.POSITIVE_INFINITY, 'fake:0 reported a wall time of infinity.'],
    ['1', 'fake:0 reported a wall time of type string.'],
    [undefined, 'fake:0 reported a wall time of type undefined.'],
    [0, 'fake:0 reported a wall time of 0 for 20.00 ms of work.'],
  ])('keeps no sample with a wall time of %s', (wall, message) => {
    expect(() => checkedSample({ wallNs: wall, deviceNs: 5 }, facts)).toThrow(
      expect.objectContaining({ code: 'implausible', message }),
    );
  });

  it('accepts a wall time of zero for a group shorter than a clock step', () => {
    expect(checkedSample({ wallNs: 0 }, { ...facts, elapsedNs: 800 })).toEqual({
      iterations: 10,
      wallNs: 0,
    });
  });
});

describe('checkedTelemetry', () => {
  it('keeps what can be', () => {
    const readings = { utilisation: 0.5, powerW: 300, energyJ: 1e6, throttling: ['heat'] };
    expect(checkedTelemetry(readings)).toEqual(readings);
  });

  it('leaves out text, NaN, negative watts and whatever else no sensor can say', () => {
    expect(
      checkedTelemetry({
        utilisation: 37,
        clockMHz: Number.NaN,
        temperatureC: 'hot',
        powerW: -12,
        energyJ: Number.POSITIVE_INFINITY,
        otherProcesses: 2,
        throttling: [5],
        unknown: 1,
      }),
    ).toEqual({
      otherProcesses: 2,
      invalid: ['utilisation', 'clockMHz', 'temperatureC', 'powerW', 'energyJ', 'throttling'],
    });
  });

  it.each([undefined, null, 'text', 7, {}, { powerW: undefined, throttling: null }])(
    'is nothing for %j',
    (raw) => {
      expect(checkedTelemetry(raw)).toBeUndefined();
    },
  );
});
