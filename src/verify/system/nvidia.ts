import type { HostSource } from '../../host/source.js';
import { perContext } from '../memo.js';

/** NVIDIA's driver as the files of a Linux machine show it. */
export interface NvidiaState {
  /** GPUs on the PCI bus, whatever their driver. */
  readonly pciGpus: number;
  /** Version of the kernel module that is loaded. */
  readonly module?: string;
  /** Version of libcuda.so, by its file name. */
  readonly library?: string;
  /** Windows Subsystem for Linux: the driver is that of Windows. */
  readonly wsl: boolean;
}

/** Where distributions, containers and WSL put libcuda. */
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/nvidia/lib64',
  '/usr/lib/wsl/lib',
] as const;

const PCI = '/sys/bus/pci/devices';
const NVIDIA_VENDOR = '0x10de';
/** PCI base class 3: display controllers; 3D controllers, as in servers, are 0x0302. */
const DISPLAY_CLASS = /^0x03/;

export const nvidiaOf = perContext(({ source }) => readNvidia(source));

async function readNvidia(source: HostSource): Promise<NvidiaState> {
  const [module, library, vendors] = await Promise.all([
    readModule(source),
    readLibrary(source),
    displayVendors(source),
  ]);
  return {
    pciGpus: vendors.filter((vendor) => vendor === NVIDIA_VENDOR).length,
    ...(module && { module }),
    ...(library && { library }),
    wsl: /microsoft/i.test(source.os.release),
  };
}

/** The PCI vendors of the display controllers, for example `0x10de`; one entry a GPU. */
export async function displayVendors(source: HostSource): Promise<string[]> {
  const found = await Promise.all(
    (await source.list(PCI)).map(async (slot) => {
      const [vendor, kind] = await Promise.all(
        ['vendor', 'class'].map((file) => source.readFile(`${PCI}/${slot}/${file}`)),
      );
      return DISPLAY_CLASS.test(kind ?? '') ? vendor?.trim() : undefined;
    }),
  );
  return found.filter((vendor) => vendor !== undefined);
}

/** `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build …`. */
async function readModule(source: HostSource): Promise<string | undefined> {
  const [proc, sys] = await Promise.all([
    source.readFile('/proc/driver/nvidia/version'),
    source.readFile('/sys/module/nvidia/version'),
  ]);
  return /\b(\d{3,}\.\d+(?:\.\d+)?)\b/.exec(proc ?? '')?.[1] ?? sys?.trim();
}

async function readLibrary(source: HostSource): Promise<string | undefined> {
  const listings = await Promise.all(LIBRARY_FOLDERS.map((folder) => source.list(folder)));
  for (const name of listings.flat()) {
    const version = /^libcuda\.so\.(\d{3,}\.[\d.]+)$/.exec(name)?.[1];
    if (version) return version;
  }
  return undefined;
}
