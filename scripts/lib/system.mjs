import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/**
 * What the set-up asks about the machine. Tests script it.
 * @typedef {object} System
 * @property {'debian' | 'ubuntu' | 'fedora' | 'macos' | 'other'} family
 * @property {boolean} isRoot
 * @property {(command: string) => boolean} hasCommand on the PATH
 * @property {(pattern: string) => boolean} hasFile a path; one folder or file name may end in `*`
 */

/** @type {System} */
export const thisSystem = {
  get family() {
    if (process.platform === 'darwin') return 'macos';
    const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
    return familyOf(text);
  },
  isRoot: process.getuid?.() === 0,
  hasCommand: (command) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command))),
  hasFile,
};

/** @param {string} osRelease the text of /etc/os-release */
export function familyOf(osRelease) {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)]
    .flatMap(([, value]) => value.replaceAll('"', '').split(' '))
    .filter(Boolean);
  if (ids.includes('ubuntu')) return 'ubuntu';
  if (ids.includes('debian')) return 'debian';
  if (ids.includes('fedora') || ids.includes('rhel')) return 'fedora';
  return 'other';
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** One `*` in one path segment, as in `/dev/dri/render*` or `/usr/lib/<any>/libvulkan.so.1`. */
export function hasFile(pattern) {
  const star = pattern.indexOf('*');
  if (star < 0) return existsSync(pattern);
  const slash = pattern.lastIndexOf('/', star);
  const next = pattern.indexOf('/', star);
  const prefix = pattern.slice(slash + 1, star);
  const rest = next < 0 ? '' : pattern.slice(next);
  const folder = pattern.slice(0, slash);
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some(
    (name) => name.startsWith(prefix) && existsSync(`${folder}/${name}${rest}`),
  );
}
