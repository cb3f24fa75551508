/** A package's name as it is compared (PEP 503). */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** What an entry of site-packages says by its name alone. */
export type Entry =
  /** `NAME-VERSION.dist-info` or `NAME-VERSION[-pyX.Y].egg-info`. */
  | { readonly kind: 'distribution'; readonly name: string; readonly version: string }
  | { readonly kind: 'egg-link'; readonly name: string }
  /** `__editable__.NAME-VERSION.pth` and `__editable___NAME_VERSION_finder.py` of setuptools. */
  | { readonly kind: 'editable'; readonly name: string }
  /** A `~ame` that pip left when it was interrupted. */
  | { readonly kind: 'leftover' }
  /** Named as metadata, but without a name or a version. */
  | { readonly kind: 'malformed' };

/** Undefined for files and folders that are no metadata. */
export function parseEntry(entry: string): Entry | undefined {
  const editable = /^__editable__[._](.+?)[-_](?:\d.*?)(?:\.pth|_finder\.py)$/.exec(entry);
  if (editable?.[1]) return { kind: 'editable', name: editable[1] };
  const [, stem, suffix] = /^(.*)\.(dist-info|egg-info|egg-link)$/.exec(entry) ?? [];
  if (stem === undefined) return undefined;
  if (stem.startsWith('~')) return { kind: 'leftover' };
  if (suffix === 'egg-link') {
    return stem === '' ? { kind: 'malformed' } : { kind: 'egg-link', name: stem };
  }
  const plain = suffix === 'egg-info' ? stem.replace(/-py\d+(?:\.\d+)?$/, '') : stem;
  const [, name, version] = /^(.+?)-(\d.*)$/.exec(plain) ?? [];
  // An egg-info folder beside an editable source has no version in its name.
  if (suffix === 'egg-info' && !version && plain !== '') return undefined;
  if (name === undefined || version === undefined) return { kind: 'malformed' };
  return { kind: 'distribution', name, version };
}

/** The Python version in an extension's suffix: `x.cpython-312-darwin.so` gives `3.12`. */
export function versionOfExtension(entry: string): string | undefined {
  const [, major, minor] = /\.(?:cpython-|cp)(\d)(\d+)[a-z]*-[\w-]+\.(?:so|pyd)$/.exec(entry) ?? [];
  return major && minor ? `${major}.${minor}` : undefined;
}
