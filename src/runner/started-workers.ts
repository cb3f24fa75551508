import type { WorkerClient } from './worker-client.js';

/**
 * Workers that were started to look for a framework's devices. The first run on one of them uses the same
 * process, which has done nothing but import the framework: importing it twice takes seconds.
 */
export class StartedWorkers {
  readonly #workers = new Map<string, WorkerClient>();

  keep(backend: string, worker: WorkerClient): void {
    this.#workers.set(backend, worker);
  }

  /** @returns the worker of this backend, once; undefined if there is none that is open */
  take(backend: string): WorkerClient | undefined {
    const worker = this.#workers.get(backend);
    this.#workers.delete(backend);
    return worker?.isOpen ? worker : undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    this.#workers.clear();
  }
}
