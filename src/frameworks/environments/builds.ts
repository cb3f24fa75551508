import type { HostSource } from '../../host/source.js';
import { DISTRIBUTIONS } from '../distributions.js';

/** A generated file of a package that says what it was built for; read as text, never executed. */
interface BuildFile {
  /** The distributions that have it. */
  readonly names: readonly string[];
  readonly path: string;
  readonly parse: (text: string) => string | undefined;
}

const BUILD_FILES: readonly BuildFile[] = [
  {
    names: DISTRIBUTIONS.tensorflow,
    path: 'tensorflow/python/platform/build_info.py',
    parse: (text) => {
      if (/'is_rocm_build', True/.test(text)) return 'rocm';
      if (/'is_cuda_build', False/.test(text)) return 'cpu';
      return /'cuda_version', '(\d+(?:\.\d+)*)'/.exec(text)?.[1];
    },
  },
  {
    names: DISTRIBUTIONS.pytorch,
    path: 'torch/version.py',
    parse: (text) => {
      const [, cuda] = /^cuda\b[^=\n]*=\s*(?:'([\d.]+)'|None)/m.exec(text) ?? [null];
      if (cuda === null) return undefined;
      // ROCm builds have no CUDA either, but reach their GPU all the same.
      if (cuda === undefined && /^(?:hip|rocm)\b[^=\n]*=\s*'/m.test(text)) return 'rocm';
      return cuda ?? 'cpu';
    },
  },
];

const BUILD_FILE_BYTES = 16 * 1024;

/** `cpu`, `rocm` or a CUDA version; undefined where the package does not tell. */
export async function readBuild(
  source: HostSource,
  sitePackages: string,
  name: string,
  version: string,
): Promise<string | undefined> {
  const file = BUILD_FILES.find(({ names }) => names.includes(name));
  if (!file) return undefined;
  const head = await source.readHead(`${sitePackages}/${file.path}`, BUILD_FILE_BYTES);
  const told =
    head.state === 'read' ? file.parse(new TextDecoder('latin1').decode(head.bytes)) : undefined;
  return told ?? localBuild(version);
}

/** PyTorch's own index marks its wheels: `2.4.1+cpu`, `2.4.1+cu124`. */
function localBuild(version: string): string | undefined {
  const [, label, major, minor] = /\+(cpu|rocm|cu(\d\d)(\d))/.exec(version) ?? [];
  return major && minor ? `${major}.${minor}` : label;
}
