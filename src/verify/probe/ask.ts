import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameworkId } from '../../frameworks/catalog.js';
import { DRIVER_MAIN, PYTHON_FLAGS } from '../../frameworks/driver-process.js';
import type { Asked } from '../../frameworks/faults/asked.js';
import { cleanVariables } from '../../frameworks/python-variables.js';
import type { VerifyContext } from '../types.js';
import { readAnswer } from './answer.js';
import { type ChildOutcome, runChild } from './child.js';
import { writeExamples } from './examples.js';

export interface AskOptions {
  /** Added to the clean environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Starts an interpreter on the drivers' one-shot mode, in an empty folder that is removed afterwards (a
 * crash may leave a core file there).
 * @param probe a framework, or `python` for the interpreter itself
 * @throws MpsbenchError `interrupted`
 */
export async function ask(
  interpreter: string,
  probe: FrameworkId | 'python',
  { source, signal, timeoutMs }: Pick<VerifyContext, 'source' | 'signal' | 'timeoutMs'>,
  { variables = {} }: AskOptions = {},
): Promise<Asked> {
  const folder = await mkdtemp(join(tmpdir(), 'mpsbench-probe-'));
  try {
    const inputs = probe === 'python' ? '-' : await writeExamples(folder);
    // Of this one run: nothing that the interpreter prints by itself can look like our answer.
    const marker = `@mpsbench-${randomBytes(8).toString('hex')}@`;
    const args = [...PYTHON_FLAGS, DRIVER_MAIN, 'probe', probe, marker, inputs];
    const outcome = await runChild(interpreter, args, {
      cwd: folder,
      env: { ...cleanVariables(source.env, folder), ...variables },
      timeoutMs,
      signal,
    });
    return { ...outcome, answer: readAnswer(outcome.stdout, marker), ...chapters(outcome, marker) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The streams with our own lines in one form that does not depend on the run. */
function chapters({ stdout, stderr }: ChildOutcome, marker: string) {
  return {
    stdout: stdout.replaceAll(marker, '@mpsbench@'),
    stderr: stderr.replaceAll(marker, '@mpsbench@'),
  };
}
