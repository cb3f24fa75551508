import type { Finding } from '../../result/schema.js';
import { CUDA_DRIVER_SOURCES, CUDA_FLOOR, cudaLevelOf } from '../facts/cuda-drivers.js';
import { sourceText } from '../facts/sources.js';
import { compareVersions, satisfies } from '../facts/version.js';
import { finding, fix } from '../finding.js';
import type { Check, VerifyContext } from '../types.js';
import { jetsonIndex } from './jetson.js';
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
    sourceText('nvidia-wsl'),
    sourceText('nvidia-forward'),
  ],
  applies: ({ platform }) => platform === 'linux',
  async run(context) {
    const state = await nvidiaOf(context);
    const { module, library, wsl, pciGpus } = state;
    if (wsl) return [judgeWsl(state)];
    if (state.jetson) return [judgeJetson(state)];
    if (module) return [await judgeDriver(context, module, state)];
    if (pciGpus > 0) {
      const gpus = pciGpus === 1 ? 'An NVIDIA GPU is' : `${pciGpus} NVIDIA GPUs are`;
      return [
        finding(nvidiaDriver, 'fail', `${gpus} on the PCI bus, but no driver is loaded.`, {
          fixes: library ? [fix('Load it.', 'sudo modprobe nvidia'), INSTALL] : [INSTALL],
        }),
      ];
    }
    return [finding(nvidiaDriver, 'not-applicable', 'no NVIDIA GPU found')];
  },
};

/** WSL 2 has no driver of its own: Windows' driver puts its libraries into /usr/lib/wsl/lib. */
function judgeWsl({ hasLibrary, module, model }: NvidiaState): Finding {
  if (!hasLibrary) {
    return finding(nvidiaDriver, 'not-applicable', "WSL 2: Windows' driver offers no NVIDIA GPU");
  }
  const told = [module, model].filter(Boolean).join(', ');
  const message = `NVIDIA driver of Windows, through WSL 2${told ? ` (${told})` : ''}`;
  return finding(nvidiaDriver, 'pass', message);
}

/** On a Jetson the driver is part of Jetson Linux, and wheels are made for its releases. */
function judgeJetson({ jetson, hasLibrary }: NvidiaState): Finding {
  const name = [jetson?.model ?? 'Jetson', jetson?.l4t && `Jetson Linux ${jetson.l4t}`]
    .filter(Boolean)
    .join(', ');
  if (!hasLibrary) {
    return finding(nvidiaDriver, 'fail', `${name}: libcuda.so.1 was not found.`, {
      fixes: [fix('Install the CUDA part of JetPack.', 'sudo apt install nvidia-jetpack')],
    });
  }
  const index = jetsonIndex(jetson?.l4t);
  const message = `${name}: the driver is part of it`;
  return finding(nvidiaDriver, 'pass', message, { details: { ...(index && { wheels: index }) } });
}

async function judgeDriver(
  context: VerifyContext,
  module: string,
  { library, hasLibrary, compat }: NvidiaState,
): Promise<Finding> {
  const cuda = cudaLevelOf(module);
  const details = { driver: module, ...(cuda && { cuda }), ...(library && { library }) };
  const name = `NVIDIA driver ${module}`;
  if (compat?.isFirst && compareVersions(compat.version, module) < 0) {
    return finding(
      nvidiaDriver,
      'fail',
      `${name} is loaded, but LD_LIBRARY_PATH finds the older libcuda ${compat.version} of ${compat.folder} first: CUDA programs fail to start.`,
      { details, fixes: [fix('Remove the compat folder from LD_LIBRARY_PATH.')] },
    );
  }
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
  if (!hasLibrary) {
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
  const forward =
    compat?.isFirst && compareVersions(compat.version, module) > 0
      ? `, with the forward-compatibility libcuda ${compat.version}`
      : '';
  return finding(nvidiaDriver, 'pass', `${name}, CUDA up to ${cuda}${forward}`, { details });
}
