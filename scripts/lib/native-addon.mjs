import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { BUILD, logFile, ROOT } from './paths.mjs';
import { StepError, say, step } from './step.mjs';
import { thisSystem } from './system.mjs';
import { installLine, libraryFacts, missingTools } from './wanted.mjs';

const NAME = 'native';
export const ADDON = join(BUILD, 'Release', 'mpsbench.node');
/** What CMake and the compiler said at the last build. */
export const LOG = logFile(NAME);
const SOURCES = ['CMakeLists.txt', 'native'];
const COMPILER_VARIABLES = ['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS', 'CMAKE_PREFIX_PATH'];

/** What the build depends on: sources, build tools, the libraries that CMake will find. */
const inputs = () =>
  fingerprint(SOURCES, [
    libraryFacts(thisSystem),
    missingTools(thisSystem),
    COMPILER_VARIABLES.map((name) => process.env[name] ?? ''),
    `${process.platform}-${process.arch}`,
  ]);

const hasSources = () => existsSync(join(ROOT, 'CMakeLists.txt'));

/** Built from these inputs, or known not to build from them. */
export function nativeIsSettled() {
  const stamp = readStamp(NAME);
  if (!hasSources()) return true;
  return stamp.inputs === inputs() && (stamp.failed || existsSync(ADDON));
}

export const nativeIsBuilt = () => nativeIsSettled() && !readStamp(NAME).failed;

/**
 * Configures and builds the addon. A failure is remembered, so that the next start is not held up
 * by the same failure; `npm run build` and `mpsbench build` try again.
 * @param {object} options
 * @param {typeof step} [options.asStep] runs the build and says so
 * @param {(text: string) => void} [options.onOutput] given what CMake and the compiler say
 * @throws StepError with the log and what to do.
 */
export async function buildNative({ asStep = step, onOutput } = {}) {
  const built = inputs();
  try {
    checkTools();
    await asStep('building the native addon', () => compile(onOutput));
  } catch (error) {
    writeStamp(NAME, { inputs: built, failed: true });
    throw error;
  }
  writeStamp(NAME, { inputs: built });
}

function checkTools() {
  const tools = missingTools(thisSystem);
  if (tools.length === 0) return;
  const names = tools.flatMap(({ name }) => name ?? []);
  throw new StepError(
    `The native addon needs ${listOf(tools.map(({ tool }) => tool))}, not found on the PATH.`,
    { advice: `To install: ${installLine(thisSystem, names)}` },
  );
}

const listOf = (words) => words.join(', ').replace(/, (?=[^,]*$)/, ' and ');

async function compile(onOutput) {
  const log = LOG;
  const hadCache = existsSync(join(BUILD, 'CMakeCache.txt'));
  let result = await cmakeJs(log, onOutput);
  if (result.code !== 0 && hadCache) {
    // A cache of another compiler or CMake can be what fails.
    rmSync(join(BUILD, 'CMakeCache.txt'), { force: true });
    rmSync(join(BUILD, 'CMakeFiles'), { recursive: true, force: true });
    result = await cmakeJs(log, onOutput);
  }
  if (result.code !== 0 || !existsSync(ADDON)) {
    throw new StepError('The native addon did not build.', {
      log,
      text: result.text,
      advice: adviceFor(result.text),
    });
  }
}

async function cmakeJs(log, onOutput) {
  // Resolved, not assumed: in an installed package it lies in a folder above.
  const { resolve } = createRequire(import.meta.url);
  const tool = join(dirname(resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  const common = ['--directory', ROOT, '--out', BUILD, '--config', 'Release'];
  // The C++ tests share this tree; building the addon does not build them.
  const settings = ['--CDMPSBENCH_TESTS=OFF'];
  const configured = await runLogged(
    process.execPath,
    [tool, 'configure', ...common, ...settings],
    { log, onOutput },
  );
  if (configured.code !== 0) return configured;
  const parallel = ['--parallel', String(availableParallelism())];
  return runLogged(process.execPath, [tool, 'build', ...common, ...parallel], {
    log,
    append: true,
    onOutput,
  });
}

/** The two usual causes have a remedy that the compiler's words do not tell. */
function adviceFor(text) {
  const old = /CMake (\d[\d.]*) or higher is required.*?running version (\d[\d.]*)/s.exec(text);
  if (old) return `CMake ${old[1]} or newer is needed, this is ${old[2]}: install a newer one.`;
  if (/CXX_STANDARD|cxx_std_20|unrecognized.*-std=c\+\+20|-std=c\+\+2a/.test(text)) {
    return 'A C++20 compiler is needed: GCC 11, Clang 14 or Xcode 14 or newer.';
  }
  return 'mpsbench goes on without the addon; after mending: npx mpsbench build';
}

/** For commands that work without the addon: says what failed and goes on. */
export async function tryBuildNative() {
  try {
    await buildNative();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
    say('Without it there is no `cpu` device; all else works.');
  }
}
