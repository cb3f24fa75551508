/**
 * Versions and specifiers of PEP 440, by @renovatebot/pep440. What differs here, on purpose: a
 * pre-release counts as its release (NVIDIA's builds call themselves 2.5.0a0), and text that is no
 * version satisfies nothing instead of throwing.
 */
import pep440 from '@renovatebot/pep440';

/** Specifiers and versions repeat across environments: each pair is decided once. */
const decided = new Map<string, boolean>();
const MOST_DECIDED = 50_000;

/** The longest version or specifier that is looked at; real ones have tens of characters. */
const LONGEST = 200;

/** Whether a version lies within a specifier such as `>=2.14,<2.18`, `==2.18.*` or `~=2.4.0`. */
export function satisfies(version: string, specifier: string): boolean {
  const key = `${version}\n${specifier}`;
  const known = decided.get(key);
  if (known !== undefined) return known;
  const answer = decide(version, specifier);
  if (decided.size >= MOST_DECIDED) decided.clear();
  decided.set(key, answer);
  return answer;
}

function decide(version: string, specifier: string): boolean {
  const base = baseVersion(version);
  if (base === undefined || specifier.length > LONGEST) return false;
  if (!pep440.validRange(specifier)) return false;
  try {
    return pep440.satisfies(base, specifier, { prereleases: true });
  } catch {
    // `===` may name what is not a version, which the library then fails to compare.
    return false;
  }
}

/** `2.5.0a0+872d.nv24.08` -> `2.5.0`; undefined for what is not a version. */
export function baseVersion(version: string): string | undefined {
  if (version.length > LONGEST) return undefined;
  const told = pep440.explain(version.trim());
  if (!told) return undefined;
  const post = told.is_postrelease ? `.post${told.post}` : '';
  const base = `${told.base_version}${post}`;
  // Numbers past the precision of doubles come out as 1e+21.
  return pep440.valid(base) === null ? undefined : base;
}

/** The local label: `cu128` of `2.9.1+cu128`, without which two builds compare as one. */
export function localLabel(version: string): string | undefined {
  return /\+([\w.-]+)$/.exec(version)?.[1]?.toLowerCase();
}

/** Negative, zero or positive; what is not a version counts as equal. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [baseVersion(a), baseVersion(b)];
  return first === undefined || second === undefined ? 0 : pep440.compare(first, second);
}

/** `12.8` of `12.8.90`; undefined if the text does not begin with two numbers. */
export function seriesOf(version: string | undefined): string | undefined {
  return /^\d+\.\d+/.exec(version ?? '')?.[0];
}

/** `12` of `12.8.90`. */
export function majorOf(version: string | undefined): string | undefined {
  return /^\d+/.exec(version ?? '')?.[0];
}
