import { describe, expect, it } from 'vitest';
import {
  formatBandwidth,
  formatBytes,
  formatFlops,
  formatInterval,
  formatNs,
  formatPercent,
  formatRate,
  formatSi,
} from '../../../src/result/units.js';

describe('units', () => {
  it.each([
    [0, '0 ns'],
    [0.0123, '0.0123 ns'],
    [412.34, '412.3 ns'],
    [999.99, '1.000 µs'],
    [1234.5, '1.234 µs'],
    [99_999, '100.0 µs'],
    [12.345e6, '12.35 ms'],
    [61e9, '61.00 s'],
    [1234e9, '1234 s'],
  ])('writes %f ns as %s', (ns, expected) => {
    expect(formatNs(ns)).toBe(expected);
  });

  it.each([
    [0, '0'],
    [0.0417, '0.0417'],
    [12, '12.0'],
    [999.9, '1.00 k'],
    [83_123, '83.1 k'],
    [16_504_000, '16.5 M'],
    [2.5e9, '2.50 G'],
    [3.21e12, '3.21 T'],
  ])('writes a rate of %f as %s under its unit', (value, expected) => {
    expect(formatSi(value)).toBe(expected);
  });

  it.each([
    [0, '0'],
    [0.00970123, '0.00970'],
    [9.996, '10.0'],
    [52.49, '52.5'],
    [9278.4, '9,278'],
  ])('writes %f GFLOP/s as %s', (value, expected) => {
    expect(formatRate(value)).toBe(expected);
  });

  it.each([
    [0.0000106, '10.6 kFLOP/s', '10.6 kB/s'],
    [79.2, '79.2 GFLOP/s', '79.2 GB/s'],
    [1488, '1.49 TFLOP/s', '1.49 TB/s'],
    [1e-9, '1.00 FLOP/s', '1.00 B/s'],
  ])('gives %f billion per second a prefix that fits', (value, flops, bytes) => {
    expect([formatFlops(value), formatBandwidth(value)]).toEqual([flops, bytes]);
  });

  it.each([
    [0, '0 %'],
    [0.00001, '<0.01 %'],
    [0.0005, '0.05 %'],
    [0.0082, '0.8 %'],
    [0.0999, '10 %'],
    [0.873, '87 %'],
    [1e9, '>999 %'],
  ])('writes a share of %f as %s', (share, expected) => {
    expect(formatPercent(share)).toBe(expected);
  });

  it.each([
    [512, '512 bytes'],
    [1024, '1 KiB'],
    [16.4e9, '15.3 GiB'],
    [150_754_820_096, '140 GiB'],
  ])('writes %i bytes as %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  it('writes an interval as half of its width', () => {
    expect(formatInterval(100, [98, 102])).toBe('±2.0 %');
    expect(formatInterval(0, [0, 0])).toBe('±0 %');
    expect(formatInterval(100, undefined)).toBe('±?');
  });
});
