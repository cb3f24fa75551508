import { availableParallelism } from 'node:os';
import process from 'node:process';
import type { Tinypool } from 'tinypool';
import { type BatchResults, readBatch } from './read-batch.js';

/** Smaller inputs are read before threads have started. */
const ALONE_BYTES = 32 * 2 ** 20;

/** More would wait for this process, which collects what they find. */
const MOST_THREADS = 3;

/** So that a thread that has done one has the next at hand. */
const QUEUED_PER_THREAD = 4;

/** Results that wait for earlier ones. */
const MOST_WAITING = 16;

interface Waiting {
  readonly results: Promise<BatchResults>;
  readonly use: (results: BatchResults) => void;
}

/** Reads batches in order. For large inputs, worker threads share the work with this process. */
export class BatchReader {
  readonly #threads: number;
  readonly #waiting: Waiting[] = [];
  #pool: Tinypool | undefined;
  #inThreads = 0;
  #bytes = 0;

  constructor() {
    const isAllowed = process.permission?.has('worker') ?? true;
    this.#threads = isAllowed ? Math.min(availableParallelism() - 1, MOST_THREADS) : 0;
  }

  /** @param use is called with what the batch holds, after those of all batches before */
  async read(batch: Buffer, use: Waiting['use']): Promise<void> {
    this.#bytes += batch.length;
    if (this.#threads > 0 && this.#bytes > ALONE_BYTES) {
      this.#pool ??= await startPool(this.#threads);
    }
    const isBusy = this.#inThreads >= QUEUED_PER_THREAD * this.#threads;
    const results =
      this.#pool && !isBusy
        ? this.#readInThread(this.#pool, batch)
        : Promise.resolve(readBatch(batch));
    this.#waiting.push({ results, use });
    while (this.#waiting.length > MOST_WAITING) await this.#useNext();
  }

  /** Until everything has been used. */
  async finish(): Promise<void> {
    while (this.#waiting.length > 0) await this.#useNext();
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #readInThread(pool: Tinypool, batch: Buffer): Promise<BatchResults> {
    this.#inThreads += 1;
    const { buffer } = batch;
    // A small one may be a part of memory that others are in, too.
    const isOwn = batch.length > Buffer.poolSize && buffer instanceof ArrayBuffer;
    const results: Promise<BatchResults> = pool.run(batch, isOwn ? { transferList: [buffer] } : {});
    const done = () => {
      this.#inThreads -= 1;
    };
    // Whoever waits for the results gets the error.
    results.then(done, done);
    return results;
  }

  async #useNext(): Promise<void> {
    const next = this.#waiting.shift();
    next?.use(await next.results);
  }
}

async function startPool(threads: number): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool');
  const filename = new URL('./read-batch.js', import.meta.url).href;
  return new Tinypool({ filename, minThreads: threads, maxThreads: threads });
}
