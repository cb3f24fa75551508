/** Requirements of PEP 508 with their markers, parsed by pip-requirements-js (a port of its grammar). */
import {
  type EnvironmentMarker,
  type EnvironmentMarkerLeaf,
  parsePipRequirementsLine,
} from 'pip-requirements-js';
import { normaliseName } from '../../frameworks/environments/names.js';
import { satisfies } from './version.js';

export interface Requirement {
  /** Normalised (PEP 503). */
  readonly name: string;
  /** A specifier of PEP 440; empty if any version will do. */
  readonly specifier: string;
  readonly extras: readonly string[];
  /** Whether it holds in an environment; undefined if the environment does not tell. */
  applies(markers: Markers): boolean | undefined;
}

/** The variables of PEP 508 that files tell, and the extras requested. */
export interface Markers {
  readonly variables: ReadonlyMap<string, string>;
  readonly extras: readonly string[];
}

/** The same lines occur in many environments. */
const parsed = new Map<string, Requirement | undefined>();
const MOST_PARSED = 20_000;

/** The longest line that is parsed: those of real packages have some 200 characters. */
const LONGEST = 1000;

/** One `Requires-Dist` line; undefined for a URL, or where it does not follow the grammar. */
export function parseRequirement(line: string): Requirement | undefined {
  if (parsed.has(line)) return parsed.get(line);
  const requirement = parse(line);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(line, requirement);
  return requirement;
}

function parse(line: string): Requirement | undefined {
  // A line of a requirements file may also be an option (-r other.txt), which metadata has none of.
  if (line.length > LONGEST || !/^[A-Za-z0-9]/.test(line)) return undefined;
  try {
    const found = parsePipRequirementsLine(line);
    if (found?.type !== 'ProjectName') return undefined;
    const tree = found.environmentMarkerTree;
    return {
      name: normaliseName(found.name),
      specifier: (found.versionSpec ?? [])
        .map(({ operator, version }) => `${operator}${version}`)
        .join(','),
      extras: (found.extras ?? []).map(normaliseName),
      applies: (markers) => (tree === undefined ? true : holds(tree, markers)),
    };
  } catch {
    return undefined;
  }
}

/** Three-valued: what an unknown variable cannot change is still known. */
function holds(tree: EnvironmentMarker, markers: Markers): boolean | undefined {
  if (tree.operator !== 'and' && tree.operator !== 'or') {
    return leafHolds(tree as EnvironmentMarkerLeaf, markers);
  }
  const { operator, left, right } = tree;
  const sides = [
    holds(left as EnvironmentMarker, markers),
    holds(right as EnvironmentMarker, markers),
  ];
  const decisive = operator === 'or';
  if (sides.includes(decisive)) return decisive;
  return sides.includes(undefined) ? undefined : !decisive;
}

function leafHolds(
  { left, operator, right }: EnvironmentMarkerLeaf,
  markers: Markers,
): boolean | undefined {
  if (left === 'extra' || right === 'extra') {
    const wanted = normaliseName(unquote(left === 'extra' ? right : left));
    const isAsked = markers.extras.includes(wanted);
    return operator === '!=' ? !isAsked : isAsked;
  }
  const [a, b] = [sideValue(left, markers), sideValue(right, markers)];
  if (a === undefined || b === undefined) return undefined;
  if (operator === 'in') return b.includes(a);
  if (operator === 'not in') return !b.includes(a);
  const isVersion = /version|release/.test(`${left}${right}`) && /^\d/.test(a) && /^\d/.test(b);
  if (isVersion) return satisfies(a, `${operator}${b}`);
  if (operator === '==' || operator === '===') return a === b;
  return operator === '!=' ? a !== b : undefined;
}

function sideValue(side: string, { variables }: Markers): string | undefined {
  return /^['"]/.test(side) ? unquote(side) : variables.get(side);
}

const unquote = (text: string) => text.replace(/^(['"])(.*)\1$/, '$2');
