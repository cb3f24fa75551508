import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** A tool or library of the native build, and how the systems that we know install it. */
export interface Requirement {
  readonly what: string;
  /** The package's name on Debian and Ubuntu. */
  readonly debian: string;
  /** The package's name on Fedora and RHEL. */
  readonly fedora: string;
  /** A whole command; left out where macOS needs nothing. */
  readonly macos?: string;
}

/** Each by one of these commands on the PATH. */
export const TOOLS: readonly (Requirement & { readonly commands: readonly string[] })[] = [
  {
    what: 'CMake',
    commands: ['cmake'],
    debian: 'cmake',
    fedora: 'cmake',
    macos: 'brew install cmake',
  },
  {
    what: 'a C++20 compiler',
    commands: ['c++', 'g++', 'clang++'],
    debian: 'g++',
    fedora: 'gcc-c++',
    macos: 'xcode-select --install',
  },
  {
    what: 'make or ninja',
    commands: ['make', 'ninja', 'ninja-build'],
    debian: 'make',
    fedora: 'make',
    macos: 'xcode-select --install',
  },
];

/** Optional: a build uses them where it finds them. Accelerate, part of macOS, needs neither. */
export const ENGINES: readonly (Requirement & { readonly id: string })[] = [
  {
    id: 'onednn',
    what: 'oneDNN, the fastest CPU engine',
    debian: 'libdnnl-dev',
    fedora: 'onednn-devel',
  },
  {
    id: 'cblas',
    what: 'OpenBLAS, a CPU engine',
    debian: 'libopenblas-openmp-dev',
    fedora: 'openblas-devel',
  },
];

export function missingTools(path = process.env.PATH ?? ''): typeof TOOLS {
  const folders = path.split(delimiter);
  const isThere = (command: string) =>
    folders.some((folder) => isExecutable(join(folder, command)));
  return TOOLS.filter(({ commands }) => !commands.some(isThere));
}

export type System = 'debian' | 'ubuntu' | 'fedora' | 'macos' | 'other';

/** The family of this system, by /etc/os-release on Linux. */
export function thisSystem(): System {
  if (process.platform === 'darwin') return 'macos';
  try {
    return systemOf(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return 'other';
  }
}

/** @param osRelease the text of an os-release file */
export function systemOf(osRelease: string): System {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value = '']) =>
    value.replaceAll('"', '').split(' '),
  );
  if (ids.includes('ubuntu')) return 'ubuntu';
  if (ids.includes('debian')) return 'debian';
  if (ids.includes('fedora') || ids.includes('rhel')) return 'fedora';
  return 'other';
}

/** The command line that installs these on this system; undefined if we do not know one. */
export function installCommand(
  requirements: readonly Requirement[],
  system = thisSystem(),
  isRoot = process.getuid?.() === 0,
): string | undefined {
  const sudo = isRoot ? '' : 'sudo ';
  switch (system) {
    case 'debian':
    case 'ubuntu':
      return aptCommand(
        requirements.map(({ debian }) => debian),
        sudo,
      );
    case 'fedora':
      return `${sudo}dnf install -y ${requirements.map(({ fedora }) => fedora).join(' ')}`;
    case 'macos':
      return [...new Set(requirements.flatMap(({ macos }) => macos ?? []))].join(' && ');
    case 'other':
      return undefined;
  }
}

/** The command line that installs these packages of Debian or Ubuntu. */
export function aptCommand(packages: readonly string[], sudo: string): string {
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
