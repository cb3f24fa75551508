#!/usr/bin/env node
/**
 * A fake Python interpreter: it speaks the protocol of the framework drivers, computes with the fake
 * interpreter, and does what `script.json` beside it says. It is copied to an environment's
 * bin/python together with that script.
 *
 *   module   path of test/fakes/interpreter.mjs
 *   devices  what `describe` lists
 *   whyNoGpu why `describe` lists no GPU
 *   fault    { method, mode?, does }: `crash`, `killed`, `hang`, `garbage`, `flood`, or an error of the protocol
 *            { code, message }; with `mode`, only for a graph that was built in it
 *   wrong    the mode in which every result is 42
 *   nan      every result is NaN
 *   fallback ops that run on the CPU although a GPU was asked for
 *   programs what the example programs compute, by `workload form`
 *   nsPerIteration  what an iteration takes, by mode
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const own = dirname(process.argv[1]);
const script = JSON.parse(readFileSync(join(own, 'script.json'), 'utf8'));
const { InterpretedExecutable } = await import(script.module);
appendFileSync(join(own, 'processes'), ` ${process.pid}`);

let executable;
let opened;
let mode;

const DTYPES = { read: { f64: Float64Array }, write: { f64: Float64Array } };
const arrayOf = (dtype) => DTYPES.read[dtype] ?? Float32Array;
const dtypeOf = (id) => executable.graph.tensors.find((tensor) => tensor.id === id).dtype;

const METHODS = {
  describe: () => ({
    framework: 'pytorch',
    version: '2.9.0',
    python: '3.12.4',
    importNs: 1.5e9,
    devices: script.devices ?? [
      {
        kind: 'mps',
        name: 'Fake GPU',
        isGpu: true,
        integrated: true,
        dtypes: ['f32', 'f16'],
        modes: ['eager', 'compile'],
      },
      {
        kind: 'cpu',
        name: 'Fake CPU',
        isGpu: false,
        dtypes: ['f32', 'f64'],
        modes: ['eager', 'compile'],
      },
    ],
    whyNoGpu: script.whyNoGpu,
  }),
  open: ({ device }) => {
    opened = device;
    return {};
  },
  build: (request) => {
    mode = request.mode;
    const nsPerIteration = script.nsPerIteration?.[mode] ?? 1e5;
    executable = new InterpretedExecutable(request.graph, { nsPerIteration });
    return { buildNs: 1e6, firstCallNs: 2e6, steps: executable.steps };
  },
  write: ({ tensor, file }) => {
    const { buffer, byteOffset, byteLength } = readFileSync(file);
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    executable.write(tensor, new (arrayOf(dtypeOf(tensor)))(bytes));
    return {};
  },
  run: async ({ iterations }) => {
    const { wallNs } = await executable.run(Math.min(iterations, 200));
    return { wallNs: (wallNs / Math.min(iterations, 200)) * iterations };
  },
  read: async ({ tensor, file }) => {
    const values = await executable.read(tensor);
    if (script.wrong === mode) values.fill(42);
    if (script.nan) values.fill(Number.NaN);
    writeFileSync(file, new Uint8Array(arrayOf(dtypeOf(tensor)).from(values).buffer));
    return {};
  },
  trace: () => ({
    ops: executable.graph.ops.map(({ id, kind }) => {
      const falls = script.fallback?.includes(kind);
      return {
        op: id,
        placed: falls ? 'cpu' : opened.kind,
        kernel: `aten::${kind}`,
        evidence: 'reported',
        ...(falls && { reason: 'not implemented for MPS' }),
      };
    }),
  }),
  program: ({ name, form }) => {
    const outputs = script.programs?.[`${name} ${form}`];
    if (!outputs) throw Object.assign(new Error('no such form'), { code: 'unsupported' });
    return { outputs, wallNs: 4e7, phases: [{ name: 'fit', ns: 4e7 }], notes: [] };
  },
  profile: async () => executable.profile(),
  close: () => ({}),
};

const never = () => new Promise(() => setInterval(() => {}, 1e6));

async function act(method) {
  const { fault } = script;
  if (fault?.method !== method || (fault.mode && fault.mode !== mode)) return;
  if (fault.does === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (fault.does === 'killed') process.kill(process.pid, 'SIGKILL');
  if (fault.does === 'garbage') process.stdout.write('Welcome to my shell!\n');
  if (fault.does === 'flood') {
    for (;;) await new Promise((sent) => process.stdout.write('x'.repeat(1e6), sent));
  }
  if (['crash', 'killed', 'hang'].includes(fault.does)) await never();
  if (fault.code) throw Object.assign(new Error(fault.message), { code: fault.code });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, ...request } = JSON.parse(line);
  let reply;
  try {
    if (method !== 'build') await act(method);
    const ok = await METHODS[method](request);
    if (method === 'build') await act(method);
    reply = { id, ok };
  } catch (error) {
    reply = {
      id,
      error: { code: error.code ?? 'failed', message: error.message, type: 'RuntimeError' },
    };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
