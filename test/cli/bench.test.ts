import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '../../src/backends/registry.js';
import { CPU_ENGINES } from '../../src/backends/types.js';
import { type BenchResult, type DevicesResult, resultSchema } from '../../src/result/schema.js';
import { BRIEF, mpsbench } from './run.js';

const temporary = mkdtempSync(join(tmpdir(), 'mpsbench-bench-'));

/** Runs and returns the JSON result, which has to fit the schema. */
async function benchJson(args: readonly string[], fake?: string, env = {}) {
  const outcome = await mpsbench(['bench', ...args, '--json'], { fake, env });
  const result = resultSchema.parse(JSON.parse(outcome.stdout)) as BenchResult;
  return { ...outcome, result };
}

/** What a terminal would act on; a table may hold line ends only. */
function controlCharacters(text: string): string[] {
  return [...text].filter((character) => character < ' ' && character !== '\n');
}

let devices: DevicesResult;
beforeAll(async () => {
  const { stdout } = await mpsbench(['devices', '--json']);
  devices = resultSchema.parse(JSON.parse(stdout)) as DevicesResult;
});

describe('devices', () => {
  it('lists the CPU with its engine, and every backend', () => {
    const cpu = devices.devices.find(({ id }) => id === 'cpu:0');
    expect(cpu?.kind).toBe('cpu');
    expect(cpu?.dtypes).toContain('f64');
    expect(cpu?.engines).toContain('reference');
    expect(CPU_ENGINES).toEqual(expect.arrayContaining([...(cpu?.engines ?? [])]));
    expect(devices.backends.map(({ id }) => id)).toEqual(['metal', 'cuda', 'webgpu', 'cpu']);
    for (const { id, state, reason, remedy } of devices.backends) {
      if (state !== 'unavailable') continue;
      expect(reason).toBeTruthy();
      const { home } = findBackend(id);
      const impossible = home !== undefined && process.platform !== home.platform;
      expect(Boolean(remedy)).toBe(!impossible);
    }
  });

  it('prints a table', async () => {
    const { stdout, code } = await mpsbench(['devices']);
    expect(code).toBe(0);
    expect(stdout).toContain('cpu:0');
    expect(controlCharacters(stdout)).toEqual([]);
  });
});

describe.each(['cpu:0', 'webgpu:0'])('the example presets on %s', (device) => {
  it('print the known answers, verified', async (context) => {
    if (!devices.devices.some(({ id }) => id === device)) {
      context.skip(`there is no ${device} on this machine`);
    }
    const { code, result } = await benchJson(['all', '--device', device, ...BRIEF]);
    expect(result.rows.map(({ workload, state }) => [workload, state])).toEqual([
      ['add', 'measured'],
      ['linear', 'measured'],
      ['cnn', 'measured'],
    ]);
    expect(code).toBe(0);
    const output = Object.fromEntries(
      result.rows.flatMap((row) => row.output.map(({ label, value }) => [label, value])),
    );
    expect(output.sum).toBe('[[6, 8], [10, 12]]');
    expect(Math.abs(Number(output['prediction for x = 5']) - 10)).toBeLessThan(0.5);
    expect(output['output shape']).toBe('(1, 10)');
    expect(Number(output['row sums'])).toBeCloseTo(1, 5);
    for (const row of result.rows) {
      expect(row.verification?.ok).toBe(true);
      expect(row.placement.every(({ placed, kernel }) => placed === device && kernel)).toBe(true);
      expect(row.measurement?.wall.median).toBeGreaterThan(0);
      expect(row.reproduce).toContain(`--device ${device}`);
    }
  });
});

describe('--tf32', () => {
  const run = (args: readonly string[], env = {}) =>
    benchJson([...args, '--tf32', ...BRIEF], '', { MPSBENCH_FAKE_TF32: '1', ...env });

  it('labels the rows whose products have TF32 factors, and no others', async () => {
    const { result, code } = await run(['all', '--device', 'fake:0,cpu:0']);
    expect(code).toBe(0);
    const labels = result.rows.map(({ workload, device, tf32 }) => [workload, device, tf32]);
    expect(labels).toEqual([
      ['add', 'fake:0', undefined],
      ['add', 'cpu:0', undefined],
      ['linear', 'fake:0', true],
      ['linear', 'cpu:0', undefined],
      ['cnn', 'fake:0', true],
      ['cnn', 'cpu:0', undefined],
    ]);
    for (const { reproduce } of result.rows) expect(reproduce).toContain(' --tf32');
    expect(result.warnings.map(({ name }) => name)).toContain('tf32');
    const strict = await benchJson(['cnn', '--device', 'fake:0', ...BRIEF], '');
    const [tf32Check] = result.rows[4].verification?.checks ?? [];
    const [strictCheck] = strict.result.rows[0].verification?.checks ?? [];
    expect(tf32Check.tolerance.rel).toBeGreaterThan(100 * strictCheck.tolerance.rel);
  });

  it('says if it changes nothing', async () => {
    const lacking = await run(['cnn', '--device', 'fake:0'], { MPSBENCH_FAKE_TF32: '' });
    expect(lacking.result.rows[0].tf32).toBeUndefined();
    expect(lacking.result.warnings.map(({ message }) => message)).toContain(
      'fake:0 does not compute with TF32: its rows are strict f32.',
    );
    const other = await run(['cnn', '--device', 'cpu:0', '--dtype', 'f64']);
    expect(other.result.warnings.map(({ message }) => message)).toContain(
      '--tf32 applies only to f32; this run uses f64.',
    );
  });
});

