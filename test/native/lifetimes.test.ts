import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { loadAddon } from '../../src/backends/native/load.js';
import { addGraph } from './support/graphs.js';

const loaded = loadAddon();
if (loaded.state !== 'loaded') throw new Error(loaded.reason);
const { addon, from } = loaded;

/** The value, whose `name` disposes the device when it is read. */
function disposing<T extends object>(value: T, dispose: () => void): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      if (key === 'name' || key === 'kind') dispose();
      return Reflect.get(target, key, receiver);
    },
  });
}

function openCpu() {
  const [device] = addon.devices('cpu', { threads: 1 });
  if (!device) throw new Error('the cpu backend has no device');
  return device;
}

test('a device that is disposed while an argument is read still answers that call', () => {
  const graph = addGraph(4, 'f32');
  const compiling = openCpu();
  const executable = compiling.compile(disposing(graph, () => compiling.dispose()));
  executable.run(1, 'latency');
  expect(executable.read('y')).toEqual(new Float32Array(4));
  expect(() => compiling.info).toThrow('after dispose');

  const asked = openCpu();
  expect(asked.fuses(disposing(graph, () => asked.dispose()))).toBe(false);
  const supporting = openCpu();
  const op = disposing(graph.ops[0] as (typeof graph.ops)[number], () => supporting.dispose());
  expect(supporting.supports(op, 'f32')).toBeNull();
});

test('a worker thread can be terminated while the addon throws', async () => {
  const code = `
    const addon = require(${JSON.stringify(from.path)});
    const [device] = addon.devices('cpu', { threads: 1 });
    require('node:worker_threads').parentPort.postMessage('started');
    for (;;) {
      try { device.compile({}); } catch {}
      try { addon.devices('cpu', { engine: 'none' }); } catch {}
      device.supports({ kind: 'add' }, 'f32');
    }`;
  for (let i = 0; i < 20; i++) {
    const worker = new Worker(code, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, i % 7));
    // An abort would end this process.
    expect(await worker.terminate()).toBe(1);
  }
});
