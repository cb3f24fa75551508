import type { Condition, Rule } from './types.js';
import { satisfies } from './version.js';

/** What is known of an environment and its machine, by name; an unknown fact is absent. */
export type Facts = ReadonlyMap<string, string>;

const IS_SPECIFIER = /^(?:[<>=!~])/;

export function matches(when: Condition, facts: Facts): boolean {
  return Object.entries(when).every(([name, wanted]) => fits(facts.get(name), wanted));
}

function fits(value: string | undefined, wanted: string): boolean {
  if (wanted === 'absent') return value === undefined;
  if (value === undefined) return false;
  if (wanted === 'present') return true;
  // `<2.16 || >=3.0`: a hole in a range.
  return wanted.split('||').some((part) =>
    IS_SPECIFIER.test(part.trim())
      ? satisfies(value, part)
      : part
          .split('|')
          .map((word) => word.trim())
          .includes(value),
  );
}

/** The rules that hold, in the order of the table; of a topic the first alone. */
export function matching(rules: readonly Rule[], facts: Facts): readonly Rule[] {
  const answered = new Set<string>();
  return rules.filter(({ topic, when }) => {
    if ((topic !== undefined && answered.has(topic)) || !matches(when, facts)) return false;
    if (topic !== undefined) answered.add(topic);
    return true;
  });
}

/** A rule's sentence with the values of facts in place of their names in braces. */
export function fill(text: string, facts: Facts): string {
  return text.replace(/\{([\w-]+)\}/g, (_, name: string) => facts.get(name) ?? 'unknown');
}
