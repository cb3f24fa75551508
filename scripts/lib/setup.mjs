import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dependenciesAreFresh, installDependencies, linkOwnCommand } from './dependencies.mjs';
import { withBuildLock } from './lock.mjs';
import { buildNative, nativeIsBuilt, nativeIsSettled, tryBuildNative } from './native-addon.mjs';
import { ROOT } from './paths.mjs';
import { StepError } from './step.mjs';
import { ensureSystemPackages, systemPackagesAreSettled } from './system-packages.mjs';
import { compileTypescript, TSC, typescriptIsFresh } from './typescript.mjs';

/**
 * Brings the checkout up to date; does nothing where it is.
 * @param {object} options
 * @param {boolean} [options.forTests] also what only the tests need
 * @param {boolean} [options.needsNative] a native addon that does not build is a failure
 * @param {boolean} [options.insideInstall] npm is installing and has done its part
 * @throws StepError
 */
export async function setUp({ forTests = false, needsNative = false, insideInstall = false } = {}) {
  const nativeIsDone = needsNative ? nativeIsBuilt : nativeIsSettled;
  const dependenciesAreDone = () => insideInstall || dependenciesAreFresh();
  const isDone = () =>
    dependenciesAreDone() &&
    systemPackagesAreSettled({ forTests }) &&
    nativeIsDone() &&
    typescriptIsFresh();

  if (isDone()) return linkOwnCommand();
  await withBuildLock(async () => {
    await ensureSystemPackages({ forTests, again: needsNative });
    if (!dependenciesAreDone()) await installDependencies();
    linkOwnCommand();
    if (!nativeIsDone()) await (needsNative ? buildNative() : tryBuildNative());
    if (!typescriptIsFresh()) await compile(insideInstall);
  });
}

/** A production install has no compiler: then what was compiled before is what runs. */
async function compile(insideInstall) {
  if (insideInstall && !existsSync(TSC)) {
    if (existsSync(join(ROOT, 'dist', 'cli.js'))) return;
    throw new StepError('mpsbench is not compiled and TypeScript is not installed.', {
      advice: 'Install with the development packages: npm install --include=dev',
    });
  }
  await compileTypescript();
}
