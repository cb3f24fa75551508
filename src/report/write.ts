import { checkWritable, writeFileAtomic } from '../atomic-file.js';
import type { Output } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import { type RenderOptions, renderAs } from './registry.js';

export interface EmitOptions extends RenderOptions {
  /** Writes to stdout. */
  write(text: string): void;
}

/**
 * Finds out whether every output can be written, so that nobody measures for nothing. What is there
 * stays as it is.
 * @throws MpsbenchError `io`
 */
export function checkOutputs(outputs: readonly Output[]): void {
  for (const { target } of outputs) if (target !== 'stdout') checkWritable(target.path);
}

/**
 * Writes a result to every output. One that fails does not keep the others from being written.
 * @throws MpsbenchError `io`, the first failure, after everything else has been written
 */
export function emit(outputs: readonly Output[], result: Result, options: EmitOptions): void {
  const failures: unknown[] = [];
  for (const { format, target } of outputs) {
    try {
      const text = renderAs(format, result, options);
      if (target === 'stdout') options.write(text);
      else writeFileAtomic(target.path, text);
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}
