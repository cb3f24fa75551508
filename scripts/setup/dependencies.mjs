import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT, run, step } from './process.mjs';

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own lock file there when
 * an installation is complete; optional packages are those of other platforms, and may be absent.
 */
export function dependenciesAreFresh(root = ROOT) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([path, { integrity, optional, peer }]) => {
    const found = installed[path];
    return path === '' || (found ? found.integrity === integrity : Boolean(optional || peer));
  });
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** Runs `npm ci` where node_modules is out of date. No package needs its install scripts here. */
export async function installDependencies() {
  if (dependenciesAreFresh()) return;
  // The npm that started us, else the one on the PATH.
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...first] = npm.endsWith('npm-cli.js') ? [process.execPath, npm] : ['npm'];
  // `npm start -s` would silence this one too.
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=warn'];
  await step('Installing npm packages', () =>
    run(command, args, {
      log: 'npm',
      failure: 'npm could not install the packages.',
      advice: 'Check the network and the registry (npm config get registry), then try again.',
    }),
  );
}
