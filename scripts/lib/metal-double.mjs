import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { withBuildLock } from './lock.mjs';
import { BUILD, logFile, ROOT } from './paths.mjs';
import { StepError, say, step } from './step.mjs';
import { thisSystem } from './system.mjs';
import { missingForMetalDouble } from './wanted.mjs';

/**
 * The Metal backend over its test double (test/metal-double), in build folders of its own: one that
 * the tests load, one under the sanitizers. Both are for the tests alone.
 */

const NAME = 'metal-double';
const FOLDER = join(BUILD, NAME);
const SANITIZED = join(BUILD, `${NAME}-sanitize`);
const ADDON = join(FOLDER, 'Release', 'mpsbench.node');
const SANITIZED_ADDON = join(SANITIZED, 'Release', 'mpsbench.node');
const SOURCES = join(ROOT, 'test', 'metal-double');
const CLANG = 'clang++-16';

const COMMON = [
  '-DMPSBENCH_METAL_DOUBLE=ON',
  '-DMPSBENCH_TESTS=ON',
  '-DMPSBENCH_WERROR=ON',
  `-DCMAKE_CXX_COMPILER=${CLANG}`,
  `-DCMAKE_OBJCXX_COMPILER=${CLANG}`,
  // Nothing here is timed: what matters is how long it takes to compile.
  '-DMPSBENCH_ONEDNN=OFF',
  '-DMPSBENCH_CBLAS=OFF',
  '-DCMAKE_BUILD_TYPE=Test',
  '-DCMAKE_CXX_FLAGS_TEST=-O1 -g1',
  '-DCMAKE_OBJCXX_FLAGS_TEST=-O1 -g1',
];

const TARGETS = ['mpsbench_addon', 'mpsbench_metal_rules_test', 'mpsbench_metal_backend_test'];

/** The test addon's path, or why there is none. */
export function metalDouble() {
  const reason = whyNot();
  if (reason) return { reason };
  if (existsSync(ADDON)) return { addon: ADDON, reason: '' };
  return { reason: 'the test double of Metal is not built: run npm test' };
}

/** The environment that loads the addon under the sanitizers into Node, or why there is none. */
export function sanitizedMetalDouble() {
  const reason = whyNot();
  if (reason) return { reason };
  if (!existsSync(SANITIZED_ADDON)) {
    return { reason: 'the test double of Metal is not built under the sanitizers: run npm test' };
  }
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const options = [`-print-file-name=libclang_rt.asan-${machine}.so`];
  const runtime = execFileSync(CLANG, options, { encoding: 'utf8' }).trim();
  // Node does not free all of its own; leaks of the addon are for the C++ tests.
  const env = { LD_PRELOAD: runtime, ASAN_OPTIONS: 'detect_leaks=0' };
  return { env: { ...env, MPSBENCH_ADDON: SANITIZED_ADDON }, reason: '' };
}

function whyNot() {
  if (!existsSync(SOURCES)) return 'a package without its tests has no test double of Metal';
  if (process.platform !== 'linux') return 'the test double of Metal is for Linux';
  const missing = missingForMetalDouble(thisSystem);
  if (missing.length === 0) return '';
  return `the test double of Metal needs ${missing.join(', ')}`;
}

const inputs = () =>
  fingerprint(['CMakeLists.txt', 'native', 'test/metal-double', 'test/native'], [COMMON]);

/**
 * Builds the addon and the C++ tests over the double where its packages are there; elsewhere the
 * tests that need it are skipped, each with the reason.
 * @throws StepError where it does not build
 */
export async function prepareMetalDouble() {
  const reason = whyNot();
  if (reason) return say(`${reason}; its tests are skipped`);
  if (existsSync(ADDON) && readStamp(NAME).inputs === inputs()) return;
  await withBuildLock(async () => {
    const built = inputs();
    await step('building the Metal backend over its test double', () => build(FOLDER, []));
    writeStamp(NAME, { inputs: built });
  });
}

/** The C++ tests over the double, plain and under the sanitizers. @throws StepError */
export async function testMetalDouble(log) {
  if (whyNot()) return;
  await withBuildLock(() => build(SANITIZED, ['-DMPSBENCH_SANITIZE=ON']));
  for (const folder of [FOLDER, SANITIZED]) {
    const jobs = String(availableParallelism());
    const options = ['--test-dir', folder, '-L', 'metal', '-j', jobs, '--output-on-failure'];
    await run('ctest', [...options, '--no-tests=error'], log);
  }
}

async function build(folder, settings) {
  const log = logFile(NAME);
  const wanted = TARGETS.flatMap((target) => ['--target', target]);
  const jobs = String(availableParallelism());
  await run('cmake', ['-S', ROOT, '-B', folder, ...COMMON, ...settings], log);
  await run('cmake', ['--build', folder, '--parallel', jobs, ...wanted], log);
}

async function run(command, args, log) {
  const { code, text } = await runLogged(command, args, { log, append: true });
  if (code !== 0) {
    throw new StepError(`${command} ended with the exit code ${code}.`, { log, text });
  }
}
