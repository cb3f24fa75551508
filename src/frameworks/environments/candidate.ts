import type { HostSource } from '../../host/source.js';

/** A place that may hold a Python environment; reading it shows whether it does. */
export interface Candidate {
  readonly prefix: string;
  readonly origin: string;
  /** `3.12`, where one prefix such as /usr serves several versions. */
  readonly version?: string;
  readonly interpreter?: string;
  /** Named with --python: it is reported even where it is no environment. */
  readonly asked?: true;
}

/** Where the finders look from. */
export interface Places {
  readonly source: HostSource;
  readonly home: string;
  readonly cwd: string;
}

export type Finder = (places: Places) => Promise<readonly Candidate[]>;

/** Every entry of a folder as a candidate prefix. */
export async function entriesOf(
  source: HostSource,
  folder: string,
  origin: string,
): Promise<readonly Candidate[]> {
  const names = await source.list(folder);
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ prefix: `${folder}/${name}`, origin }));
}

export async function entriesOfAll(
  source: HostSource,
  folders: readonly (string | undefined)[],
  origin: string,
): Promise<readonly Candidate[]> {
  const present = [...new Set(folders.filter((folder) => folder !== undefined))];
  const found = await Promise.all(present.map((folder) => entriesOf(source, folder, origin)));
  return found.flat();
}
