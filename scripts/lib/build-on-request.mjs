import { existsSync } from 'node:fs';
import { withBuildLock } from './lock.mjs';
import { ADDON, buildNative, LOG } from './native-addon.mjs';
import { StepError } from './step.mjs';
import { thisSystem } from './system.mjs';
import { installLine, missingEngines } from './wanted.mjs';

/**
 * What `mpsbench build` does: the native addon of this checkout or installed package, and nothing
 * else; no package is installed.
 * @param {Parameters<typeof buildNative>[0]} options
 * @returns {Promise<
 *   | { ok: true, addon: string, log: string, engines: { why: string, name: string }[], install: string }
 *   | { ok: false, message: string, advice: string, log: string, text: string }
 * >} the files, and the CPU engines that the build lacks with the line that installs them; or why
 *   there is no build, with what CMake and the compiler said
 */
export async function buildOnRequest(options) {
  try {
    await withBuildLock(() => buildNative(options));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const { message, advice, log, text } = error;
    return { ok: false, message, advice, log: existsSync(log) ? log : '', text };
  }
  const engines = missingEngines(thisSystem);
  const names = engines.map(({ name }) => name);
  return { ok: true, addon: ADDON, log: LOG, engines, install: installLine(thisSystem, names) };
}
