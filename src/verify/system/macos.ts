/**
 * macOS by its kernel. The kernel's number is not subject to the compatibility mode that lets
 * programs built with an old SDK see macOS 26 as 16.0, or macOS 11 as 10.16.
 */

/** The first kernel major of each macOS; 26 was never a release. */
const MACOS_OF_DARWIN: ReadonlyMap<number, number> = new Map([
  [20, 11],
  [21, 12],
  [22, 13],
  [23, 14],
  [24, 15],
  [25, 26],
  [27, 27],
]);

const NAMES: ReadonlyMap<number, string> = new Map([
  [11, 'Big Sur'],
  [12, 'Monterey'],
  [13, 'Ventura'],
  [14, 'Sonoma'],
  [15, 'Sequoia'],
  [26, 'Tahoe'],
]);

/** The first with Metal 3 and the graph API that GPU frameworks of today build on. */
export const METAL_3_MACOS = 13;

export const NEWEST_DARWIN = Math.max(...MACOS_OF_DARWIN.keys());

export const DARWIN_SOURCES = [
  'https://github.com/actions/runner-images images/macos/*-Readme.md (image and kernel versions)',
  'uname and sw_vers of macOS 27.0: Darwin 27.0.0',
] as const;

/** `25.6.0` -> 26; undefined for kernels that are not in the table. */
export function macosOfDarwin(kernel: string): number | undefined {
  return MACOS_OF_DARWIN.get(Number.parseInt(kernel, 10));
}

/** `macOS 15 Sequoia`. */
export function macosName(major: number): string {
  return ['macOS', major, NAMES.get(major)].filter((part) => part !== undefined).join(' ');
}
