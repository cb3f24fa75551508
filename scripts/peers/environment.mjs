import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ROOT, run, StepError, step } from '../setup/process.mjs';
import { fingerprint, writeWhole } from './support.mjs';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));
const hasCpuTensorflow = process.platform === 'linux' && process.arch === 'x64';

/**
 * Who we are compared with; `packages` as the Python package index names them. Each of `forms` has a
 * process of its own: a compiler that takes too long is ended without the others.
 */
export const PEERS = [
  {
    id: 'torch',
    script: script('torch_peer.py'),
    packages: ['torch', 'numpy'],
    devices: ['cpu', 'cuda'],
    forms: ['plain', 'compiled'],
  },
  {
    id: 'tensorflow',
    script: script('tensorflow_peer.py'),
    packages: [hasCpuTensorflow ? 'tensorflow-cpu' : 'tensorflow'],
    devices: ['cpu'],
  },
  {
    id: 'onnxruntime',
    script: script('onnxruntime_peer.py'),
    packages: ['onnxruntime', 'onnx'],
    devices: ['cpu'],
  },
];

/**
 * The Python to run peers with: the one that is named, an environment in MPSBENCH_PEERS_VENV, or one
 * of our own in the cache folder, made at the first use.
 * @returns {Promise<string>} the path of its executable
 */
export async function preparePython(named) {
  if (named) return named;
  const given = process.env.MPSBENCH_PEERS_VENV;
  if (given) {
    const python = join(given, 'bin', 'python');
    if (existsSync(python)) return python;
    throw new StepError(`MPSBENCH_PEERS_VENV=${given} holds no Python environment.`, {
      advice: 'Name an environment made with python3 -m venv, or unset it.',
    });
  }
  const folder = join(process.env.XDG_CACHE_HOME || join(ROOT, '.cache'), 'mpsbench-peers');
  const python = join(folder, 'bin', 'python');
  const packages = PEERS.flatMap((peer) => peer.packages);
  const complete = join(folder, `complete-${fingerprint([], packages).slice(0, 12)}`);
  if (existsSync(complete)) return python;
  await makeEnvironment(folder, python);
  writeWhole(complete, `${packages.join('\n')}\n`);
  return python;
}

async function makeEnvironment(folder, python) {
  mkdirSync(folder, { recursive: true });
  await step('Making a Python environment', () =>
    run('python3', ['-m', 'venv', folder], {
      log: 'peers',
      failure: 'Python could not make an environment.',
      advice: 'Install Python 3 with its venv module (Debian: apt-get install python3-venv).',
    }),
  );
  let installed = 0;
  for (const { id, packages } of PEERS) {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    try {
      await step(`Installing ${packages.join(' and ')}`, () =>
        run(python, args, { log: 'peers', failure: `${id} cannot be installed here.` }),
      );
      installed++;
    } catch (error) {
      // One peer less: the others can still be compared.
      if (!(error instanceof StepError)) throw error;
      error.print();
    }
  }
  if (installed === 0) {
    throw new StepError('No peer could be installed.', {
      advice: 'Check the network, or name a Python that has them with --python PATH.',
    });
  }
}
