import type { Result } from '../report/schema.js';
import type { OutputFlags } from '../report/write.js';

/**
 * Writes a result where the flags say, and the tables to stdout unless a format takes it.
 * @throws MpsbenchError `io` after everything that could be written has been
 */
export async function present(result: Result, flags: OutputFlags): Promise<void> {
  const [{ emit, outputsOf }, { stdoutOptions }] = await Promise.all([
    import('../report/write.js'),
    import('../report/stdout.js'),
  ]);
  emit(outputsOf(flags), result, stdoutOptions(!process.argv.includes('--no-color')));
}