describe('the sensors of a device', () => {
  it('are in the result and in the table, with a warning for throttled clocks', async () => {
    const env = {
      MPSBENCH_FAKE_SENSORS: JSON.stringify({
        clockMHz: 1980,
        temperatureC: 41,
        powerW: 612.4,
        utilisation: 1,
        otherProcesses: 1,
        throttling: ['power limit'],
      }),
    };
    const args = ['add', '--device', 'fake:0', ...BRIEF];
    const { result } = await benchJson(args, '', env);
    const { measurement } = result.rows[0];
    expect(measurement?.telemetry?.blocks).toHaveLength(measurement?.blocks.length ?? -1);
    expect(measurement?.telemetry?.before).toMatchObject({ clockMHz: 1980, iterations: 0 });
    expect(measurement?.samples.every(({ throttling }) => throttling?.[0] === 'power limit')).toBe(
      true,
    );
    const { stdout } = await mpsbench(['bench', ...args, '--details'], { fake: '', env });
    expect(stdout).toContain('clock 1,980 MHz, 41 °C, 612 W, utilization 100 %');
    expect(stdout).toContain('[throttled]');
    expect(stdout).toContain('[shared-device]');
  });
});

describe('a comparison', () => {
  it('has a speedup with an interval around it on a quiet machine, on the wall clock', async () => {
    const { result } = await benchJson(
      ['add', '--device', 'fake:0', '--compare-cpu', ...BRIEF],
      '',
    );
    const [fake, cpu] = result.rows;
    expect(fake.speedup?.over).toBe('cpu:0');
    expect(fake.speedup?.clock).toBe('wall');
    if (result.rows.some(({ measurement }) => measurement?.disturbance?.unreliable)) {
      expect(fake.speedup?.interval).toBeUndefined();
    } else {
      const [low, high] = fake.speedup?.interval ?? [];
      expect(low).toBeLessThanOrEqual(fake.speedup?.value ?? 0);
      expect(high).toBeGreaterThanOrEqual(fake.speedup?.value ?? 0);
    }
    expect(cpu.speedup).toBeUndefined();
    expect(fake.placement[0].evidence).toBe('observed-per-run');
    expect(cpu.placement[0].evidence).toBe('reported');
  });

  it('uses the requested sizes, dtype and mode', async () => {
    const { result } = await benchJson([
      ...['linear', '--rows', '8', '--features', '5', '--units', '3', '--learning-rate', '0.5'],
      ...['--dtype', 'f64', '--mode', 'latency', '--device', 'cpu', '--samples', '12'],
      ...['--warmup', '0.01', '--engine', 'reference', '--seed', '9'],
    ]);
    const [row] = result.rows;
    expect(row.params).toMatchObject({ rows: 8, features: 5, units: 3, learningRate: 0.5 });
    expect([row.dtype, row.mode, row.state]).toEqual(['f64', 'latency', 'measured']);
    expect(row.measurement?.samples).toHaveLength(12);
    expect(row.measurement?.stoppedBy).toBe('samples');
    expect(row.placement.every(({ kernel }) => kernel.startsWith('reference'))).toBe(true);
    expect(row.reproduce).toBe(
      'mpsbench bench linear --rows 8 --features 5 --units 3 --learning-rate 0.5 --device cpu:0 --dtype f64 --engine reference --seed 9 --mode latency --warmup 0.01 --samples 12',
    );
  });
});

