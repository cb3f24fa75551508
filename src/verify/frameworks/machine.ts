import type { Facts } from '../facts/condition.js';
import { smOf } from '../facts/gpu-builds.js';
import { compareVersions } from '../facts/version.js';
import { perContext } from '../memo.js';
import { hostOf } from '../system/machine.js';
import { macosOfDarwin } from '../system/macos.js';
import { hasNvidiaGpu, type NvidiaState, nvidiaOf } from '../system/nvidia.js';

/** Variables that a rule speaks of. */
const VARIABLES = ['TF_USE_LEGACY_KERAS', 'ENABLE_PJRT_COMPATIBILITY'] as const;

/** Kernels of the virtual machines in which Docker Desktop and OrbStack run containers. */
const DESKTOP_KERNEL = /-(?:linuxkit|orbstack)/i;

/** The machine as the rules ask for it: its kind, system, GPU and driver. */
export const machineFacts = perContext(async (context): Promise<Facts> => {
  const { source, platform } = context;
  const [host, nvidia] = await Promise.all([hostOf(context), nvidiaOf(context)]);
  const facts = new Map<string, string>();
  const put = (name: string, value: string | undefined) => value && facts.set(name, value);
  const isAppleSilicon = platform === 'darwin' && host.arch === 'arm64';
  const macKind = isAppleSilicon ? 'apple-silicon' : 'intel-mac';
  put('machine', { darwin: macKind, linux: 'linux', win32: 'windows' }[platform as string]);
  if (platform === 'darwin') put('macos', macosVersion(host.os, host.kernel));
  put('chip', /^Apple (M\d+)/.exec(host.cpu)?.[1]);
  put('virtual-machine', host.virtualMachine);
  put('container', host.container);
  if (DESKTOP_KERNEL.test(host.kernel)) put('docker-desktop', 'yes');
  const hasNvidia = platform === 'linux' && hasNvidiaGpu(nvidia);
  put('gpu', isAppleSilicon ? 'apple' : hasNvidia ? 'nvidia' : 'none');
  if (hasNvidia) {
    for (const [name, value] of nvidiaFacts(nvidia, host.container !== undefined)) put(name, value);
  }
  for (const name of VARIABLES) put(`env:${name}`, source.env[name]);
  put('library-path', source.env.LD_LIBRARY_PATH);
  return facts;
});

function nvidiaFacts(nvidia: NvidiaState, isContainer: boolean): Map<string, string | undefined> {
  const { module, library, compat, generation, model, device, jetson, wsl } = nvidia;
  const loaded = module ?? library;
  // CUDA's forward-compatibility libcuda stands in for a newer driver, where the loader finds it.
  const isNewer = compat && loaded && compareVersions(compat.version, loaded) > 0;
  const driver = jetson ? undefined : isNewer && compat.isFirst ? compat.version : loaded;
  const isOlder = compat?.isFirst && module && compareVersions(compat.version, module) < 0;
  return new Map([
    ['nvidia', stackOf(nvidia, isContainer)],
    ['driver', driver],
    ['driver-words', driverWords(nvidia, driver)],
    [
      'gpu-model',
      model ??
        (generation
          ? `an NVIDIA GPU of ${generation.generation}`
          : device && `PCI device ${device}`),
    ],
    ['gpu-generation', generation?.generation.toLowerCase()],
    ['gpu-capability', generation?.capability],
    ['gpu-sm', generation && smOf(generation.capability)],
    ['compat-libcuda', isOlder ? 'older' : undefined],
    ['compat-version', compat?.version],
    ['jetson', jetson && (jetson.l4t ?? 'yes')],
    ['wsl', wsl ? 'yes' : undefined],
  ]);
}

/** How far the driver's parts go: what is missing decides who can help. */
function stackOf(nvidia: NvidiaState, isContainer: boolean): string {
  const { wsl, jetson, module, hasLibrary } = nvidia;
  if (jetson) return 'jetson';
  if (wsl) return 'wsl';
  if (module === undefined) return 'no-driver';
  if (hasLibrary) return 'ready';
  return isContainer ? 'container' : 'no-library';
}

function driverWords({ wsl, jetson, module }: NvidiaState, driver: string | undefined) {
  if (jetson) return jetson.l4t ? `Jetson Linux ${jetson.l4t}` : 'Jetson Linux';
  if (wsl) return `the driver of Windows${module ? ` (${module})` : ''} through WSL 2`;
  return driver && `driver ${driver}`;
}

/** The kernel decides the major version: programs of old SDKs are told another one. */
function macosVersion(os: string, kernel: string): string | undefined {
  const told = /^(?:macOS|Mac OS X)\s+(\d+(?:\.\d+)*)/.exec(os)?.[1];
  const major = macosOfDarwin(kernel);
  return told && (major === undefined || told.startsWith(`${major}.`) || told === `${major}`)
    ? told
    : major?.toString();
}
