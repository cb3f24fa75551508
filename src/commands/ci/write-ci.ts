import { appendFileSync } from 'node:fs';
import { MpsbenchError } from '../../errors.js';
import { checkWritable } from '../../files/atomic-file.js';
import { lookUp } from '../../files/look-up.js';
import { writeOutput } from '../../report/write.js';
import type { Result } from '../../result/schema.js';
import type { CiFlags } from './ci-options.js';

/** Each format with its library, loaded only when it is asked for. */
const RENDERERS = {
  junit: async (result: Result) => (await import('../../report/ci/junit.js')).renderJunit(result),
  benchmarkAction: async (result: Result) =>
    (await import('../../report/ci/benchmark-action.js')).renderBenchmarkAction(result),
  prometheus: async (result: Result) =>
    (await import('../../report/ci/prometheus.js')).renderPrometheus(result),
} as const satisfies Record<Exclude<keyof CiFlags, 'github'>, unknown>;

type FileFlag = keyof typeof RENDERERS;
const FILE_FLAGS = Object.keys(RENDERERS) as FileFlag[];

/** Whether any of the flags is given. */
export function wantsCi(flags: CiFlags): boolean {
  return flags.github !== undefined || FILE_FLAGS.some((flag) => flags[flag] !== undefined);
}

/**
 * Finds out whether every file can be written, before a command begins its work.
 * @throws MpsbenchError `usage` or `io`
 */
export function checkCi(flags: CiFlags): void {
  const paths = FILE_FLAGS.flatMap((flag) => flags[flag] ?? []);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) {
    throw new MpsbenchError('usage', `Two formats write to ${twice}.`, 'Give each its own file.');
  }
  for (const path of paths) checkWritable(path);
}

/**
 * Writes every file that the flags name, then GitHub's summary and annotations. One that fails does
 * not keep the others from being written.
 * @throws MpsbenchError `io`, the first failure
 */
export async function writeCi(
  result: Result,
  flags: CiFlags,
  signal?: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const failures: unknown[] = [];
  for (const flag of FILE_FLAGS) {
    const path = flags[flag];
    if (path === undefined) continue;
    try {
      await writeOutput(path, await RENDERERS[flag](result), signal);
    } catch (failure) {
      failures.push(failure);
    }
  }
  try {
    if (wantsGithub(flags, env)) await writeGithub(result, env);
  } catch (failure) {
    failures.push(failure);
  }
  if (failures.length > 0) throw failures[0];
}

function wantsGithub({ github }: CiFlags, env: NodeJS.ProcessEnv): boolean {
  if (github === undefined || github === 'off') return false;
  return github === 'on' || env.GITHUB_ACTIONS === 'true';
}

/** Annotations go to stderr, which the runner reads too, so that stdout stays clean. */
async function writeGithub(result: Result, env: NodeJS.ProcessEnv): Promise<void> {
  const { githubAnnotations, githubSummary } = await import('../../report/ci/github.js');
  for (const line of githubAnnotations(result)) process.stderr.write(`${line}\n`);
  const path = env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  const used = lookUp(path)?.size ?? 0;
  try {
    appendFileSync(path, await githubSummary(result, used));
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new MpsbenchError(
      'io',
      `The step summary ${path} could not be written (${code || message}).`,
      'GITHUB_STEP_SUMMARY names it; use --github off outside of GitHub Actions.',
      { cause },
    );
  }
}
