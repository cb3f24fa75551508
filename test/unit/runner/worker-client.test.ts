import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

// The built one: it starts the built worker beside it.
const built = new URL('../../../dist/runner/worker-client.js', import.meta.url).href;
const { WorkerClient } = (await import(
  built
)) as typeof import('../../../src/runner/worker-client.js');

const CALL = { timeoutMs: 30_000 };

type Worker = InstanceType<typeof WorkerClient>;

/** Never 0, which would be all processes of this group. */
function signalTo({ pid }: Worker, signal: NodeJS.Signals | 0): void {
  if (!pid) throw new Error('the worker has not been started');
  process.kill(pid, signal);
}

/** Keeps this process from hearing of anything that happens meanwhile. */
function beBusy(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('a closed worker is gone, and accepts no calls', async () => {
  const worker = new WorkerClient('fake:0');
  expect(worker.isOpen).toBe(true);
  await worker.close();
  expect(() => signalTo(worker, 0)).toThrow('ESRCH');
  expect(worker.isOpen).toBe(false);
  await expect(worker.call('telemetry', { siblings: [] }, CALL)).rejects.toThrow(
    'The worker of fake:0 has been closed.',
  );
  await worker.close();
});

test('many workers can listen to one signal, and closed ones stop listening', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  const workers = Array.from({ length: 12 }, (_, index) => new WorkerClient(`${index}`, signal));
  expect(getEventListeners(signal, 'abort')).toHaveLength(12);
  await Promise.all(workers.map((worker) => worker.close()));
  process.off('warning', onWarning);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(warnings).toEqual([]);
});

test('an aborted signal ends the worker and its call', async () => {
  const abort = new AbortController();
  const worker = new WorkerClient('fake:0', abort.signal);
  const call = worker.call('telemetry', { siblings: [] }, CALL);
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: 'interrupted' });
  await worker.close();
});

test('a worker that crashed while nobody looked is a crash to the next call', async () => {
  const worker = new WorkerClient('fake:0');
  await worker.call('telemetry', { siblings: [] }, CALL);
  signalTo(worker, 'SIGSEGV');
  beBusy(500);
  await expect(worker.call('telemetry', { siblings: [] }, CALL)).rejects.toMatchObject({
    code: 'worker_crashed',
    message: expect.stringContaining('The worker of fake:0 was ended by SIGSEGV.'),
  });
  await worker.close();
});
