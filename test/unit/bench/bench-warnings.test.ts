import { describe, expect, it } from 'vitest';
import {
  concurrentWarnings,
  otherLoadWarnings,
  resourcesOf,
} from '../../../src/bench/bench-warnings.js';
import type { Row } from '../../../src/result/schema.js';

/** A row whose samples took so long in all, while others used so many CPUs. */
const row = (seconds: number, otherCpus: number | undefined) =>
  ({
    measurement: {
      samples: [{ iterations: 1, wallNs: seconds * 1e9 }],
      disturbance: { otherCpus },
    },
  }) as unknown as Row;

describe('otherLoadWarnings', () => {
  const host = { logicalCpus: 2 };

  it('says nothing about a quiet machine, or one without counters', () => {
    expect(otherLoadWarnings(host, [])).toEqual([]);
    expect(otherLoadWarnings(host, [{} as Row, row(1, undefined), row(3, 0.05)])).toEqual([]);
  });

  it('is the mean over the time of all rows', () => {
    expect(otherLoadWarnings(host, [row(3, 2), row(1, 0)])).toMatchObject([
      { name: 'high-load', message: 'High load from other programs: 1.5 on 2 CPUs.' },
    ]);
    expect(otherLoadWarnings(host, [row(1, 1), row(9, 0)])).toEqual([]);
  });
});

it('names the other measurements', () => {
  expect(concurrentWarnings([])).toEqual([]);
  expect(concurrentWarnings([{ pid: 17, command: 'mpsbench bench cnn' }])).toEqual([
    {
      name: 'concurrent-run',
      message:
        'Another mpsbench was measuring on the same hardware at the same time: mpsbench bench cnn (process 17).',
      advice: 'Measure one after the other: --wait waits for the other to end.',
    },
  ]);
});

it('shortens a long command, and counts further ones', () => {
  const command = `mpsbench bench add ${'--elements 1024 '.repeat(9)}`;
  const [{ message }] = concurrentWarnings([
    { pid: 17, command },
    { pid: 18, command },
    { pid: 19, command },
  ]);
  expect(message).toMatch(
    /at the same time: mpsbench bench add .{41} \.\.\. \(process 17\), and 2 more\.$/,
  );
});

it('a GPU is the same one whatever reaches it, and a software GPU is the CPU', () => {
  expect(
    resourcesOf([
      { id: 'cuda:0', kind: 'gpu' },
      { id: 'webgpu:0', kind: 'gpu' },
      { id: 'pytorch:cuda', kind: 'gpu' },
      { id: 'pytorch:cuda:1', kind: 'gpu' },
      { id: 'metal:0', kind: 'integrated' },
      { id: 'webgpu:1', kind: 'software' },
      { id: 'cpu:0', kind: 'cpu' },
    ]),
  ).toEqual(['gpu-0', 'gpu-1', 'cpu']);
});
