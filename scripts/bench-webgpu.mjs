/**
 * The three workloads on the WebGPU device at the sizes of docs/benchmarks.md, and the copy bandwidth
 * that add is judged by. Every result is compared with the float64 reference before it is timed.
 * Prints JSON. Needs a build (npm run build).
 *
 *   node scripts/bench-webgpu.mjs [--quick] [--dtype f16]
 */
import process from 'node:process';

const dist = new URL('../dist/', import.meta.url);
const { webgpuBackend } = await import(new URL('backends/webgpu/backend.js', dist));
const { add } = await import(new URL('workloads/add/workload.js', dist));
const { linear } = await import(new URL('workloads/linear/workload.js', dist));
const { cnn } = await import(new URL('workloads/cnn/workload.js', dist));

const quick = process.argv.includes('--quick');
const dtype = process.argv.includes('f16') ? 'f16' : 'f32';
const SAMPLES = quick ? 3 : 20;
const SAMPLE_NS = quick ? 5e6 : 50e6;

/** FLOP/s of f32 multiply-adds outside the tensor cores, from the vendor's datasheet. */
const PEAK_FLOPS = { 'NVIDIA H200': 66.9e12 };

const probe = await webgpuBackend.probe();
if (probe.state !== 'available') {
  console.log(JSON.stringify({ error: probe.reason, remedy: probe.remedy }));
  process.exit(2);
}
const devices = await webgpuBackend.devices({});
const [device] = devices;
const results = [await copyBuffer(2 ** 28), await copyKernel(2 ** 26)];
for (const [workload, params] of [
  [add, quick ? add.presets.small : { ...add.presets.default, shape: [2 ** 26] }],
  [linear, quick ? linear.presets.small : linear.presets.large],
  [cnn, quick ? cnn.presets.small : cnn.presets.large],
]) {
  results.push(await bench(workload, params));
}
console.log(JSON.stringify({ device: device.info, probe, dtype, results }, undefined, 1));
for (const opened of devices) opened.dispose();

async function bench(workload, params) {
  const graph = workload.graph(params, dtype);
  const executable = await device.compile(graph);
  const before = workload.values(params, 1);
  for (const [id, values] of before) executable.write(id, values);
  const errors = await verify(workload, params, graph, executable, before);
  const timing = await sample((iterations) => executable.run(iterations, 'throughput'));
  const work = workload.work(params, dtype);
  const seconds = timing.deviceUs.median / 1e6;
  const result = {
    workload: workload.id,
    sizes: workload.describeSizes(params),
    verified: Object.values(errors).every((error) => error <= 1),
    errorsPerTolerance: errors,
    ...timing,
    gbPerS: work.bytes / seconds / 1e9,
    tflops: work.flops / seconds / 1e12,
    shareOfPeakFlops: work.flops / seconds / (PEAK_FLOPS[device.info.name] ?? Number.NaN),
    steps: (await executable.profile(quick ? 1 : 5)).map(({ kernel, deviceNs }) => ({
      kernel,
      deviceUs: deviceNs / 1e3,
    })),
  };
  executable.dispose();
  return result;
}

/** The largest error of each check, as a multiple of its tolerance: up to 1 is right. */
async function verify(workload, params, graph, executable, before) {
  const { skipped, checked } = workload.verification(params);
  const states = graph.tensors.filter(({ role }) => role === 'state').map(({ id }) => id);
  if (skipped > 0) await executable.run(skipped, 'throughput');
  const start = new Map(before);
  for (const id of states) start.set(id, await executable.read(id));
  await executable.run(checked, 'throughput');
  const after = new Map();
  for (const id of [...states, ...graph.outputs]) after.set(id, await executable.read(id));
  const errors = {};
  for (const check of workload.check(params, { dtype, tf32: false }, start, after, checked)) {
    errors[check.name] = worstError(check);
  }
  return errors;
}

function worstError({ actual, expected, tolerance }) {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance.abs + tolerance.rel * Math.abs(expected[i]);
    const error = Math.abs(actual[i] - expected[i]);
    const share = error === 0 ? 0 : error / allowed;
    if (!(share <= worst)) worst = share;
  }
  return worst;
}

/** Bandwidth of a kernel that only copies: what any kernel can reach, reads and writes counted. */
async function copyKernel(elements) {
  const shape = [Math.min(elements, device.info.maxBufferBytes / 4)];
  const graph = {
    name: 'copy',
    tensors: [
      { id: 'x', shape, dtype: 'f32', role: 'input' },
      { id: 'y', shape, dtype: 'f32', role: 'temp' },
    ],
    ops: [{ id: 'copy', kind: 'reshape', inputs: ['x'], output: 'y' }],
    outputs: ['y'],
  };
  const executable = await device.compile(graph);
  const timing = await sample((iterations) => executable.run(iterations, 'throughput'));
  executable.dispose();
  const bytes = 8 * shape[0];
  return { copy: 'kernel', ...timing, gbPerS: bytes / (timing.deviceUs.median * 1e3) };
}

/** Bandwidth of copyBufferToBuffer; some drivers give it to a slow copy engine. */
async function copyBuffer(bytes) {
  const { gpuDevice, dawn } = device;
  const size = Math.min(bytes, device.info.maxBufferBytes);
  const usage = dawn.usage.COPY_SRC | dawn.usage.COPY_DST;
  const buffers = [0, 1].map(() => gpuDevice.createBuffer({ size, usage }));
  const timing = await sample(async (iterations) => {
    const encoder = gpuDevice.createCommandEncoder();
    for (let i = 0; i < iterations; i++) {
      encoder.copyBufferToBuffer(buffers[0], 0, buffers[1], 0, size);
    }
    const begin = process.hrtime.bigint();
    gpuDevice.queue.submit([encoder.finish()]);
    await gpuDevice.queue.onSubmittedWorkDone();
    const wallNs = Number(process.hrtime.bigint() - begin);
    return { wallNs, deviceNs: wallNs };
  });
  for (const buffer of buffers) buffer.destroy();
  return {
    copy: 'copyBufferToBuffer',
    ...timing,
    gbPerS: (2 * size) / (timing.wallUs.median * 1e3),
  };
}

/** Microseconds per iteration. */
async function sample(run) {
  await run(1);
  const once = await run(3);
  const iterations = Math.max(1, Math.min(2000, Math.round((SAMPLE_NS * 3) / once.wallNs)));
  for (let i = 0; i < 5; i++) await run(iterations);
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await run(iterations));
  return {
    iterations,
    wallUs: spread(samples.map(({ wallNs }) => wallNs / iterations / 1e3)),
    deviceUs: spread(samples.map(({ wallNs, deviceNs = wallNs }) => deviceNs / iterations / 1e3)),
  };
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
}
