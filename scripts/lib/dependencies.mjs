import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { BIN, logFile, ROOT } from './paths.mjs';
import { StepError, step } from './step.mjs';

const readPackages = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

/**
 * Whether node_modules holds what package-lock.json asks for: npm writes its own lock file there
 * once an installation is complete. Packages for other platforms are optional and may be absent.
 */
export function dependenciesAreFresh(root = ROOT) {
  // An installed package has no lock file: its dependencies are the installer's matter.
  if (!existsSync(join(root, 'package-lock.json'))) return true;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, peer }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (!found) return Boolean(optional || peer);
    return found.version === version && found.integrity === integrity;
  });
}

export async function installDependencies() {
  await step('installing npm packages', async () => {
    const log = logFile('npm');
    // Our own `prepare` would start this set-up again; the packages need no scripts of theirs.
    const [command, args] = npm([
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      // `npm start -s` would silence this one too.
      '--loglevel=warn',
    ]);
    const { code, text } = await runLogged(command, args, { log });
    if (code !== 0) {
      throw new StepError('npm could not install the packages.', {
        log,
        text,
        advice: 'Check the network or the registry settings (npm config get registry), then retry.',
      });
    }
  });
}

/** The npm that started us, else the one on the PATH. */
function npm(args) {
  const path = process.env.npm_execpath ?? '';
  if (path.endsWith('npm-cli.js') && existsSync(path)) return [process.execPath, [path, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

/** So that `npx mpsbench` in this checkout finds this checkout at once. */
export function linkOwnCommand() {
  const folder = join(ROOT, 'node_modules', '.bin');
  const link = join(folder, 'mpsbench');
  if (process.platform === 'win32' || existsSync(link) || !existsSync(BIN)) return;
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../bin/mpsbench.js', link);
}
