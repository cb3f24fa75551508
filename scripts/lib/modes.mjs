import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { runForeground } from './child.mjs';
import { prepareMetalDouble } from './metal-double.mjs';
import { BIN, ROOT } from './paths.mjs';
import { setUp } from './setup.mjs';
import { StepError, say } from './step.mjs';
import { prepareTestPythons } from './test-pythons.mjs';
import { runTests } from './tests.mjs';
import { hasSources } from './typescript.mjs';

/** What each npm script does with its arguments. */
const MODES = {
  start,
  test: async (args) => {
    await setUp({ forTests: true, needsNative: true });
    await prepareTestPythons();
    await prepareMetalDouble();
    process.exitCode = await runTests(args);
  },
  build: () => setUp({ needsNative: true }),
  prepare,
  peers: async (args) => {
    await setUp({ needsNative: true });
    await become(join(ROOT, 'scripts', 'peers.mjs'), args);
  },
};

export async function runMode(mode, args) {
  if (!Object.hasOwn(MODES, mode)) {
    say(`bootstrap: unknown mode "${mode}"; known: ${Object.keys(MODES).join(', ')}`);
    process.exitCode = 64;
    return;
  }
  try {
    await MODES[mode](args);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
    process.exitCode = 2;
  }
}

async function start(args) {
  await setUp();
  if (args.length > 0) return become(BIN, args);
  const code = await runForeground(process.execPath, [BIN, 'devices']);
  if (code === 0) return become(BIN, ['bench', 'all', '--compare-cpu', '--quick']);
  process.exitCode = code;
}

/** A failed build must not fail an installation: it says what is missing. */
async function prepare() {
  // `npm ci --ignore-scripts` of our own never comes here; a package without sources has no need.
  if (!hasSources()) return;
  try {
    await setUp({ insideInstall: true });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
  }
}

/**
 * Goes on as that script, in this process: its streams, signals and exit code are then its own.
 */
async function become(script, args) {
  process.argv = [process.execPath, script, ...args];
  await import(pathToFileURL(script).href);
}
