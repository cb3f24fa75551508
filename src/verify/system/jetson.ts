import type { HostSource } from '../../host/source.js';

/** A Jetson: an NVIDIA module whose GPU is part of the chip, not on the PCI bus. */
export interface JetsonBoard {
  /** `NVIDIA Jetson AGX Orin Developer Kit`. */
  readonly model?: string;
  /** Release of Jetson Linux (`36.4.3`), which decides the wheels that run. */
  readonly l4t?: string;
}

/** Undefined where it is none. */
export async function readJetson(source: HostSource): Promise<JetsonBoard | undefined> {
  if (source.platform !== 'linux' || source.arch !== 'arm64') return undefined;
  const [release, tree, tegra] = await Promise.all([
    source.readFile('/etc/nv_tegra_release'),
    source.readFile('/proc/device-tree/model'),
    source.list('/usr/lib/aarch64-linux-gnu/tegra'),
  ]);
  // The device tree ends its strings with a zero byte.
  const model = tree?.split('\0')[0]?.trim();
  const isJetson =
    release !== undefined ||
    /jetson|tegra/i.test(model ?? '') ||
    /tegra/i.test(source.os.release) ||
    tegra.some((name) => name.startsWith('libcuda.so'));
  if (!isJetson) return undefined;
  const [, major, revision] = /R(\d+)[^\n]*REVISION:\s*([\d.]+)/.exec(release ?? '') ?? [];
  return {
    ...(model && { model }),
    ...(major && { l4t: `${major}.${revision}` }),
  };
}

/** The index with PyTorch and ONNX Runtime for a release of Jetson Linux; undefined if unknown. */
export function jetsonIndex(l4t: string | undefined): string | undefined {
  const major = l4t?.split('.')[0];
  const name = { '36': 'jp6/cu126', '35': 'jp5/cu114', '38': 'sbsa/cu130' }[major ?? ''];
  return name && `https://pypi.jetson-ai-lab.io/${name}`;
}
