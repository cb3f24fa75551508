import { FAULT_RULES, type FaultRule } from './fault-rules.js';
import type { RuleFix } from './fix.js';
import { IMPORT_RULES } from './import-rules.js';

/** A rule for a failing interpreter or framework, in words that fit every one. */
export interface FailureRule {
  readonly id: string;
  readonly text: string;
  readonly when: string;
  readonly fixes: readonly RuleFix[];
  readonly sources: readonly string[];
}

/** Stands for what a finding names. */
const ANY = {
  interpreter: 'PYTHON',
  title: 'a framework',
  module: 'MODULE',
  distribution: 'PACKAGE',
};

/** Every rule that `findFault` may name. */
export const FAILURE_RULES: readonly FailureRule[] = [
  ...IMPORT_RULES.map(({ id, text, pattern, fixes, sources }) => ({
    id,
    text,
    when: `the error of the import matches ${pattern}`,
    fixes: fixes(ANY.distribution),
    sources,
  })),
  ...Object.entries<FaultRule>(FAULT_RULES).map(([id, { text, when, fixes, sources = [] }]) => ({
    id,
    text,
    when,
    fixes: fixes(ANY),
    sources,
  })),
];
