import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { NativeDeviceInfo, NativeProbe } from '../../src/backends/native/addon-types.js';

/** The fake NVIDIA libraries of test/fakes/cuda, as `npm test` builds them with the C++ tests. */

const ADDON =
  process.env.MPSBENCH_ADDON ??
  fileURLToPath(new URL('../../build/Release/mpsbench.node', import.meta.url));
export const FAKE_CUDA = join(dirname(dirname(ADDON)), 'fakes', 'cuda');

export const skipReason = existsSync(join(FAKE_CUDA, 'libcuda.so.1'))
  ? ''
  : process.platform === 'linux'
    ? 'the fake libraries are built by npm test without arguments'
    : 'the CUDA backend is for Linux';

export const FILES = {
  driver: 'libcuda.so.1',
  nvrtc: 'libnvrtc.so.13',
  cublasLt: 'libcublasLt.so.13',
  cudnn: 'libcudnn.so.9',
  nvml: 'libnvidia-ml.so.1',
} as const;
export type Library = keyof typeof FILES;
export const LIBRARIES = Object.keys(FILES) as Library[];

/** The variables that steer the search, all unset. */
const NO_PLACES = {
  MPSBENCH_CUDA_PATH: undefined,
  CUDA_HOME: undefined,
  CUDA_PATH: undefined,
  VIRTUAL_ENV: undefined,
  CONDA_PREFIX: undefined,
};

/** The environment in which mpsbench finds the fakes, and does what the script says. */
export function fakeCuda(script = ''): Record<string, string | undefined> {
  return { ...NO_PLACES, MPSBENCH_CUDA_PATH: FAKE_CUDA, MPSBENCH_FAKE_CUDA: script };
}

/** A folder with some of the libraries; `incomplete` ones have no functions. */
export function libraryFolder(
  libraries: readonly Library[],
  { at = '', incomplete = [] as readonly Library[] } = {},
): string {
  const root = mkdtempSync(join(tmpdir(), 'mpsbench-cuda-'));
  const folder = join(root, at);
  mkdirSync(folder, { recursive: true });
  for (const library of libraries)
    symlinkSync(join(FAKE_CUDA, FILES[library]), join(folder, FILES[library]));
  for (const library of incomplete) {
    symlinkSync(join(FAKE_CUDA, 'incomplete', FILES[library]), join(folder, FILES[library]));
  }
  // What the fakes share is looked for beside them.
  symlinkSync(join(FAKE_CUDA, 'libfake_cuda_state.so'), join(folder, 'libfake_cuda_state.so'));
  return root;
}

export interface Found {
  readonly probe: NativeProbe;
  readonly devices: readonly NativeDeviceInfo[];
}

/** What the addon finds in a process of its own. */
export function findCuda(env: Record<string, string | undefined>): Promise<Found> {
  const code = `
    const addon = require(${JSON.stringify(ADDON)});
    const probe = addon.probe('cuda');
    const devices = probe.available ? addon.devices('cuda', {}).map(({ info }) => info) : [];
    console.log(JSON.stringify({ probe, devices }));`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['-e', code],
      { env: { ...process.env, ...NO_PLACES, ...env } },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${error.message}\n${stderr}`));
        else resolve(JSON.parse(stdout) as Found);
      },
    );
  });
}
