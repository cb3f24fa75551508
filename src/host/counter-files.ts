import { closeSync, openSync, readSync } from 'node:fs';

/** Of /proc/stat, the lines of some 1000 CPUs; the other files are shorter. */
const BUFFER_BYTES = 65_536;
/** Of a process with more threads, the files beyond are opened again each time. */
const MOST_OPEN = 256;

/** Reads the beginning of small files again and again, and keeps them open in between. */
export class CounterFiles {
  readonly #mostOpen: number;
  readonly #open = new Map<string, number>();
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  /** @param mostOpen how many are kept open */
  constructor(mostOpen = MOST_OPEN) {
    this.#mostOpen = mostOpen;
  }

  /** @returns undefined if there is no such file, or it cannot be read */
  read(path: string): string | undefined {
    try {
      const opened = this.#open.get(path);
      const file = opened ?? openSync(path, 'r');
      if (opened === undefined && this.#open.size < this.#mostOpen) this.#open.set(path, file);
      const length = readSync(file, this.#buffer, 0, BUFFER_BYTES, 0);
      if (!this.#open.has(path)) closeSync(file);
      return this.#buffer.toString('latin1', 0, length);
    } catch {
      // A thread that has ended.
      this.#close(path);
      return undefined;
    }
  }

  #close(path: string): void {
    const file = this.#open.get(path);
    this.#open.delete(path);
    if (file !== undefined) closeSync(file);
  }
}
