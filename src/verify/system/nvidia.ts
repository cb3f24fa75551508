import type { HostSource } from '../../host/source.js';
import {
  type GpuGeneration,
  generationOfDevice,
  generationOfName,
} from '../facts/gpu-generations.js';
import { perContext } from '../memo.js';
import { type JetsonBoard, readJetson } from './jetson.js';

/** NVIDIA's driver as the files of a Linux machine show it. */
export interface NvidiaState {
  /** GPUs on the PCI bus, whatever their driver. */
  readonly pciGpus: number;
  /** Version of the kernel module that is loaded. */
  readonly module?: string;
  /** Version of libcuda.so, by its file name: that of the module where several are there. */
  readonly library?: string;
  /** Whether a libcuda.so.1 is in a folder that the loader searches. */
  readonly hasLibrary: boolean;
  /** A libcuda of CUDA's forward-compatibility packages, and whether the loader finds it first. */
  readonly compat?: {
    readonly version: string;
    readonly folder: string;
    readonly isFirst: boolean;
  };
  /** Windows Subsystem for Linux: the driver is that of Windows. */
  readonly wsl: boolean;
  readonly jetson?: JetsonBoard;
  /** `NVIDIA H100 PCIe`, of the first GPU. */
  readonly model?: string;
  /** By the model's name, else by the PCI device id; undefined if neither is known. */
  readonly generation?: GpuGeneration;
  /** The PCI device id of the first GPU (`0x2684`). */
  readonly device?: string;
}

/** Where distributions, containers, Jetsons and WSL put libcuda. */
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu/nvidia',
  '/usr/lib/aarch64-linux-gnu/tegra',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/nvidia/lib64',
  '/usr/local/nvidia/lib',
  '/run/opengl-driver/lib',
  '/usr/lib/wsl/lib',
] as const;

const PCI = '/sys/bus/pci/devices';
const GPUS = '/proc/driver/nvidia/gpus';
const NVIDIA_VENDOR = '0x10de';
/** PCI base class 3: display controllers; 3D controllers, as in servers, are 0x0302. */
const DISPLAY_CLASS = /^0x03/;

/** Part of Windows' driver: the only place in WSL that tells which GPU there is. */
const WSL_SMI = '/usr/lib/wsl/lib/nvidia-smi';

export const nvidiaOf = perContext(({ source }) => readNvidia(source));

/** Whether this machine shows an NVIDIA GPU, by its bus, its driver, or the kind of machine. */
export function hasNvidiaGpu({ pciGpus, module, wsl, hasLibrary, jetson }: NvidiaState): boolean {
  return pciGpus > 0 || module !== undefined || (wsl && hasLibrary) || jetson !== undefined;
}

async function readNvidia(source: HostSource): Promise<NvidiaState> {
  const wsl = /microsoft/i.test(source.os.release);
  const [module, libraries, controllers, compat, jetson] = await Promise.all([
    readModule(source),
    readLibraries(source),
    displayControllers(source),
    readCompat(source),
    readJetson(source),
  ]);
  const [first, ...more] = controllers.filter(({ vendor }) => vendor === NVIDIA_VENDOR);
  const hasLibrary = libraries.some((name) => /^libcuda\.so\.1/.test(name));
  const told = wsl && hasLibrary ? await askWsl(source) : undefined;
  const model = told?.model ?? jetson?.model ?? (await readModel(source));
  const generation =
    (model === undefined ? undefined : generationOfName(model)) ??
    (first?.device ? generationOfDevice(first.device) : undefined);
  const chosen = chooseLibrary(libraries, module);
  // The container toolkit may mount the forward-compatibility libcuda in place of the driver's.
  const isCompat = chosen !== undefined && chosen !== module && chosen === compat?.version;
  const library = isCompat ? undefined : chosen;
  const driver = module ?? told?.driver;
  return {
    pciGpus: first ? 1 + more.length : 0,
    ...(driver && { module: driver }),
    ...(library && { library }),
    hasLibrary: hasLibrary || chosen !== undefined,
    ...(compat && { compat: isCompat ? { ...compat, isFirst: true } : compat }),
    wsl,
    ...(jetson && { jetson }),
    ...(model && { model }),
    ...(generation && { generation }),
    ...(first?.device && { device: first.device }),
  };
}

