import { describe, expect, it } from 'vitest';
import { type BenchResult, benchResultSchema } from '../../src/result/schema.js';
import { BRIEF, mpsbench } from './run.js';

/** What people type when they come from other tools. */

async function bench(...args: readonly string[]): Promise<BenchResult> {
  const { stdout, stderr } = await mpsbench(['bench', ...args, ...BRIEF, '--json']);
  expect(stderr).toBe('');
  return benchResultSchema.parse(JSON.parse(stdout));
}

it.each(['--version', '-V', '-v', 'version'])('mpsbench %s prints the version', async (word) => {
  const { code, stdout, stderr } = await mpsbench([word]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('bench alone runs every workload', async () => {
  const { rows } = await bench('--device', 'cpu:0');
  expect(rows.map(({ workload }) => workload)).toEqual(['add', 'linear', 'cnn']);
});

describe('element types', () => {
  it.each([
    ['float32', 'f32'],
    ['fp32', 'f32'],
    ['half', 'f16'],
    ['FP16', 'f16'],
    ['bfloat16', 'bf16'],
    ['double', 'f64'],
  ])('%s is %s', async (name, dtype) => {
    const { rows } = await bench('add', '--device', 'cpu:0', '--dtype', name);
    expect(rows.map((row) => row.dtype)).toEqual([dtype]);
  });
});
