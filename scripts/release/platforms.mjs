/**
 * The platforms that have a prebuilt addon: one package each, named as src/backends/native/load.ts
 * looks for it, `@mpsbench/<platform>-<architecture>` in Node's words.
 *
 * The oldest glibc is that of Node 20's and later binaries for Linux (BUILDING.md of Node), so that no
 * machine that runs them is left out. musl (Alpine) has no prebuilt addon: `mpsbench build`.
 */

/** @typedef {(typeof PLATFORMS)[number]} Platform */

export const PLATFORMS = /** @type {const} */ ([
  { id: 'darwin-arm64', os: 'darwin', cpu: 'arm64', format: 'Mach-O', machine: 'arm64' },
  { id: 'darwin-x64', os: 'darwin', cpu: 'x64', format: 'Mach-O', machine: 'x86_64' },
  {
    id: 'linux-arm64',
    os: 'linux',
    cpu: 'arm64',
    libc: 'glibc',
    format: 'ELF',
    machine: 'aarch64',
  },
  { id: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc', format: 'ELF', machine: 'x86_64' },
]);

/** The oldest system that a prebuilt addon has to load on. */
export const FLOOR = { 'Mach-O': [13, 0], ELF: [2, 28] };

/** What every system of the format has; an addon that links anything else is not for others. */
export const SYSTEM_LIBRARIES = {
  'Mach-O': /^(\/usr\/lib\/|\/System\/Library\/)/,
  ELF: /^(lib(c|m|dl|rt|pthread)\.so\.\d+|ld-linux-[\w-]+\.so\.\d+)$/,
};

/** @param {Pick<Platform, 'id'>} platform */
export const packageName = ({ id }) => `@mpsbench/${id}`;

/** @throws {Error} that names the platforms there are */
export function platformOf(id) {
  const found = PLATFORMS.find((platform) => platform.id === id);
  if (found) return found;
  throw new Error(`${id} is no platform; there are ${PLATFORMS.map((one) => one.id).join(', ')}`);
}
