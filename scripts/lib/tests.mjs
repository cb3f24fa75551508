import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runForeground, runLogged } from './child.mjs';
import { withBuildLock } from './lock.mjs';
import { testMetalDouble } from './metal-double.mjs';
import { BUILD, logFile, ROOT } from './paths.mjs';
import { StepError, say, step } from './step.mjs';
import { thisSystem } from './system.mjs';
import { TSC } from './typescript.mjs';

const tool = (...path) => join(ROOT, 'node_modules', ...path);
const REPORT = join(BUILD, 'vitest.json');

/**
 * Every test of the repository: checks, C++ tests, then vitest, whose summary stands last. With
 * arguments only vitest, with these arguments.
 * @param {string[]} args
 * @returns {Promise<number>} 0 where every part passed, else 1.
 */
export async function runTests(args) {
  const failed = [];
  if (args.length === 0) {
    for (const { name, run } of PARTS) if (!(await passes(name, run))) failed.push(name);
  }
  rmSync(REPORT, { force: true });
  const vitest = await runForeground(process.execPath, [
    tool('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
    ...args,
  ]);
  const counts = readCounts(REPORT);
  if (vitest !== 0) failed.push('vitest');
  for (const name of failed) say(`failed: ${name}`);
  const others = failed.filter((name) => name !== 'vitest').length;
  // A part that failed counts as one, so that nobody reads "0 failed" off a run that failed.
  const broken = vitest !== 0 && counts.failed === 0 ? 1 : counts.failed;
  process.stdout.write(`${counts.passed} passed, ${broken + others} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

/** What runs before vitest; each has a log of its own and is shown only when it fails. */
const PARTS = [
  {
    name: 'import rules',
    run: (log) => command(process.execPath, [join('scripts', 'check-imports.mjs')], log),
  },
  {
    name: 'format and lint (biome)',
    run: (log) =>
      command(process.execPath, [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'], log),
  },
  {
    name: 'types (tsc)',
    run: (log) => command(process.execPath, [TSC, '--noEmit', '-p', ROOT], log),
  },
  { name: 'C++ format (clang-format)', run: checkCppFormat },
  { name: 'C++ tests (ctest)', run: runCppTests },
  { name: 'Metal on its double, also under the sanitizers', run: testMetalDouble },
];

async function passes(name, run) {
  const log = logFile(`test-${name.split(' ')[0].toLowerCase()}`);
  try {
    await step(`checking ${name}`, () => run(log));
    return true;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
    return false;
  }
}

async function command(program, args, log, { append = false } = {}) {
  const { code, text } = await runLogged(program, args, { log, append });
  if (code !== 0) throw new StepError(`exit code ${code}`, { log, text });
}

/** A check where the tool is there; nobody has to install it. */
async function checkCppFormat(log) {
  if (!existsSync(join(ROOT, '.clang-format'))) return;
  if (!thisSystem.hasCommand('clang-format')) return;
  const files = [
    'native',
    join('test', 'native'),
    join('test', 'fakes'),
    join('test', 'metal-double'),
  ].flatMap(cppFiles);
  if (files.length > 0) await command('clang-format', ['--dry-run', '-Werror', ...files], log);
}

function cppFiles(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cpp|h|mm)$/.test(name))
    .map((name) => join(folder, name));
}

/** In the addon's CMake tree, so that what both need is compiled once. */
async function runCppTests(log) {
  if (!existsSync(join(ROOT, 'test', 'native', 'CMakeLists.txt'))) return;
  const jobs = String(availableParallelism());
  await withBuildLock(async () => {
    await command('cmake', ['-S', ROOT, '-B', BUILD, '-DMPSBENCH_TESTS=ON'], log);
    await command('cmake', ['--build', BUILD, '--parallel', jobs], log, { append: true });
  });
  await command('ctest', ['--test-dir', BUILD, '--output-on-failure'], log, { append: true });
}

/** @returns {{ passed: number, failed: number }} the tests in a report of vitest's JSON reporter */
export function readCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that could not be loaded has no tests in it that could fail.
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded };
}