describe('placement', () => {
  it('moves unsupported ops to the CPU, with the reason and a warning', async () => {
    const { code, result } = await benchJson(['cnn', '--device', 'fake:0', ...BRIEF], '', {
      MPSBENCH_FAKE_LACKS: 'softmax,conv2d',
    });
    const [row] = result.rows;
    expect(code).toBe(0);
    expect(row.verification?.ok).toBe(true);
    const moved = row.placement.filter(({ placed }) => placed === 'cpu:0');
    expect(moved.map(({ op, reason }) => [op, reason])).toEqual([
      ['conv', 'the fake has no conv2d'],
      ['softmax', 'the fake has no softmax'],
    ]);
    expect(result.warnings.map(({ name }) => name)).toContain('fallback');
    expect(result.devices.map(({ id }) => id)).toEqual(['fake:0', 'cpu:0']);
  });

  it('strict refuses with the ops and reasons, and exits with 2', async () => {
    const { code, result } = await benchJson(
      ['cnn', '--device', 'fake:0', '--placement', 'strict', ...BRIEF],
      '',
      { MPSBENCH_FAKE_LACKS: 'softmax' },
    );
    expect(code).toBe(2);
    expect(result.rows[0].state).toBe('unsupported');
    expect(result.rows[0].error?.message).toBe(
      'fake:0 cannot run softmax: the fake has no softmax',
    );
  });

  it('is not judged by the peak of a device that did not run every op', async () => {
    const peak = { MPSBENCH_FAKE_PEAK_GFLOPS: '0.0001' };
    const bench = ['cnn', '--device', 'fake:0', ...BRIEF];
    const there = await benchJson(bench, '', peak);
    expect(there.result.rows[0].state).toBe('implausible');
    const { code, result } = await benchJson(bench, '', {
      ...peak,
      MPSBENCH_FAKE_LACKS: 'softmax',
    });
    expect(code).toBe(0);
    expect(result.rows[0].rates?.gflops).toBeGreaterThan(0);
    expect(result.rows[0].rates?.rooflineShare).toBeUndefined();
  });

  it('has no speedup if every op fell back', async () => {
    const { result } = await benchJson(
      ['add', '--device', 'fake:0', '--compare-cpu', ...BRIEF],
      '',
      { MPSBENCH_FAKE_LACKS: 'add' },
    );
    expect(result.rows[0].state).toBe('measured');
    expect(result.rows[0].speedup).toBeUndefined();
    expect(result.warnings.find(({ name }) => name === 'fallback')?.message).toContain(
      'no speedup is reported',
    );
  });

  it('--profile times every op', async () => {
    const { result } = await benchJson(['cnn', '--device', 'cpu', '--profile', ...BRIEF]);
    expect(result.rows[0].placement.every(({ wallNs }) => (wallNs ?? 0) > 0)).toBe(true);
  });
});

describe('output', () => {
  it('writes several formats at once, and the table too', async () => {
    const path = (name: string) => join(temporary, name);
    const { stdout, code } = await mpsbench([
      ...['bench', 'add', '--device', 'cpu', ...BRIEF],
      ...['--json', path('r.json'), '--csv', path('r.csv'), '--markdown', path('r.md')],
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('[[6, 8], [10, 12]]');
    expect(readFileSync(path('r.csv'), 'utf8').split('\r\n')[1]).toContain('cpu:0');
    expect(readFileSync(path('r.md'), 'utf8')).toMatch(/^\| *device/m);

    // A saved result renders to the very same text again.
    const again = await mpsbench(['report', path('r.json')]);
    expect(again.stdout).toBe(stdout);
    const csv = await mpsbench(['report', path('r.json'), '--csv']);
    expect(csv.stdout).toBe(readFileSync(path('r.csv'), 'utf8'));
  });

  it('saves the tensors of the verified run, before and after', async () => {
    const folder = join(temporary, 'tensors');
    await mpsbench(['bench', 'linear', '--device', 'cpu', ...BRIEF, '--save-tensors', folder]);
    expect(readdirSync(join(folder, 'linear', 'cpu-0')).sort()).toEqual([
      'bias.before.npy',
      'bias.npy',
      'loss.npy',
      'predictions.npy',
      'targets.npy',
      'weights.before.npy',
      'weights.npy',
      'x.npy',
    ]);
    const bytes = readFileSync(join(folder, 'linear', 'cpu-0', 'targets.npy'));
    const data = bytes.subarray(bytes.length - 16);
    expect([0, 4, 8, 12].map((at) => data.readFloatLE(at))).toEqual([2, 4, 6, 8]);
  });

  it('strips control characters from what a driver calls its device', async () => {
    const { stdout } = await mpsbench(['devices'], {
      fake: '',
      env: { MPSBENCH_FAKE_NAME: 'evil\u001b[31m\u0007GPU' },
    });
    expect(stdout).toContain('GPU');
    expect(controlCharacters(stdout)).toEqual([]);
  });
});

describe('values that do not fit the dtype are a usage error, not a wrong device', () => {
  it.each([
    ['sums that f16 cannot hold', ['add', '--elements', '100000', '--dtype', 'f16'], 'smaller one'],
    ['training that diverges', ['linear', '--learning-rate', '5'], '--learning-rate'],
    [
      'training that diverges before its verified step',
      ['linear', '--learning-rate', '5', '--dtype', 'f16'],
      '--learning-rate',
    ],
  ])('%s', async (_, args, advice) => {
    const device = ['--preset', 'example', '--device', 'cpu:0'];
    const { code, result } = await benchJson([...args, ...device]);
    expect(code).toBe(64);
    expect(result.rows[0]).toMatchObject({ state: 'failed', error: { code: 'usage' } });
    expect(result.rows[0].error?.advice).toContain(advice);
  });
});

it('claims no precision from a single sample', async () => {
  const { result } = await benchJson([
    ...['add', '--preset', 'example', '--device', 'cpu:0'],
    ...['--samples', '1', '--warmup', '0.01'],
  ]);
  const [{ measurement }] = result.rows;
  expect(measurement?.wall.samples).toBe(1);
  expect(measurement?.wall.interval).toBeUndefined();
  expect(measurement?.warnings.map(({ name }) => name)).toContain('few-samples');
});
