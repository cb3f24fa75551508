import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MpsbenchError } from '../../errors.js';
import { installCommand, missingTools } from './requirements.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILD = join(ROOT, 'build');
export const ADDON = join(BUILD, 'Release', 'mpsbench.node');
/** The output of CMake and the compiler during the last build. */
export const LOG = join(BUILD, 'native.log');
/** Enough to hold the first error of a compiler with its notes. */
const TAIL_LINES = 20;

export interface BuildOptions {
  readonly signal: AbortSignal;
  /** Given the output of CMake and the compiler as it comes. */
  onOutput(text: string): void;
  /** The error shows the end of the output; off where the user has seen all of it. */
  readonly showTail: boolean;
}

/**
 * Configures and builds the native addon in this package's folder. Installs nothing, and needs no
 * network: the headers of Node-API are a package.
 * @throws MpsbenchError `unavailable` if a tool is missing or the sources do not compile, `io`
 *   where the folder cannot be written
 */
export async function buildNative(options: BuildOptions): Promise<void> {
  checkTools();
  const log = openLog();
  const hadCache = existsSync(join(BUILD, 'CMakeCache.txt'));
  let output = '';
  const cmakeJs = async (...args: string[]) => {
    const result = await runCmakeJs(args, options.signal, (text) => {
      writeSync(log, text);
      output += text;
      options.onOutput(text);
    });
    return result === 0;
  };
  try {
    let configured = await cmakeJs('configure');
    if (!configured && hadCache) {
      // The cache may be that of another compiler or another folder.
      rmSync(join(BUILD, 'CMakeCache.txt'), { force: true });
      rmSync(join(BUILD, 'CMakeFiles'), { recursive: true, force: true });
      configured = await cmakeJs('configure');
    }
    const target = ['--target', 'mpsbench_addon', '--parallel', String(availableParallelism())];
    if (configured && (await cmakeJs('build', ...target)) && existsSync(ADDON)) return;
  } finally {
    closeSync(log);
  }
  if (options.signal.aborted) throw new MpsbenchError('interrupted', 'Interrupted.');
  throw new MpsbenchError(
    'unavailable',
    'The native addon did not build.',
    `${options.showTail ? tailOf(output) : ''}${adviceFor(output)}\nFull log: ${LOG}`,
  );
}

function checkTools(): void {
  const tools = missingTools();
  if (tools.length === 0) return;
  const names = tools.map(({ what }) => what);
  throw new MpsbenchError(
    'unavailable',
    `The native addon needs ${new Intl.ListFormat('en-GB').format(names)}, not found on the PATH.`,
    `To install: ${installCommand(tools) ?? 'use the package manager of this system.'}`,
  );
}

/** @returns the exit code */
async function runCmakeJs(
  args: readonly string[],
  signal: AbortSignal,
  onOutput: (text: string) => void,
): Promise<number | null> {
  // Resolved, not assumed: npm may have put it into a folder further up.
  const { resolve } = createRequire(import.meta.url);
  const tool = join(dirname(resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  const folders = ['--directory', ROOT, '--out', BUILD, '--config', 'Release'];
  const child = spawn(process.execPath, [tool, ...args, ...folders], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', onOutput);
  const [code] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  return code;
}

/** @throws MpsbenchError `io`: an installed package may belong to another user */
function openLog(): number {
  try {
    mkdirSync(BUILD, { recursive: true });
    return openSync(LOG, 'w');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new MpsbenchError(
      'io',
      `${BUILD} cannot be written (${cause.code}).`,
      'mpsbench builds in its own folder: run this as the user who installed it, or install mpsbench in a project of your own.',
      { cause },
    );
  }
}

/** The usual causes have a fix that the compiler's message does not mention. */
function adviceFor(output: string): string {
  const old = /CMake (\d[\d.]*) or higher is required.*?running version (\d[\d.]*)/s.exec(output);
  if (old) return `Install CMake ${old[1]} or newer; this is ${old[2]}.`;
  if (/CXX_STANDARD|cxx_std_20|unrecognized.*-std=c\+\+20|-std=c\+\+2a/.test(output)) {
    return 'Install a C++20 compiler: GCC 11, Clang 14, Xcode 14 or newer.';
  }
  return 'Everything except the native devices works without the addon. To try again: npx mpsbench build';
}

function tailOf(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `  ${line}\n`).join('');
}
