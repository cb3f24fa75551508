import { COMPANIONS, DISTRIBUTIONS, PLUGINS } from '../distributions.js';

/**
 * The packages that a rule speaks of: only their METADATA and WHEEL are opened. The name of a
 * `*.dist-info` folder tells name and version of all others, without reading a file.
 */
const DESCRIBED: ReadonlySet<string> = new Set([
  ...Object.values(DISTRIBUTIONS).flat(),
  ...Object.values(PLUGINS).flat(),
  ...COMPANIONS,
]);

export function isDescribed(normalisedName: string): boolean {
  return DESCRIBED.has(normalisedName);
}
