import type { Finding } from '../../result/schema.js';
import { CUDA_DRIVER_SOURCES, CUDA_FLOOR, cudaLevelOf } from '../facts/cuda-drivers.js';
import { satisfies } from '../facts/version.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { hostOf } from './machine.js';
import { type NvidiaState, nvidiaOf } from './nvidia.js';

const INSTALL = fix(
  'Install the driver, and restart.',
  'sudo ubuntu-drivers install || sudo apt install nvidia-driver',
);

/** NVIDIA's driver, the CUDA level it gives, and whether its two halves are of one version. */
export const nvidiaDriver: Check = {
  id: 'system.nvidia-driver',
  group: 'system',
  title: 'NVIDIA driver, its CUDA level, and libcuda of the same version',
  sources: [
    ...CUDA_DRIVER_SOURCES,
    'https://docs.nvidia.com/deploy/nvidia-smi/ (driver/library version mismatch)',
  ],
  applies: ({ platform }) => platform === 'linux',
  async run(context) {
    const state = await nvidiaOf(context);
    const { module, library, wsl, pciGpus } = state;
    if (wsl && library) return [judgeWsl()];
    if (module) return [await judgeDriver(context, module, state)];
    if (pciGpus > 0) {
      const gpus = pciGpus === 1 ? 'An NVIDIA GPU is' : `${pciGpus} NVIDIA GPUs are`;
      return [
        finding(nvidiaDriver, 'fail', `${gpus} on the PCI bus, but no driver is loaded.`, {
          fixes: library ? [fix('Load it.', 'sudo modprobe nvidia'), INSTALL] : [INSTALL],
        }),
      ];
    }
    return [finding(nvidiaDriver, 'pass', 'no NVIDIA GPU is seen, so no driver is needed')];
  },
};

function judgeWsl(): Finding {
  return finding(nvidiaDriver, 'pass', 'NVIDIA driver of Windows, through WSL');
}

async function judgeDriver(
  context: VerifyContext,
  module: string,
  { library }: NvidiaState,
): Promise<Finding> {
  const cuda = cudaLevelOf(module);
  const details = { driver: module, ...(cuda && { cuda }), ...(library && { library }) };
  const name = `NVIDIA driver ${module}`;
  if (library && library !== module) {
    return finding(
      nvidiaDriver,
      'fail',
      `${name} is loaded, but libcuda is of ${library}: every CUDA program fails with a version mismatch.`,
      { details, fixes: [fix('Restart, so that the new driver is loaded.', 'sudo reboot')] },
    );
  }
  // Frameworks of today are built for CUDA 12 or newer.
  const floor = CUDA_FLOOR[12];
  if (satisfies(module, `<${floor}`)) {
    return finding(
      nvidiaDriver,
      'warning',
      `${name} (CUDA ${cuda ?? 'before 11'}) is older than ${floor}, the first that runs CUDA 12.`,
      { details, fixes: [fix('Install a newer driver, and restart.', INSTALL.command)] },
    );
  }
  if (!library) {
    const { container } = await hostOf(context);
    return finding(
      nvidiaDriver,
      'warning',
      `${name} is loaded, but libcuda.so was not found in the usual folders.`,
      {
        details,
        fixes: container
          ? [fix('Pass the GPU to the container.', 'docker run --gpus all …')]
          : [fix('Install the library that belongs to the driver.', 'sudo apt install libcuda1')],
      },
    );
  }
  return finding(nvidiaDriver, 'pass', `${name}, CUDA up to ${cuda}`, { details });
}
