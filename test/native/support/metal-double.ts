/**
 * Makes the addon over the test double of Metal the one of this test file: to be imported before
 * anything that loads an addon. `npm test` builds it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const built = (preset: string) =>
  join(import.meta.dirname, '../../../build', preset, 'Release', 'mpsbench.node');

export const addonPath = built('metal-double');

/** Why the tests on the double are skipped here; empty if they are not. */
export const skipReason = existsSync(addonPath)
  ? ''
  : 'the Metal test double is not built: npm test builds it on Debian 12';

if (skipReason === '') process.env.MPSBENCH_ADDON = addonPath;

/** The environment that loads the addon under the sanitizers into Node; undefined where it is not built. */
export function sanitizedEnvironment(): NodeJS.ProcessEnv | undefined {
  const addon = built('metal-double-sanitize');
  if (!existsSync(addon)) return undefined;
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const options = [`-print-file-name=libclang_rt.asan-${machine}.so`];
  const runtime = execFileSync('clang++-16', options, { encoding: 'utf8' }).trim();
  // Node does not free all of its own; leaks of the addon are for the C++ tests.
  const env = { LD_PRELOAD: runtime, ASAN_OPTIONS: 'detect_leaks=0' };
  return { ...env, MPSBENCH_ADDON: addon };
}
