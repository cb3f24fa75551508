import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanVariables } from '../../frameworks/python-variables.js';
import type { VerifyContext } from '../types.js';
import { type Answer, readAnswer } from './answer.js';
import { type ChildOutcome, runChild } from './child.js';
import { exampleInputs } from './examples.js';

/** Read where they were written: tsc copies no Python, and src/ and dist/ lie side by side. */
const SCRIPTS = fileURLToPath(new URL('../../../src/verify/probe/python/', import.meta.url));

/**
 * -E: no PYTHON* variable has a say, so that what answers is the interpreter and not this shell. The
 * user's site folder stays, as PYTHONNOUSERSITE is dropped with the others: what is there does take
 * part whenever this interpreter runs, and it is where `pip install --user` puts frameworks. The
 * working folder never adds modules (a `tensorflow.py` in it is not TensorFlow), since a script runs.
 * -B: nothing is written into the environment. -X utf8: an ASCII locale must not fail an import.
 */
const FLAGS = ['-E', '-B', '-X', 'utf8'];

export const PROBES = ['python', 'tensorflow', 'pytorch', 'jax', 'mlx', 'onnxruntime'] as const;
export type ProbeName = (typeof PROBES)[number];

/** What an interpreter said, and how it ended. */
export interface Asked extends ChildOutcome {
  readonly answer: Answer;
}

export interface AskOptions {
  /** Added to the clean environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Starts an interpreter on one of the scripts, in an empty folder that is removed afterwards (a
 * crash may leave a core file there).
 * @throws MpsbenchError `interrupted`
 */
export async function ask(
  interpreter: string,
  probe: ProbeName,
  { source, signal, timeoutMs }: Pick<VerifyContext, 'source' | 'signal' | 'timeoutMs'>,
  { variables = {} }: AskOptions = {},
): Promise<Asked> {
  const folder = await mkdtemp(join(tmpdir(), 'mpsbench-probe-'));
  try {
    const inputs = join(folder, 'inputs.json');
    await writeFile(inputs, JSON.stringify(exampleInputs()));
    // Of this one run: nothing that the interpreter prints by itself can look like our answer.
    const marker = `@mpsbench-${randomBytes(8).toString('hex')}@`;
    const script = join(SCRIPTS, `probe_${probe}.py`);
    const outcome = await runChild(interpreter, [...FLAGS, script, marker, inputs], {
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
