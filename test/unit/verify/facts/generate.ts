/**
 * Facts for which a rule of the table is the answer, and facts for which it is not, made from the
 * conditions of the table itself: every version that a condition names is tried, and those beside it.
 */
import { type Facts, matches, matching } from '../../../../src/verify/facts/condition.js';
import type { Rule } from '../../../../src/verify/facts/types.js';

const IS_SPECIFIER = /^[<>=!~]/;

/** `>=2.14,<2.18 || ==3.*` names 2.14, 2.18 and 3. */
const versionsIn = (wanted: string): readonly string[] =>
  [...wanted.matchAll(/\d+(?:\.\d+)*/g)].map(([version]) => version);

/** Values of a fact that some rule tells apart. */
export function valuesOf(rules: readonly Rule[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, Set<string>>();
  for (const { when } of rules) {
    for (const [name, wanted] of Object.entries(when)) {
      const own = values.get(name) ?? new Set(['1.0', 'yes', '999.0']);
      values.set(name, own);
      if (wanted === 'present' || wanted === 'absent') continue;
      if (!IS_SPECIFIER.test(wanted)) for (const word of wanted.split('|')) own.add(word.trim());
      for (const version of versionsIn(wanted)) {
        own.add(version);
        own.add(`${version}.1`);
        own.add(below(version));
      }
    }
  }
  return new Map([...values].map(([name, own]) => [name, [...own]]));
}

/** The version before: `2.18` -> `2.17.9`. */
function below(version: string): string {
  const parts = version.split('.').map(Number);
  const last = parts.findLastIndex((part) => part > 0);
  if (last < 0) return '0.0';
  return [...parts.slice(0, last), (parts[last] ?? 1) - 1, 9].join('.');
}

export interface GeneratedExample {
  readonly holds: Facts;
  readonly not: Facts;
}

/** Undefined if no combination makes the rule the answer: another rule hides it. */
export function generateExample(
  rule: Rule,
  table: readonly Rule[],
  values: ReadonlyMap<string, readonly string[]>,
): GeneratedExample | undefined {
  const conditions = Object.entries(rule.when);
  const choices = conditions.map(([name, wanted]) =>
    wanted === 'absent'
      ? [undefined]
      : (values.get(name) ?? []).filter((value) =>
          matches({ [name]: wanted }, new Map([[name, value]])),
        ),
  );
  for (const chosen of combinations(choices)) {
    const holds = factsOf(
      conditions.map(([name]) => name),
      chosen,
    );
    if (!matching(table, holds).includes(rule)) continue;
    const not = negation(conditions, holds, values);
    if (not && !matching(table, not).includes(rule)) return { holds, not };
  }
  return undefined;
}

/** The same facts but for one, which the condition does not allow. */
function negation(
  conditions: readonly (readonly [string, string])[],
  holds: Facts,
  values: ReadonlyMap<string, readonly string[]>,
): Facts | undefined {
  for (const [name, wanted] of [...conditions].reverse()) {
    const other = [undefined, ...(values.get(name) ?? [])].find(
      (value) =>
        !matches({ [name]: wanted }, value === undefined ? new Map() : new Map([[name, value]])),
    );
    const changed = new Map(holds);
    if (other === undefined) changed.delete(name);
    else changed.set(name, other);
    if (!matches(Object.fromEntries(conditions), changed)) return changed;
  }
  return undefined;
}

function factsOf(names: readonly string[], chosen: readonly (string | undefined)[]): Facts {
  const facts = new Map<string, string>();
  names.forEach((name, i) => {
    const value = chosen[i];
    if (value !== undefined) facts.set(name, value);
  });
  return facts;
}

const MOST_TRIED = 20_000;

/** Every combination of one choice each, the first ones first. */
function* combinations<T>(choices: readonly (readonly T[])[]): Generator<readonly T[]> {
  let tried = 0;
  const indexes = choices.map(() => 0);
  if (choices.some((list) => list.length === 0)) return;
  while (tried++ < MOST_TRIED) {
    yield indexes.map((index, i) => (choices[i] as readonly T[])[index] as T);
    let at = choices.length - 1;
    while (at >= 0 && ++(indexes[at] as number) >= (choices[at] as readonly T[]).length) {
      indexes[at--] = 0;
    }
    if (at < 0) return;
  }
}
