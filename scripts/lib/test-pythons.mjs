import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runLogged } from './child.mjs';
import { fingerprint, writeWhole } from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { logFile, ROOT } from './paths.mjs';
import { StepError, say, step } from './step.mjs';

/**
 * The Pythons whose frameworks the tests of `verify --probe` ask: TensorFlow in an environment of
 * our own in the cache folder, PyTorch as the system packages it (its wheel for Linux carries all of
 * CUDA). MPSBENCH_TEST_TF_PYTHON and MPSBENCH_TEST_TORCH_PYTHON name other ones.
 */

const PACKAGES = [
  process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow',
];

const FOLDER = join(process.env.XDG_CACHE_HOME || join(ROOT, '.cache'), 'mpsbench-test-tensorflow');
const PYTHON = join(FOLDER, 'bin', 'python');
const COMPLETE = join(FOLDER, `complete-${fingerprint([], PACKAGES).slice(0, 12)}`);

/** What Debian's and Ubuntu's python3-torch installs, and for which Python. */
export const SYSTEM_TORCH = '/usr/lib/python3/dist-packages/torch/__init__.py';
const SYSTEM_PYTHON = '/usr/bin/python3';

/** @typedef {{ python?: string, reason: string }} TestPython a path, or why there is none */

/** @returns {TestPython} */
export function tensorflowPython(env = process.env) {
  const named = env.MPSBENCH_TEST_TF_PYTHON;
  if (named) return { python: named, reason: '' };
  if (existsSync(COMPLETE)) return { python: PYTHON, reason: '' };
  return { reason: 'no TensorFlow: run npm test, or set MPSBENCH_TEST_TF_PYTHON' };
}

/** @returns {TestPython} */
export function torchPython(env = process.env) {
  const named = env.MPSBENCH_TEST_TORCH_PYTHON;
  if (named) return { python: named, reason: '' };
  if (existsSync(SYSTEM_TORCH)) return { python: SYSTEM_PYTHON, reason: '' };
  return { reason: 'no PyTorch: install python3-torch, or set MPSBENCH_TEST_TORCH_PYTHON' };
}

/**
 * Makes what can be made and is not there yet. Without it the tests that need it are skipped, each
 * with its reason; so nothing here is fatal.
 */
export async function prepareTestPythons() {
  if (tensorflowPython().python) return;
  try {
    await withLock(`${FOLDER}.lock`, makeTensorflow, {
      onWait: ({ pid }) => say(`waiting for another set-up (process ${pid}) ...`),
    });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    error.print();
  }
}

async function makeTensorflow() {
  if (existsSync(COMPLETE)) return;
  const log = logFile('test-pythons');
  mkdirSync(FOLDER, { recursive: true });
  await step('making a Python environment for the tests', () =>
    run('python3', ['-m', 'venv', FOLDER], log, {
      message: 'Python could not make an environment; the tests that need TensorFlow are skipped.',
      advice: 'Python 3 with its venv module is needed (Debian: apt-get install python3-venv).',
    }),
  );
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--retries', '1'];
  await step(`installing ${PACKAGES.join(' and ')} for the tests`, () =>
    run(PYTHON, [...pip, '--quiet', ...PACKAGES], log, {
      append: true,
      message: 'TensorFlow cannot be installed here; the tests that need it are skipped.',
      advice: 'Or name a Python that has it: MPSBENCH_TEST_TF_PYTHON=PATH npm test',
    }),
  );
  writeWhole(COMPLETE, `${PACKAGES.join('\n')}\n`);
}

async function run(command, args, log, { append = false, message, advice }) {
  const { code, text } = await runLogged(command, args, { log, append });
  if (code !== 0) throw new StepError(message, { log, text, advice });
}
