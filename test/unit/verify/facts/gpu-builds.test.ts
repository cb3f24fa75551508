import { describe, expect, it } from 'vitest';
import {
  coverageOf,
  type GpuBuildQuery,
  gpuCode,
} from '../../../../src/verify/facts/gpu-builds.js';
import {
  generationOfDevice,
  generationOfName,
} from '../../../../src/verify/facts/gpu-generations.js';

describe('GPU generations', () => {
  // Every line from Kepler to Blackwell, by the name that the driver prints and by a device id of it.
  it.each([
    ['Tesla K80', '0x102d', '3.7', 'Kepler'],
    ['Tesla K40m', '0x1023', '3.5', 'Kepler'],
    ['GeForce GTX 680', '0x1180', '3.0', 'Kepler'],
    ['GeForce GTX 750 Ti', '0x1380', '5.0', 'Maxwell'],
    ['Tesla M40', '0x17fd', '5.2', 'Maxwell'],
    ['GeForce GTX 980', '0x13c0', '5.2', 'Maxwell'],
    ['Tesla P100-PCIE-16GB', '0x15f8', '6.0', 'Pascal'],
    ['NVIDIA GeForce GTX 1080 Ti', '0x1b06', '6.1', 'Pascal'],
    ['Tesla P40', '0x1b38', '6.1', 'Pascal'],
    ['Tesla V100-SXM2-16GB', '0x1db1', '7.0', 'Volta'],
    ['NVIDIA TITAN V', '0x1d81', '7.0', 'Volta'],
    ['Tesla T4', '0x1eb8', '7.5', 'Turing'],
    ['NVIDIA GeForce RTX 2080 Ti', '0x1e07', '7.5', 'Turing'],
    ['NVIDIA GeForce GTX 1660 Ti', '0x2182', '7.5', 'Turing'],
    ['NVIDIA A100-SXM4-40GB', '0x20b0', '8.0', 'Ampere'],
    ['NVIDIA A30', '0x20b7', '8.0', 'Ampere'],
    ['NVIDIA GeForce RTX 3090', '0x2204', '8.6', 'Ampere'],
    ['NVIDIA RTX A6000', '0x2230', '8.6', 'Ampere'],
    ['NVIDIA A10G', '0x2237', '8.6', 'Ampere'],
    ['NVIDIA GeForce RTX 4090', '0x2684', '8.9', 'Ada'],
    ['NVIDIA GeForce RTX 4050 Laptop GPU', '0x28a1', '8.9', 'Ada'],
    ['NVIDIA L40S', '0x26b9', '8.9', 'Ada'],
    ['NVIDIA L4', '0x27b8', '8.9', 'Ada'],
    ['NVIDIA H100 PCIe', '0x2331', '9.0', 'Hopper'],
    ['NVIDIA H200', '0x2335', '9.0', 'Hopper'],
    ['NVIDIA GH200 480GB', '0x2342', '9.0', 'Hopper'],
    ['NVIDIA B200', '0x2901', '10.0', 'Blackwell'],
    ['NVIDIA GB300', '0x31c2', '10.3', 'Blackwell'],
    ['NVIDIA GeForce RTX 5090', '0x2b85', '12.0', 'Blackwell'],
    ['NVIDIA GeForce RTX 5070', '0x2f04', '12.0', 'Blackwell'],
    ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition', '0x2bb1', '12.0', 'Blackwell'],
    ['NVIDIA GB10', '0x2e12', '12.1', 'Blackwell'],
  ])('%s (%s) is sm %s, %s', (name, device, capability, generation) => {
    expect(generationOfName(name)).toEqual({ capability, generation });
    expect(generationOfDevice(device)).toEqual({ capability, generation });
  });

  it.each(['NVIDIA Graphics Device', 'NVIDIA RTX 9999', ''])('%j is not known', (name) => {
    expect(generationOfName(name)).toBeUndefined();
  });

  it('an unknown device id is not known', () => {
    expect(generationOfDevice('0xfff0')).toBeUndefined();
    expect(generationOfDevice('x')).toBeUndefined();
  });
});

describe('GPU builds', () => {
  const torch = (version: string, cuda: string, rest: Partial<GpuBuildQuery> = {}) => ({
    framework: 'pytorch' as const,
    version,
    cuda,
    arch: 'x86_64',
    isConda: false,
    ...rest,
  });

  it.each([
    ['2.0.1', '11.7', '9.0', 'none'],
    ['2.0.1', '11.8', '9.0', 'native'],
    ['2.6.0', '12.4', '12.0', 'none'],
    ['2.7.0', '12.8', '6.1', 'native'],
    ['2.8.0', '12.8', '6.1', 'none'],
    ['2.10.0', '12.8', '7.0', 'native'],
    ['2.11.0', '12.8', '7.0', 'none'],
    ['2.11.0', '13.0', '7.5', 'native'],
    // A cubin runs on a later minor revision of its generation, never on an earlier one.
    ['2.9.0', '12.8', '8.9', 'native'],
    ['2.9.0', '12.8', '12.1', 'native'],
    ['9.0.0', '14.0', '9.0', undefined],
  ])('PyTorch %s for CUDA %s on sm %s: %s', (version, cuda, capability, expected) => {
    expect(gpuCode(torch(version, cuda), capability)).toBe(expected);
  });

  it('covers the shorter lists of aarch64, and the PTX of conda-forge', () => {
    expect(gpuCode(torch('2.9.0', '12.8', { arch: 'aarch64' }), '7.5')).toBe('none');
    expect(gpuCode(torch('2.9.0', '13.0', { arch: 'aarch64' }), '11.0')).toBe('native');
    expect(gpuCode(torch('2.5.1', '12.0', { isConda: true }), '12.0')).toBe('jit');
  });

  it('words what a build covers', () => {
    expect(coverageOf(torch('2.0.1', '11.7'))).toBe('sm_37 to sm_86');
    const jax = { ...torch('0.9.0', '12'), framework: 'jax' as const };
    expect(coverageOf(jax)).toBe('sm_52 and newer');
  });
});
