import type { Result } from '../report/schema.js';
import type { OutputFlags } from '../report/write.js';

/** Where a result goes; `table` prints the tables as well where another format takes stdout. */
export interface PresentFlags extends OutputFlags {
  readonly table?: true;
}

/**
 * Writes a result where the flags say, and the tables to stdout unless a format takes it.
 * @throws MpsbenchError `io` after everything that could be written has been
 */
export async function present(result: Result, flags: PresentFlags): Promise<void> {
  const [{ emit, outputsOf }, { stdoutOptions }] = await Promise.all([
    import('../report/write.js'),
    import('../report/stdout.js'),
  ]);
  const outputs = outputsOf(flags);
  if (flags.table) outputs.unshift({ format: 'table', target: 'stdout' });
  emit(outputs, result, stdoutOptions());
}
