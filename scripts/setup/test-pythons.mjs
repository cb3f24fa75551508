import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { withLock } from './lock.mjs';
import { run, StepError, setUpIsOff, step } from './process.mjs';

const isX64Linux = process.platform === 'linux' && process.arch === 'x64';

/** In one environment: they need little more than numpy and get on with each other. */
const SHARED = {
  folder: 'jax-mlx-onnxruntime',
  requirements: [
    'jax==0.10.2',
    'jaxlib==0.10.2',
    'mlx==0.32.4',
    // Without Metal, MLX needs the package with its CPU backend.
    ...(process.platform === 'linux' ? ['mlx-cpu==0.32.4'] : []),
    'onnxruntime==1.32.0',
    'numpy==2.4.6',
  ],
};

/**
 * The Python environments whose frameworks the tests use: what pip installs into each, pinned.
 * `system` is a package of Debian and Ubuntu that is used instead where it is installed: PyTorch's
 * wheel for Linux carries all of CUDA. `variable` names an interpreter to use instead; `folder` is
 * the environment's name where several share one.
 */
export const ENVIRONMENTS = {
  tensorflow: {
    variable: 'MPSBENCH_TEST_TF_PYTHON',
    requirements: [isX64Linux ? 'tensorflow-cpu==2.21.0' : 'tensorflow==2.21.0', 'keras==3.15.1'],
  },
  pytorch: {
    variable: 'MPSBENCH_TEST_TORCH_PYTHON',
    requirements: process.platform === 'linux' ? [] : ['torch==2.9.1', 'numpy==2.2.6'],
    system: { package: 'python3-torch', file: '/usr/lib/python3/dist-packages/torch/__init__.py' },
  },
  jax: { variable: 'MPSBENCH_TEST_JAX_PYTHON', ...SHARED },
  mlx: { variable: 'MPSBENCH_TEST_MLX_PYTHON', ...SHARED },
  onnxruntime: { variable: 'MPSBENCH_TEST_ORT_PYTHON', ...SHARED },
  // Ways of starting Python that `watch` follows: notebooks and uv, with a framework that is small.
  starters: {
    variable: 'MPSBENCH_TEST_STARTERS_PYTHON',
    requirements: [
      'nbconvert==7.17.2',
      'ipykernel==7.4.0',
      'uv==0.13.9',
      'onnxruntime==1.32.0',
      'numpy==2.4.6',
    ],
  },
  // The schemas of CI systems, offline, for action.yml and docs/ci.md.
  'check-jsonschema': {
    variable: 'MPSBENCH_TEST_SCHEMA_PYTHON',
    requirements: ['check-jsonschema==0.39.0'],
  },
  // The schemas of Kubernetes, for docs/kubernetes.md.
  'kubernetes-validate': {
    variable: 'MPSBENCH_TEST_KUBERNETES_PYTHON',
    requirements: ['kubernetes-validate==1.37.0'],
  },
};

const CACHE =
  process.env.XDG_CACHE_HOME ||
  (process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches')
    : join(homedir(), '.cache'));

/** One folder per list of requirements: an environment is made once and never changed. */
function folderOf(name) {
  const { requirements, folder = name } = ENVIRONMENTS[name];
  const hash = createHash('sha256').update(requirements.join('\n')).digest('hex').slice(0, 12);
  return join(CACHE, 'mpsbench', 'test-pythons', `${folder}-${hash}`);
}

/** Written when everything is installed. */
const markerOf = (folder) => join(folder, 'complete');

/**
 * @param {keyof typeof ENVIRONMENTS} name
 * @returns {{ python?: string, reason: string }} the interpreter, or why there is none
 */
export function testPython(name, env = process.env) {
  const { variable, system } = ENVIRONMENTS[name];
  if (env[variable]) return { python: env[variable], reason: '' };
  if (system && existsSync(system.file)) return { python: '/usr/bin/python3', reason: '' };
  const folder = folderOf(name);
  if (existsSync(markerOf(folder))) return { python: join(folder, 'bin', 'python'), reason: '' };
  return { reason: `no Python with ${name}: run npm test, or set ${variable}` };
}

/** Packages of Debian and Ubuntu that replace environments, unless an interpreter is named. */
export const testPythonPackages = (env = process.env) =>
  Object.entries(ENVIRONMENTS).flatMap(([name, { system, variable }]) =>
    system && !env[variable]
      ? { what: `${name} for the tests`, forTests: true, debian: system.package }
      : [],
  );

/**
 * Makes the environments that are not there yet. Tests that need one that cannot be made are skipped
 * and say so; nothing here is fatal.
 */
export async function prepareTestPythons() {
  for (const [name, { requirements }] of Object.entries(ENVIRONMENTS)) {
    if (testPython(name).python || requirements.length === 0 || setUpIsOff()) continue;
    try {
      const folder = folderOf(name);
      await withLock(`${folder}.lock`, () => make(name, folder, requirements));
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      error.print();
    }
  }
}

async function make(name, folder, requirements) {
  if (existsSync(markerOf(folder))) return;
  const log = `test-python-${name}`;
  const options = { log, failure: `There is no Python with ${name} for the tests.` };
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', ...requirements];
  await step(`Installing ${requirements.join(', ')} for the tests`, async () => {
    await run('python3', ['-m', 'venv', '--clear', folder], {
      ...options,
      advice: 'Install Python 3 with its venv module (Debian: apt-get install python3-venv).',
    });
    await run(join(folder, 'bin', 'python'), pip, {
      ...options,
      advice: `Or name an interpreter that has it: ${ENVIRONMENTS[name].variable}=PATH npm test`,
    });
  });
  writeFileSync(markerOf(folder), `${requirements.join('\n')}\n`);
}
