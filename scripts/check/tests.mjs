import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { BUILD, exitCode, ROOT, run, StepError, say, step } from '../setup/process.mjs';
import { prepareTestPythons } from '../setup/test-pythons.mjs';

const REPORT = join(BUILD, 'vitest.json');
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);

/**
 * Every test of the repository: checks and C++ tests, then vitest, whose summary comes last. With
 * arguments only vitest, with these arguments. The last line counts the tests of vitest; each other
 * check that fails counts as one.
 * @param {string[]} args
 * @returns {Promise<0 | 1>} the exit code
 */
export async function runTests(args) {
  // Downloads and builds keep different parts of the machine busy.
  const [failed] = await Promise.all([args.length > 0 ? [] : runChecks(), prepareTestPythons()]);
  const { passed, failed: failedTests } = await runVitest(args);
  for (const name of failed) say(`failed: ${name}`);
  const failures = failed.length + failedTests;
  process.stdout.write(`${passed} passed, ${failures} failed\n`);
  return failures === 0 ? 0 : 1;
}

/** In this order; each of these has a log of its own, which is shown only when it fails. */
const CHECKS = [
  [
    'import rules',
    () => run(process.execPath, ['scripts/check/check-imports.mjs'], log('imports')),
  ],
  ['types of the tests', () => run(bin('tsc'), ['-p', 'test'], log('types'))],
  ['format and lint (biome)', () => run(bin('biome'), ['check', '.'], log('biome'))],
  ['C++ format (clang-format)', checkCppFormat],
  ['C++ tests', () => buildAndTest('tests')],
  ['Metal test double', () => testMetalDouble('metal-double')],
  ['Metal test double under the sanitizers', () => testMetalDouble('metal-double-sanitize')],
];

const log = (name) => ({ log: `test-${name}` });

/** @returns {Promise<string[]>} the names of those that failed */
async function runChecks() {
  const failed = [];
  for (const [name, check] of CHECKS) {
    try {
      await step(`Checking ${name}`, check);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      error.print();
      failed.push(name);
    }
  }
  return failed;
}

/** Nobody has to install clang-format. */
async function checkCppFormat() {
  if (spawnSync('clang-format', ['--version']).status !== 0) return;
  const tracked = ['ls-files', 'native/*', 'test/*'];
  const { stdout } = spawnSync('git', tracked, { cwd: ROOT, encoding: 'utf8' });
  const files = (stdout ?? '').split('\n').filter((name) => /\.(cpp|h|mm)$/.test(name));
  if (files.length > 0) {
    await run('clang-format', ['--dry-run', '-Werror', ...files], log('format'));
  }
}

/** @param {string} preset of CMakePresets.json */
async function buildAndTest(preset) {
  await run('cmake', ['--preset', preset], log(preset));
  await run('cmake', ['--build', '--preset', preset], log(preset));
  await run('ctest', ['--preset', preset], log(preset));
}

/** Its packages are those of Debian 12; elsewhere the tests that need it are skipped and say so. */
async function testMetalDouble(preset) {
  const hasClang = spawnSync('clang++-16', ['--version']).status === 0;
  if (process.platform === 'linux' && hasClang && existsSync('/usr/include/GNUstep')) {
    await buildAndTest(preset);
  } else say(`${preset}: skipped, needs clang-16 and GNUstep on Linux`);
}

async function runVitest(args) {
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const code = await exitCode(bin('vitest'), ['run', ...reporters, ...args]);
  const counts = readCounts(REPORT);
  // Nobody shall read "0 failed" after a run that failed.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @returns {{ passed: number, failed: number }} the tests in a report of vitest's JSON reporter */
export function readCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  // A file that could not be loaded has no tests that could fail.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}
