import { describe, expect, it } from 'vitest';
import { webgpuBackend } from '../../src/backends/webgpu/backend.js';
import { WebgpuDevice } from '../../src/backends/webgpu/device.js';
import { GraphBuilder } from '../../src/graph/builder.js';
import type { Graph } from '../../src/graph/types.js';
import { skipReason, useDevice } from './harness.js';

function sum(elements: number): Graph {
  const g = new GraphBuilder('add', 'f32');
  return g.build([g.elementwise('add', 'add', g.input('a', [elements]), g.input('b', [elements]))]);
}

describe.skipIf(skipReason)(`faults on a device${skipReason ? ` (${skipReason})` : ''}`, () => {
  const use = useDevice();

  it('refuses a tensor larger than any buffer, and says what would fit', async () => {
    const elements = (use.device.info.maxBufferBytes ?? 0) / 2;
    await expect(use.device.compile(sum(elements))).rejects.toMatchObject({
      code: 'out_of_memory',
      message: expect.stringMatching(
        /^The tensor a needs .* MiB; a buffer of this device can have at most/,
      ),
      advice: 'Choose sizes at least 2.00 times smaller for a.',
    });
    await expect(use.device.compile(sum(2 ** 52))).rejects.toMatchObject({ code: 'out_of_memory' });
  });

  it('says why f64 and bf16 are unsupported', async () => {
    const [op] = sum(1).ops;
    expect(use.device.supports(op, 'f64')).toEqual({ ok: false, reason: 'WGSL has no f64' });
    expect(use.device.supports(op, 'bf16')).toEqual({ ok: false, reason: 'WGSL has no bf16' });
    expect(use.device.supports(op, 'f32')).toEqual({ ok: true });
    const g = new GraphBuilder('relu', 'f64');
    await expect(
      use.device.compile(g.build([g.relu('y', g.input('x', [2]))])),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('refuses tensors and lengths that the graph does not have', async () => {
    const executable = await use.device.compile(sum(3));
    expect(() => executable.write('z', new Float32Array(3))).toThrow('no tensor z');
    expect(() => executable.write('a', new Float32Array(4))).toThrow('a has 3 elements; 4 were');
    expect(() => executable.write('add', new Float32Array(3))).toThrow('cannot be written');
    await expect(executable.read('a')).rejects.toThrow('neither an output nor a state tensor');
    await expect(executable.run(0, 'latency')).rejects.toThrow('0 is not a number of iterations');
    executable.dispose();
  });

  it('can be disposed twice, and refuses work afterwards', async () => {
    const executable = await use.device.compile(sum(3));
    executable.dispose();
    executable.dispose();
    await expect(executable.run(1, 'throughput')).rejects.toThrow('disposed');
    await expect(executable.read('add')).rejects.toThrow('disposed');
    expect(() => executable.write('a', new Float32Array(3))).toThrow('disposed');
  });

  it('times every iteration and every step', async () => {
    const executable = await use.device.compile(sum(1000));
    for (const mode of ['latency', 'throughput'] as const) {
      const sample = await executable.run(300, mode);
      expect(sample.iterations).toBe(300);
      expect(sample.wallNs).toBeGreaterThan(0);
      if (use.device.info.deviceClock) expect(sample.deviceNs).toBeGreaterThan(0);
    }
    const [step] = await executable.profile(2);
    expect(step).toMatchObject({ ops: ['add'], kernel: 'elementwise.wgsl add' });
    expect(step?.wallNs).toBeGreaterThan(0);
    executable.dispose();
  });

  it('reports a lost device on the next call', async () => {
    const [device, ...others] = await webgpuBackend.devices({});
    const executable = await device.compile(sum(3));
    if (!(device instanceof WebgpuDevice)) throw new Error('not a WebGPU device');
    device.context.gpuDevice.destroy();
    const lost = {
      code: 'device_lost',
      message: expect.stringMatching(/^The device webgpu:0 was lost/),
    };
    await expect(executable.run(1, 'throughput')).rejects.toMatchObject(lost);
    await expect(executable.read('add')).rejects.toMatchObject(lost);
    await expect(device.compile(sum(3))).rejects.toMatchObject(lost);
    executable.dispose();
    for (const other of others) other.dispose();
  });
});
