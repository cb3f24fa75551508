import type { MeasuredWorkloads } from '../report/workload-section.js';
import type { Output, OutputFlags } from '../result/outputs.js';
import type { Result } from '../result/schema.js';
import type { CiFlags } from './ci/ci-options.js';
import type { Context } from './context.js';
import { openPage, pageOf } from './open-page.js';

export interface PresentOptions {
  /** Whether to print the tables; if left out, they are printed unless a format uses stdout. */
  readonly table?: boolean;
  /** The result is in a file already; left out, it is where the flags put it in one. */
  readonly saved?: boolean;
  /** --details: everything that is known. */
  readonly details?: boolean;
  /** `report --last` shows it again. */
  readonly kept?: boolean;
  /** Where tables go; stdout belongs to the watched program. */
  readonly to?: 'stdout' | 'stderr';
  /** The sections of the workloads are on stdout already. */
  readonly withoutSections?: boolean;
  /** Ends the wait for the reader of a pipe. */
  readonly signal?: AbortSignal;
}

/**
 * Refuses flags that name no place to write to, before a command begins its work.
 * @throws MpsbenchError `usage` or `io`
 */
export async function requireOutputs(flags: OutputFlags & CiFlags): Promise<readonly Output[]> {
  const [{ outputsOf }, { checkOutputs }, { checkCi }] = await Promise.all([
    import('../result/outputs.js'),
    import('../report/write.js'),
    import('./ci/write-ci.js'),
  ]);
  const outputs = outputsOf(flags);
  checkOutputs(outputs);
  checkCi(flags);
  return outputs;
}

/** Prints sections of workloads to stdout, each as soon as it is complete. */
export async function sectionPrinter(details = false): Promise<(done: MeasuredWorkloads) => void> {
  const [{ workloadPrinter }, { stdoutOptions }] = await Promise.all([
    import('../report/registry.js'),
    import('../report/stdout.js'),
  ]);
  const options = { ...stdoutOptions(), details };
  const print = await workloadPrinter(options);
  return (done) => options.write(`${print(done)}\n`);
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
  flags: OutputFlags & CiFlags,
  {
    table,
    saved = flags.json !== undefined || flags.html !== undefined,
    to = 'stdout',
    ...options
  }: PresentOptions = {},
): Promise<void> {
  const [{ outputsOf }, { emit }, { streamOptions }] = await Promise.all([
    import('../result/outputs.js'),
    import('../report/write.js'),
    import('../report/stdout.js'),
  ]);
  const outputs = outputsOf(flags);
  if (table ?? outputs.every(({ target }) => target !== 'stdout')) {
    outputs.unshift({ format: 'table', target: 'stdout' });
  }
  const page = flags.open && pageOf(outputs);
  if (page?.isTemporary) outputs.push({ format: 'html', target: { path: page.path } });
  const { wantsCi, writeCi } = await import('./ci/write-ci.js');
  try {
    await emit(outputs, result, { ...streamOptions(to), ...options, saved });
  } finally {
    if (wantsCi(flags)) await writeCi(result, flags, options.signal);
  }
  if (page) await openPage(page.path);
}

/**
 * With --exit-style nagios, says the state in the first line of stdout, unless a format uses stdout,
 * and leaves for the exit code whether something deserves a look.
 */
export async function presentStatus(
  result: Result,
  flags: OutputFlags & { exitStyle?: string },
  context: Context,
): Promise<void> {
  if (flags.exitStyle !== 'nagios') return;
  const [{ outputsOf }, { isDoubtful, nagiosStatus }] = await Promise.all([
    import('../result/outputs.js'),
    import('../report/ci/nagios.js'),
  ]);
  context.doubtful = isDoubtful(result);
  context.statusSaid = true;
  if (outputsOf(flags).some(({ target }) => target === 'stdout')) return;
  process.stdout.write(`${nagiosStatus(result)}\n`);
}
