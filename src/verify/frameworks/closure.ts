import type { InstalledPackage, PythonEnvironment } from '../../frameworks/environments/types.js';
import type { Facts } from '../facts/condition.js';
import { type Markers, parseRequirement } from '../facts/requirement.js';
import { satisfies, seriesOf } from '../facts/version.js';

/** A requirement that the environment does not meet. */
export interface Unmet {
  readonly by: InstalledPackage;
  /** Normalised name of what is required. */
  readonly name: string;
  /** `numpy<2.1.0,>=1.26.0`. */
  readonly required: string;
  /** Absent: it is not installed. */
  readonly found?: string;
}

export interface Closure {
  readonly unmet: readonly Unmet[];
  /** How many requirements were checked. */
  readonly checked: number;
  /** Whether the metadata of every root was read. */
  readonly isKnown: boolean;
}

/** Where Debian installs: its packages are patched to fit each other, whatever their metadata says. */
const DEBIAN_FOLDER = /^\/usr\/lib\/python3\/dist-packages\//;

/**
 * `pip check` for some packages and all that they require, from metadata alone. Requirements whose
 * markers depend on what files do not tell are left out.
 */
export function closureOf(
  environment: PythonEnvironment,
  facts: Facts,
  roots: readonly string[],
): Closure {
  const { packages } = environment;
  const variables = markerVariables(facts);
  const seen = new Set<string>();
  const unmet: Unmet[] = [];
  let checked = 0;
  const due: { name: string; extras: readonly string[] }[] = roots
    .filter((name) => packages.has(name))
    .map((name) => ({ name, extras: [] }));
  // Conda solved the dependencies of what it installed, whatever metadata it left.
  const isKnown = due.every(({ name }) => {
    const root = packages.get(name)?.[0];
    return root?.requires !== undefined || root?.condaName !== undefined;
  });
  for (let next = due.pop(); next !== undefined; next = due.pop()) {
    const key = `${next.name}[${next.extras.join()}]`;
    const by = packages.get(next.name)?.[0];
    if (seen.has(key) || !by) continue;
    seen.add(key);
    const markers: Markers = { variables, extras: next.extras };
    for (const line of by.requires ?? []) {
      const requirement = parseRequirement(line);
      if (requirement?.applies(markers) !== true) continue;
      checked++;
      const { name, specifier, extras } = requirement;
      const found = packages.get(name)?.[0];
      const meets = found && (specifier === '' || satisfies(found.version, specifier));
      if (!meets && isBinding(by, found)) {
        const required = `${name}${extras.length > 0 ? `[${extras.join()}]` : ''}${specifier}`;
        unmet.push({ by, name, required, ...(found && { found: found.version }) });
      }
      due.push({ name, extras });
    }
  }
  return { unmet, checked, isKnown };
}

/** Conda and Debian solve their own dependencies, under names of their own. */
function isBinding(by: InstalledPackage, found: InstalledPackage | undefined): boolean {
  if (by.editable || DEBIAN_FOLDER.test(by.path)) return false;
  return by.condaName === undefined || (found !== undefined && found.condaName === undefined);
}

/** The variables of PEP 508 according to files them. */
function markerVariables(facts: Facts): ReadonlyMap<string, string> {
  const machine = facts.get('machine') ?? '';
  const systems: Readonly<Record<string, readonly [string, string, string]>> = {
    'apple-silicon': ['Darwin', 'darwin', 'posix'],
    'intel-mac': ['Darwin', 'darwin', 'posix'],
    linux: ['Linux', 'linux', 'posix'],
    windows: ['Windows', 'win32', 'nt'],
  };
  const [system, platform, os] = systems[machine] ?? [];
  const python = facts.get('python');
  const known: readonly (readonly [string, string | undefined])[] = [
    ['platform_system', system],
    ['sys_platform', platform],
    ['os_name', os],
    // Windows calls x86_64 AMD64.
    ['platform_machine', machine === 'windows' ? 'AMD64' : facts.get('interpreter')],
    ['python_version', seriesOf(python)],
    ['python_full_version', python],
    ['implementation_name', 'cpython'],
    ['platform_python_implementation', 'CPython'],
  ];
  return new Map(
    known.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}
