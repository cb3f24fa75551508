import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { BIN, BUILD, exitCode, ROOT, run, StepError, step } from './process.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Brings the checkout up to date. npm, tsc and CMake find out by themselves what there is to do;
 * system packages are looked at before the first build, and by every `npm test`.
 * @param {{ forTests: boolean }} options also what only the tests need
 * @throws StepError
 */
export async function setUp({ forTests }) {
  await withLock(join(BUILD, 'set-up.lock'), async () => {
    await installDependencies();
    await step('Compiling TypeScript', () =>
      run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
        log: 'typescript',
        failure: 'TypeScript did not compile.',
      }),
    );
    const isConfigured = existsSync(join(BUILD, 'CMakeCache.txt'));
    const isChanged = (forTests || !isConfigured) && (await systemPackages(forTests));
    const isBuilt = await buildAddon(isConfigured && !isChanged);
    if (forTests && !isBuilt) throw new StepError('The tests need the native addon.');
  });
}

async function systemPackages(forTests) {
  const module = join(ROOT, 'dist', 'commands', 'build', 'requirements.js');
  return ensureSystemPackages({ forTests, requirements: await import(pathToFileURL(module).href) });
}

/** Without an addon there are no native devices; all else works. */
async function buildAddon(isConfigured) {
  const target = ['--build', BUILD, '--target', 'mpsbench_addon'];
  const update = () => exitCode('cmake', target, { stdio: 'ignore' });
  if (isConfigured && (await step('Building the native addon', update)) === 0) return true;
  return (await exitCode(process.execPath, [BIN, 'build'], { stdio: ['ignore', 2, 2] })) === 0;
}
