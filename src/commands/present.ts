import type { MeasuredWorkloads } from '../report/workload-section.js';
import type { Output, OutputFlags } from '../result/outputs.js';
import type { Result } from '../result/schema.js';

export interface PresentOptions {
  /** Whether to print the tables; left out, they are printed where no format takes stdout. */
  readonly table?: boolean;
  /** The result is in a file already; left out, it is where the flags put it in one. */
  readonly saved?: boolean;
  /** --details: everything that is known. */
  readonly details?: boolean;
  /** `report --last` shows it again. */
  readonly kept?: boolean;
  /** The sections of the workloads are on stdout already. */
  readonly withoutSections?: boolean;
  /** Ends the wait for the reader of a pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Refuses flags that name no place to write to, before a command begins its work.
 * @throws MpsbenchError `usage` or `io`
 */
export async function requireOutputs(flags: OutputFlags): Promise<readonly Output[]> {
  const [{ outputsOf }, { checkOutputs }] = await Promise.all([
    import('../result/outputs.js'),
    import('../report/write.js'),
  ]);
  const outputs = outputsOf(flags);
  checkOutputs(outputs);
  return outputs;
}

/** Prints sections of workloads to stdout, each as soon as it is complete. */
export async function sectionPrinter(details = false): Promise<(done: MeasuredWorkloads) => void> {
  const [{ renderWorkloads }, { stdoutOptions }] = await Promise.all([
    import('../report/registry.js'),
    import('../report/stdout.js'),
  ]);
  const options = { ...stdoutOptions(), details };
  return (done) => options.write(`${renderWorkloads(done, options)}\n`);
}

/** Keeps a result for `report --last`, and says whether it was kept. */
export async function keep(result: Result): Promise<boolean> {
  const { keepResult } = await import('../result/result-store.js');
  return (await keepResult(result)) !== undefined;
}

/**
 * Writes a result where the flags say, and the tables to stdout.
 * @throws MpsbenchError `io` after everything that could be written has been
 */
export async function present(
  result: Result,
  flags: OutputFlags,
  { table, saved = flags.json !== undefined, ...options }: PresentOptions = {},
): Promise<void> {
  const [{ outputsOf }, { emit }, { stdoutOptions }] = await Promise.all([
    import('../result/outputs.js'),
    import('../report/write.js'),
    import('../report/stdout.js'),
  ]);
  const outputs = outputsOf(flags);
  if (table ?? outputs.every(({ target }) => target !== 'stdout')) {
    outputs.unshift({ format: 'table', target: 'stdout' });
  }
  await emit(outputs, result, { ...stdoutOptions(), ...options, saved });
}
