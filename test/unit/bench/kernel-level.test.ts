import { describe, expect, it } from 'vitest';
import { kernelLevelFor } from '../../../src/bench/kernel-level.js';
import { findWorkload } from '../../../src/workloads/registry.js';

const workload = findWorkload('cnn') as NonNullable<ReturnType<typeof findWorkload>>;
const [gpu, cpu] = [{ id: 'metal:0' }, { id: 'cpu:0' }];
const auto = { kernels: 'auto', engine: undefined } as const;

describe('--kernels auto', () => {
  it('is best for a single device', () => {
    expect(kernelLevelFor({ workload }, auto, [gpu], {})).toBe('best');
  });

  it('is best for several devices if each has fused kernels for the workload', () => {
    const fused = { 'metal:0': ['cnn'], 'cpu:0': ['cnn', 'linear'] };
    expect(kernelLevelFor({ workload }, auto, [gpu, cpu], fused)).toBe('best');
  });

  it('is library for all devices if one of them has no fused kernel for the workload', () => {
    const fused = { 'metal:0': ['linear'], 'cpu:0': ['cnn'] };
    expect(kernelLevelFor({ workload }, auto, [gpu, cpu], fused)).toBe('library');
  });

  it('is library with a named CPU engine, which runs without fused kernels', () => {
    expect(kernelLevelFor({ workload }, { ...auto, engine: 'onednn' }, [cpu], {})).toBe('library');
  });
});

it('uses the requested level', () => {
  const asked = { kernels: 'best', engine: undefined } as const;
  expect(kernelLevelFor({ workload }, asked, [gpu, cpu], {})).toBe('best');
});
