import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/result/schema.js';
import { BRIEF, expectNoTrace, mpsbench } from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-readings-'));
const flat = (text: string) => text.replace(/\s+/g, ' ');

async function bench(fake: string, env: Record<string, string> = {}, flags: string[] = []) {
  const path = join(temporary, `${fake.replace(':', '-')}.json`);
  const args = ['bench', 'add', '--device', 'fake:0', ...BRIEF, ...flags, '--json', path];
  const outcome = await mpsbench(args, { fake, env });
  expectNoTrace(outcome);
  const result: BenchResult = JSON.parse(readFileSync(path, 'utf8'));
  return { ...outcome, said: flat(outcome.stdout), row: result.rows[0] };
}

const namesOf = ({ measurement }: BenchResult['rows'][number]) =>
  measurement?.warnings.map(({ name }) => name) ?? [];

describe('a device clock that cannot be right', () => {
  it.each([
    ['zero', 'zero'],
    ['nan', 'NaN'],
    ['infinity', 'infinity'],
    ['negative', 'less than zero'],
    ['backwards', 'less than zero'],
    ['text', 'type string'],
    ['long', 'longer than the wall time'],
    ['wrapped', 'longer than the wall time'],
  ])('%s: wall time is kept, the row is marked, exit 1', async (kind, fault) => {
    const { code, said, row } = await bench(`device:${kind}`);
    expect(code).toBe(1);
    expect(row.state).toBe('measured');
    expect(row.measurement?.wall.median).toBe(1e6);
    expect(row.measurement?.device).toBeUndefined();
    expect(row.rates?.clock).toBe('wall');
    expect(row.measurement?.invalidReadings?.[0].reading).toBe(`device time: ${fault}`);
    expect(namesOf(row)).toContain('invalid-reading');
    expect(said).toContain(
      `add on fake:0: The device reported times that cannot be: device time: ${fault}`,
    );
    // Nothing but the request says where it ran.
    expect(row.placement.map(({ evidence }) => evidence)).not.toContain('observed-per-run');
  });

  it('too coarse for the work: wall time, no finding', async () => {
    const { code, row } = await bench('device:zero', { MPSBENCH_FAKE_STEP_NS: '1e12' });
    expect(code).toBe(0);
    expect(row.measurement?.device).toBeUndefined();
    expect(row.rates?.clock).toBe('wall');
  });

  it('with a step that is not a number is still measured', async () => {
    const { code, row } = await bench('none', { MPSBENCH_FAKE_STEP_NS: 'NaN' });
    expect(code).toBe(0);
    expect(row.measurement?.device?.median).toBe(0.9e6);
  });
});

describe('a wall time that cannot be right', () => {
  it.each([
    ['nan', 'fake:0 reported a wall time of NaN.'],
    ['infinity', 'fake:0 reported a wall time of infinity.'],
    ['negative', 'fake:0 reported a wall time of less than zero.'],
    ['text', 'fake:0 reported a wall time of type string.'],
    ['slow-zero', 'fake:0 reported a wall time of 0 for'],
    ['zero', 'The clock saw no time at all in 1,048,576 iterations.'],
  ])('%s: there is no number, and exit 1', async (kind, message) => {
    const { code, said, row } = await bench(`wall:${kind}`);
    expect(said).toContain(message);
    expect(code).toBe(1);
    expect(row.state).toBe('implausible');
    expect(row.rates).toBeUndefined();
  });

  it('faster than a step of the clock: groups grow until they can be timed', async () => {
    const { code, row } = await bench('none', { MPSBENCH_FAKE_NS: '0.25' });
    expect(code).toBe(0);
    expect(row.measurement?.wall.median).toBe(0.25);
    expect(row.measurement?.iterationsPerSample).toBe(2 ** 20);
  });

  it('so slow that one iteration is longer than the whole budget ends after one block', async () => {
    const { code, row } = await bench('none', { MPSBENCH_FAKE_NS: '1e13' });
    expect(code).toBe(0);
    expect(row.measurement?.iterationsPerSample).toBe(1);
  });
});

it('sensors that say what cannot be lose these readings only', async () => {
  const sensors = { utilisation: 3, powerW: -20, temperatureC: 'hot', clockMHz: 'NaN', energyJ: 5 };
  const { code, said, row } = await bench('none', {
    MPSBENCH_FAKE_SENSORS: JSON.stringify(sensors),
  });
  expect(code).toBe(0);
  expect(row.measurement?.telemetry?.before).toMatchObject({
    energyJ: 5,
    invalid: ['utilisation', 'clockMHz', 'temperatureC', 'powerW'],
  });
  expect(row.measurement?.telemetry?.before).not.toHaveProperty('powerW');
  expect(said).toContain(
    "The device's sensors reported values that cannot be, which were left out: utilisation, clockMHz, temperatureC, powerW.",
  );
});
