import { describe, expect, it } from 'vitest';
import { oddDeviceWarnings } from '../../../src/bench/odd-devices.js';
import type { DeviceInfo, Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';
import { h200Gpu } from '../../fakes/trials.js';

const card = (index: number, change: Partial<DeviceInfo> = {}): DeviceInfo => ({
  ...h200Gpu,
  ...{ id: `cuda:${index}`, backend: 'cuda' },
  ...change,
});

/** The row of a card that takes this long. */
function row(device: string, ns: number, change: Partial<Row> = {}): Row {
  const [base] = cudaBench.rows;
  const { measurement } = base;
  if (!measurement) throw new Error('the fake row has no measurement');
  const summary = { ...measurement.wall, median: ns };
  const measured = { ...measurement, wall: summary, device: summary, telemetry: undefined };
  return { ...base, device, state: 'measured', measurement: measured, ...change };
}

function warningsFor(times: readonly number[], devices = times.map((_, index) => card(index))) {
  const byId = new Map(devices.map((device) => [device.id, device]));
  return oddDeviceWarnings(
    times.map((ns, index) => row(devices[index].id, ns)),
    byId,
  );
}

describe('the odd one of like cards', () => {
  it('is named among 4 and 8, by how much and in which direction', () => {
    const [slow, ...others] = warningsFor([100, 101, 130, 100]);
    expect(others).toEqual([]);
    expect(slow.name).toBe('odd-device');
    expect(slow.message).toMatch(/^cuda:2 is the odd one of 4 NVIDIA H200 for linear: 29 % slower/);
    const [fast] = warningsFor([100, 100, 101, 99, 100, 100, 80, 100]);
    expect(fast.message).toMatch(/^cuda:6 is the odd one of 8 NVIDIA H200 .* 20 % faster/);
  });

  it('is none if all are within 5 %', () => {
    expect(warningsFor([100, 101, 104, 100])).toEqual([]);
    expect(warningsFor([100])).toEqual([]);
  });

  it('cannot be decided between two: both are named', () => {
    const [pair] = warningsFor([112, 100]);
    expect(pair.name).toBe('unequal-devices');
    expect(pair.message).toBe(
      'cuda:0 takes 12 % longer than cuda:1 for linear, and both are NVIDIA H200.',
    );
    expect(warningsFor([104, 100])).toEqual([]);
  });

  it('may have chosen other kernels, which is said first', () => {
    const devices = new Map([0, 1, 2, 3].map((index) => [`cuda:${index}`, card(index)]));
    const placed = { op: 'dense', kind: 'matmul', dtype: 'f32', requested: 'cuda', placed: 'cuda' };
    const other = (kernel: string): Partial<Row> => ({
      placement: [{ ...placed, dtype: 'f32', evidence: 'reported', kernel, step: 0 }],
    });
    const [pair] = oddDeviceWarnings(
      [
        row('cuda:0', 300, other('small.cu, 1.01x as fast as cublasLt')),
        row('cuda:1', 100, other('cublasLt')),
      ],
      devices,
    );
    expect(pair.message).toContain('cuda:0 takes 3.0x as long as cuda:1 for linear');
    expect(pair.message).toContain('They ran different kernels.');
    expect(pair.advice).toContain('each process chooses its kernels');
    const same = [0, 1, 3].map((index) =>
      row(`cuda:${index}`, 100, other(`cublasLt, 1.0${index}x as fast as small.cu`)),
    );
    const [odd] = oddDeviceWarnings([row('cuda:2', 130, other('small.cu')), ...same], devices);
    expect(odd.message).toContain('It ran other kernels than most of them.');
    expect(
      oddDeviceWarnings([row('cuda:2', 130, other('cublasLt')), ...same], devices)[0].advice,
    ).toContain('power limit');
  });

  it('is not looked for among cards of different models or memory', () => {
    const other = card(2, { name: 'NVIDIA H100' });
    expect(warningsFor([100, 100, 200], [card(0), card(1), other])).toEqual([]);
    const half = card(2, { memoryBytes: 2 ** 35 });
    expect(warningsFor([100, 100, 200], [card(0), card(1), half])).toEqual([]);
  });

  it('is judged for each size alone, and by measured rows only', () => {
    const devices = new Map([0, 1, 2].map((index) => [`cuda:${index}`, card(index)]));
    const rows = [
      row('cuda:0', 100),
      row('cuda:1', 100),
      row('cuda:2', 200, { state: 'disturbed' as Row['state'] }),
      row('cuda:2', 900, { dtype: 'bf16' }),
    ];
    expect(oddDeviceWarnings(rows, devices)).toEqual([]);
  });

  it('comes with what its sensors said', () => {
    const devices = new Map([0, 1, 2].map((index) => [`cuda:${index}`, card(index)]));
    const hot = row('cuda:2', 200);
    const reading = { atNs: 0, iterations: 0, throttling: ['power limit'], otherProcesses: 1 };
    const measurement = {
      ...hot.measurement,
      telemetry: { before: reading, blocks: [reading], after: reading },
    } as Row['measurement'];
    const [found] = oddDeviceWarnings(
      [row('cuda:0', 100), row('cuda:1', 100), { ...hot, measurement }],
      devices,
    );
    expect(found.message).toContain('It was held back: power limit. Other processes held it, too.');
  });
});
