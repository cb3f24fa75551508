import { checkWritable, isPipe, writeFileAtomic } from '../files/atomic-file.js';
import { writePipe } from '../files/write-pipe.js';
import type { Output } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import { type RenderOptions, renderAs } from './registry.js';

export interface EmitOptions extends RenderOptions {
  /** Writes to stdout. */
  write(text: string): void;
  /** Ends the wait for the reader of a pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Checks that every output can be written before anything is measured. Existing files are not
 * changed.
 * @throws MpsbenchError `io`
 */
export function checkOutputs(outputs: readonly Output[]): void {
  for (const { target } of outputs) if (target !== 'stdout') checkWritable(target.path);
}

/**
 * Writes a result to every output. One that fails does not keep the others from being written.
 * @throws MpsbenchError `io`, the first failure, after everything else has been written
 */
export async function emit(
  outputs: readonly Output[],
  result: Result,
  options: EmitOptions,
): Promise<void> {
  const failures: unknown[] = [];
  // All first: a stdout that cannot be written ends the program at the next chance, and the files are there by then.
  const texts = await Promise.allSettled(
    outputs.map(({ format }) => renderAs(format, result, options)),
  );
  for (const [i, { target }] of outputs.entries()) {
    try {
      const rendered = texts[i];
      if (rendered.status === 'rejected') throw rendered.reason;
      const text = rendered.value;
      if (target === 'stdout') options.write(text);
      else await writeOutput(target.path, text, options.signal);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Writes a text to a file, or to a named pipe as soon as it has a reader.
 * @throws MpsbenchError `io` or `interrupted`
 */
export async function writeOutput(path: string, text: string, signal?: AbortSignal): Promise<void> {
  if (isPipe(path)) await writePipe(path, text, signal);
  else writeFileAtomic(path, text);
}
