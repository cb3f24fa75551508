import { describe, expect, it } from 'vitest';
import {
  checkThresholds,
  parseSpeedups,
  parseTimes,
  thresholdsExitCode,
} from '../../../src/compare/thresholds.js';
import { failuresBench } from '../../fakes/faulty-results.js';
import { gpuBench } from '../../fakes/results.js';

const WORKLOADS = ['add', 'linear', 'cnn'];
const NONE = { minSpeedup: [], maxTime: [], requireDevice: [] };
const states = (thresholds: Partial<typeof NONE> | object, result = gpuBench) =>
  checkThresholds(result, { ...NONE, ...thresholds }).map(({ state }) => state);

describe('parsing', () => {
  it.each([
    ['5ms', 5e6],
    ['1.5 s', 1.5e9],
    ['250us', 250e3],
    ['250µs', 250e3],
    ['9ns', 9],
  ])('reads the time %s', (text, limit) => {
    expect(parseTimes(text, WORKLOADS)).toEqual([{ text, limit }]);
  });

  it('reads speedups of rows', () => {
    expect(parseSpeedups('cnn=2x,add@cuda:0=.5,3', WORKLOADS)).toEqual([
      { text: 'cnn=2x', workload: 'cnn', limit: 2 },
      { text: 'add@cuda:0=.5', workload: 'add', device: 'cuda:0', limit: 0.5 },
      { text: '3', limit: 3 },
    ]);
  });

  it.each(['', '5', '0ms', '-1ms', '5 minutes', 'cnn=', 'cnn=1ms=2ms', '1e9999s'])(
    'refuses the time %j',
    (text) => {
      expect(() => parseTimes(text, WORKLOADS)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );
});

describe('checking', () => {
  it('holds each row that a rule names against its limit', () => {
    const speedups = (text: string) => ({ minSpeedup: parseSpeedups(text, WORKLOADS) });
    const times = (text: string) => ({ maxTime: parseTimes(text, WORKLOADS) });
    expect(states(speedups('185'))).toEqual(['met']);
    expect(states(speedups('cnn=186'))).toEqual(['missed']);
    expect(states(speedups('add=2'))).toEqual(['unchecked']);
    expect(states(times('100ms'))).toEqual(['met', 'missed']);
    expect(states(times('webgpu:0=100ms'))).toEqual(['met']);
  });

  it('never holds a wrong row against a time', () => {
    expect(
      states({ maxTime: parseTimes('webgpu:0=1h'.replace('1h', '9s'), WORKLOADS) }, failuresBench),
    ).toEqual(['unchecked']);
  });

  it('requires a device to be measured, or says why it was not', () => {
    expect(states({ requireDevice: ['webgpu:0', 'cpu', 'webgpu:1'] })).toEqual([
      'met',
      'met',
      'missed',
    ]);
    const [cuda] = checkThresholds(gpuBench, { ...NONE, requireDevice: ['cuda:0'] });
    expect(cuda.message).toMatch(/^cuda:0 was not measured: libcuda\.so\.1 was not found/);
    const [wrong] = checkThresholds(failuresBench, { ...NONE, requireDevice: ['webgpu:0'] });
    expect(wrong.state).toBe('missed');
  });

  it('exits with the worst', () => {
    expect(thresholdsExitCode([])).toBe(0);
    expect(thresholdsExitCode([{ state: 'met' }, { state: 'unchecked' }])).toBe(2);
    expect(thresholdsExitCode([{ state: 'unchecked' }, { state: 'missed' }])).toBe(1);
  });
});
