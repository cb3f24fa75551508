import type { RuleFix } from '../../frameworks/faults/fix.js';
import type { Finding } from '../../result/schema.js';
import { SOURCES, type Source, type SourceId } from './sources.js';

/**
 * high: the project's own word, or two independent reports, with links that open; medium: one such
 * report; low: none that can be opened.
 */
export type Confidence = NonNullable<Finding['confidence']>;

/** What a combination does. */
export type Effect =
  /** Work reaches the GPU, provided that everything in `needs` was seen. */
  | 'works'
  /** All is well but for one op, dtype or feature. */
  | 'limit'
  /** It runs, but the GPU of this machine stays idle. */
  | 'cpu-only'
  /** Wrong or slow results in cases that the text names. */
  | 'hazard'
  /** Against what the projects declare, or no longer maintained; it may work. */
  | 'undeclared'
  /** The import, or the start of the GPU, fails. */
  | 'fails'
  /** Wrong numbers without an error. */
  | 'wrong-results'
  /** The files do not tell. */
  | 'unknown';

/**
 * All of it holds: a fact's name and what is required of it. A version fact takes a specifier
 * (`>=2.14,<2.18`, `==2.18.*`), a word fact one of several words (`arm64|aarch64`); `present` and
 * `absent` fit both. Package names are facts too: their value is the version installed.
 */
export type Condition = Readonly<Record<string, string>>;

/** A row of the compatibility table. */
export interface Rule {
  /** Stable: it is in the JSON and in docs/verify.md. */
  readonly id: string;
  /** Rows of one topic exclude each other: the first that holds is the answer. */
  readonly topic?: string;
  readonly when: Condition;
  readonly effect: Effect;
  /** One sentence; `{tensorflow}` stands for the value of that fact. */
  readonly text: string;
  readonly fixes?: readonly RuleFix[];
  readonly sources: readonly SourceId[];
  /** What another source says against it: the row then warns and never fails. */
  readonly conflict?: string;
  /** The row infers more than its sources say: it then warns and never fails. */
  readonly inferred?: true;
  /** Evidence without which `works` is not said; see ../frameworks/evidence.ts. */
  readonly needs?: readonly string[];
}

/** How far the sources of a rule go. */
export function confidenceOf({ sources, conflict, inferred }: Rule): Confidence {
  const open: Source[] = sources.map((id) => SOURCES[id]).filter((source: Source) => source.url);
  if (open.length === 0) return 'low';
  const isSure = open.some(({ by }) => by === 'project') || open.length > 1;
  return isSure && !inferred && conflict === undefined ? 'high' : 'medium';
}

/** How a rule that holds is shown: only what is sure and undisputed fails. */
export function stateOf(rule: Rule): Finding['state'] {
  switch (rule.effect) {
    case 'works':
    case 'limit':
      return 'pass';
    case 'unknown':
      return 'unchecked';
    case 'cpu-only':
    case 'hazard':
    case 'undeclared':
      return 'warning';
    case 'fails':
    case 'wrong-results':
      return confidenceOf(rule) === 'high' ? 'fail' : 'warning';
    default:
      return rule.effect satisfies never;
  }
}

/** What a message adds where a failure rests on too little to be called one. */
export function doubtOf(rule: Rule): string {
  if (rule.conflict !== undefined) return ` Sources disagree: ${rule.conflict}.`;
  if (rule.effect !== 'fails' && rule.effect !== 'wrong-results') return '';
  switch (confidenceOf(rule)) {
    case 'high':
      return '';
    case 'medium':
      return rule.inferred ? ' Inferred from a similar pair.' : ' One report only.';
    case 'low':
      return ' Reported, but without a source that can be opened.';
  }
}
