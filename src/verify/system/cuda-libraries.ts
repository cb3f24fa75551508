import type { HostSource } from '../../host/source.js';
import { majorOf } from '../facts/version.js';
import { perContext } from '../memo.js';

/** CUDA and cuDNN as installed on the system, by major version: `12` -> `12.4`, `9` -> `9`. */
export interface SystemLibraries {
  readonly cuda: ReadonlyMap<string, string>;
  readonly cudnn: ReadonlyMap<string, string>;
}

export const systemLibrariesOf = perContext(({ source }) => readSystemLibraries(source));

/** What the loader finds without help: distribution folders, CUDA's own, and LD_LIBRARY_PATH. */
async function readSystemLibraries(source: HostSource): Promise<SystemLibraries> {
  const toolkits = (await source.list('/usr/local'))
    .filter((name) => /^cuda(?:-|$)/.test(name))
    .map((name) => `/usr/local/${name}`);
  const folders = [
    ...toolkits.flatMap((toolkit) => [
      `${toolkit}/lib64`,
      `${toolkit}/targets/x86_64-linux/lib`,
      `${toolkit}/targets/sbsa-linux/lib`,
      `${toolkit}/targets/aarch64-linux/lib`,
    ]),
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib64',
    '/usr/lib/wsl/lib',
    ...(source.env.LD_LIBRARY_PATH?.split(':').filter((path) => path.startsWith('/')) ?? []),
  ];
  const cuda = new Map<string, string>();
  const cudnn = new Map<string, string>();
  for (const folder of new Set(folders)) {
    const toolkit = /\/cuda-(\d+\.\d+)\//.exec(folder)?.[1];
    for (const name of await source.list(folder)) {
      const runtime = /^libcudart\.so\.(\d+(?:\.\d+)*)$/.exec(name)?.[1];
      if (runtime) note(cuda, toolkit && majorOf(toolkit) === majorOf(runtime) ? toolkit : runtime);
      const dnn = /^libcudnn\.so\.(\d+(?:\.\d+)*)$/.exec(name)?.[1];
      if (dnn) note(cudnn, dnn);
    }
  }
  return { cuda, cudnn };
}

/** The longest version of a major says most. */
function note(versions: Map<string, string>, version: string): void {
  const major = majorOf(version) ?? version;
  if ((versions.get(major)?.length ?? 0) < version.length) versions.set(major, version);
}