interface Controller {
  readonly vendor: string | undefined;
  readonly device: string | undefined;
}

async function displayControllers(source: HostSource): Promise<readonly Controller[]> {
  const found = await Promise.all(
    (await source.list(PCI)).map(async (slot) => {
      const [vendor, kind, device] = await Promise.all(
        ['vendor', 'class', 'device'].map(async (file) =>
          (await source.readFile(`${PCI}/${slot}/${file}`))?.trim(),
        ),
      );
      return DISPLAY_CLASS.test(kind ?? '') ? { vendor, device } : undefined;
    }),
  );
  return found.filter((controller) => controller !== undefined);
}

/** The PCI vendors of the display controllers, for example `0x10de`; one entry per GPU. */
export async function displayVendors(source: HostSource): Promise<string[]> {
  const vendors = (await displayControllers(source)).map(({ vendor }) => vendor);
  return vendors.filter((vendor) => vendor !== undefined);
}

/** `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build …`. */
async function readModule(source: HostSource): Promise<string | undefined> {
  const [proc, sys] = await Promise.all([
    source.readFile('/proc/driver/nvidia/version'),
    source.readFile('/sys/module/nvidia/version'),
  ]);
  return /\b(\d{3,}\.\d+(?:\.\d+)?)\b/.exec(proc ?? '')?.[1] ?? (sys?.trim() || undefined);
}

async function readModel(source: HostSource): Promise<string | undefined> {
  const [first] = await source.list(GPUS);
  if (first === undefined) return undefined;
  const text = await source.readFile(`${GPUS}/${first}/information`);
  return /^Model:\s*(.+)$/m.exec(text ?? '')?.[1]?.trim();
}

async function readLibraries(source: HostSource): Promise<readonly string[]> {
  const listings = await Promise.all(LIBRARY_FOLDERS.map((folder) => source.list(folder)));
  return listings.flat().filter((name) => name.startsWith('libcuda.so'));
}

/** Of several versions the one that belongs to the kernel module: containers hold others as well. */
function chooseLibrary(names: readonly string[], module: string | undefined): string | undefined {
  const versions = names
    .map((name) => /^libcuda\.so\.(\d{3,}\.[\d.]+)$/.exec(name)?.[1])
    .filter((version) => version !== undefined);
  return versions.find((version) => version === module) ?? versions[0];
}

/** `/usr/local/cuda-12.4/compat/libcuda.so.550.54.15`: CUDA's images carry one. */
async function readCompat(source: HostSource): Promise<NvidiaState['compat']> {
  const toolkits = (await source.list('/usr/local')).filter((name) => /^cuda(?:-|$)/.test(name));
  const search = [
    ...(source.env.LD_LIBRARY_PATH ?? '').split(':'),
    ...(await loaderFolders(source)),
  ];
  for (const toolkit of toolkits) {
    for (const below of ['compat', 'compat/lib', 'compat/lib.real']) {
      const folder = `/usr/local/${toolkit}/${below}`;
      const version = chooseLibrary(await source.list(folder), undefined);
      if (version === undefined) continue;
      const isFirst = search.some((path) => /\/usr\/local\/cuda[^/]*\/compat/.test(path));
      return { version, folder, isFirst };
    }
  }
  return undefined;
}

/** The folders that NVIDIA's images add to the loader's cache. */
async function loaderFolders(source: HostSource): Promise<readonly string[]> {
  const folder = '/etc/ld.so.conf.d';
  const names = (await source.list(folder)).filter((name) => /cuda|compat|nvidia/.test(name));
  const texts = await Promise.all(names.map((name) => source.readFile(`${folder}/${name}`)));
  return texts.flatMap((text) => text?.split('\n') ?? []);
}

async function askWsl(source: HostSource): Promise<{ model: string; driver: string } | undefined> {
  const told = await source.exec(WSL_SMI, [
    '--query-gpu=name,driver_version',
    '--format=csv,noheader',
  ]);
  const [, model, driver] = /^(.+?),\s*(\d{3}\.\d+(?:\.\d+)?)\s*$/m.exec(told ?? '') ?? [];
  return model && driver ? { model, driver } : undefined;
}
