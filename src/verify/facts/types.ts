import type { Finding } from '../../result/schema.js';
import type { SourceId } from './sources.js';

/**
 * high: text of the vendor or of the project, a list of released files, or several independent
 * measurements; medium: one source, or a small inference; low: an inference.
 */
export type Confidence = NonNullable<Finding['confidence']>;

/** What a combination does. */
export type Effect =
  /** Work reaches the GPU. */
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
  | 'wrong-results';

/**
 * All of it holds: a fact's name and what is required of it. A version fact takes a specifier
 * (`>=2.14,<2.18`, `==2.18.*`), a word fact one of several words (`arm64|aarch64`); `present` and
 * `absent` fit both. Package names are facts too: their value is the version installed.
 */
export type Condition = Readonly<Record<string, string>>;

export interface RuleFix {
  readonly text: string;
  /** Arguments of `pip install` in the environment. */
  readonly pip?: readonly string[];
  /** Packages that `pip uninstall` takes away before. */
  readonly uninstall?: readonly string[];
  /** Pythons that the packages have wheels for: another Python gets a new environment. */
  readonly python?: string;
  /** A command that is not pip's. */
  readonly command?: string;
}

/** A row of the compatibility table. */
export interface Rule {
  /** Stable: it stands in the JSON and in docs/verify.md. */
  readonly id: string;
  /** Rows of one topic exclude each other: the first that holds is the answer. */
  readonly topic?: string;
  readonly when: Condition;
  readonly effect: Effect;
  /** One sentence; `{tensorflow}` stands for the value of that fact. */
  readonly text: string;
  readonly fixes?: readonly RuleFix[];
  readonly sources: readonly SourceId[];
  readonly confidence: Confidence;
  /** What another source says against it: the row then warns and never fails. */
  readonly conflict?: string;
}

/** How a rule that holds is shown: only what is sure and undisputed fails. */
export function stateOf({ effect, confidence, conflict }: Rule): Finding['state'] {
  const sure = confidence === 'high' && conflict === undefined;
  switch (effect) {
    case 'works':
    case 'limit':
      return confidence === 'low' || conflict !== undefined ? 'warning' : 'pass';
    case 'cpu-only':
    case 'hazard':
    case 'undeclared':
      return 'warning';
    case 'fails':
    case 'wrong-results':
      return sure ? 'fail' : 'warning';
    default:
      return effect satisfies never;
  }
}
