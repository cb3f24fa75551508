import { FLOOR, SYSTEM_LIBRARIES } from './platforms.mjs';

/**
 * Whether an addon is for every machine of a platform.
 * @param {import('./binary.mjs').Binary} binary
 * @param {import('./platforms.mjs').Platform} platform
 * @returns {string[]} what is wrong with it; empty if nothing is
 */
export function objections(binary, platform) {
  const is = `${binary.format} for ${binary.machine}`;
  const wanted = `${platform.format} for ${platform.machine}`;
  if (is !== wanted) return [`it is ${is}; ${platform.id} needs ${wanted}`];
  const system = SYSTEM_LIBRARIES[platform.format];
  const foreign = binary.libraries.filter((library) => !system.test(library));
  const [major, minor] = FLOOR[platform.format];
  const [itsMajor, itsMinor] = binary.floor ?? [0, 0];
  const isNewer = itsMajor > major || (itsMajor === major && itsMinor > minor);
  return [
    ...(foreign.length === 0
      ? []
      : [
          `it is linked to ${foreign.join(', ')}, which a machine may lack: build it with -DMPSBENCH_PREBUILT=ON`,
        ]),
    ...(isNewer
      ? [
          `it needs ${systemOf(platform)} ${binary.floor.join('.')}, and must load from ${major}.${minor} on: build it on an older system`,
        ]
      : []),
  ];
}

/** @param {import('./platforms.mjs').Platform} platform */
export const systemOf = ({ format }) => (format === 'ELF' ? 'glibc' : 'macOS');
