/**
 * The copy bandwidth of the WebGPU device, which `mpsbench bench add` is judged by in
 * docs/benchmarks.md: of a kernel that only copies, and of copyBufferToBuffer. Needs a build.
 *
 *   node scripts/bench-webgpu-copy.mjs [--quick]
 */
import process from 'node:process';
import { webgpuBackend } from '../dist/backends/webgpu/backend.js';
import { systemClock } from '../dist/measure/clock.js';
import { measure } from '../dist/measure/measure.js';
import { formatInterval, formatNs, formatRate } from '../dist/result/units.js';
import { say } from './lib/step.mjs';

const quick = process.argv.includes('--quick');
const BYTES = quick ? 2 ** 20 : 2 ** 28;
const OPTIONS = {
  mode: 'throughput',
  timeBudgetNs: quick ? 1e8 : 2e9,
  warmupNs: quick ? 2e7 : 5e8,
  minSamples: 10,
  maxSamples: 1000,
  precision: 0.01,
};

const probe = await webgpuBackend.probe();
if (probe.state !== 'available') {
  say(`bench-webgpu-copy: ${probe.reason}: ${probe.remedy}.`);
  process.exit(2);
}
const devices = await webgpuBackend.devices({});
const [device] = devices;
const bytes = Math.min(BYTES, device.info.maxBufferBytes);
const copies = [await kernelCopy(), bufferCopy()];
const outcomes = await measure(
  copies.map(({ id, run }) => ({ id, run: (request) => samplesOf(run, request) })),
  OPTIONS,
  { clock: systemClock },
);
process.stdout.write(`${device.info.name}, ${bytes} bytes, reads and writes counted\n`);
for (const { id, dispose } of copies) {
  const { measurement, error } = outcomes.get(id);
  const time = measurement?.device ?? measurement?.wall;
  // Bytes per nanosecond are GB/s.
  const line = time
    ? `${formatNs(time.median)} ${formatInterval(time.median, time.interval)}  ${formatRate((2 * bytes) / time.median)} GB/s`
    : error.message;
  process.stdout.write(`${id.padEnd(20)} ${line}\n`);
  dispose();
}
for (const opened of devices) opened.dispose();

async function samplesOf(run, { iterations, samples }) {
  const taken = [];
  while (taken.length < samples) taken.push(await run(iterations));
  return taken;
}

/** A reshape of an input is a kernel that copies. */
async function kernelCopy() {
  const shape = [bytes / 4];
  const executable = await device.compile({
    name: 'copy',
    tensors: [
      { id: 'x', shape, dtype: 'f32', role: 'input' },
      { id: 'y', shape, dtype: 'f32', role: 'temp' },
    ],
    ops: [{ id: 'copy', kind: 'reshape', inputs: ['x'], output: 'y' }],
    outputs: ['y'],
  });
  return {
    id: 'kernel',
    run: (iterations) => executable.run(iterations, 'throughput'),
    dispose: () => executable.dispose(),
  };
}

/** Some drivers give it to a slow copy engine. By wall time: copies have no timestamps. */
function bufferCopy() {
  const { gpuDevice, dawn } = device.context;
  const usage = dawn.usage.COPY_SRC | dawn.usage.COPY_DST;
  const buffers = [0, 1].map(() => gpuDevice.createBuffer({ size: bytes, usage }));
  return {
    id: 'copyBufferToBuffer',
    async run(iterations) {
      const encoder = gpuDevice.createCommandEncoder();
      for (let i = 0; i < iterations; i++) {
        encoder.copyBufferToBuffer(buffers[0], 0, buffers[1], 0, bytes);
      }
      const startNs = systemClock.nowNs();
      gpuDevice.queue.submit([encoder.finish()]);
      await gpuDevice.queue.onSubmittedWorkDone();
      return { iterations, wallNs: systemClock.nowNs() - startNs };
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
