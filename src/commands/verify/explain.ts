import { MpsbenchError } from '../../errors.js';
import { FAILURE_RULES, type FailureRule } from '../../frameworks/faults/failure-rules.js';
import type { RuleFix } from '../../frameworks/faults/fix.js';
import type { Block } from '../../report/document.js';
import { stdoutOptions } from '../../report/stdout.js';
import { printTerminal } from '../../report/terminal.js';
import { didYouMean } from '../../text/did-you-mean.js';
import { confidenceOf, type Rule, sourcesOf, stateOf, TABLE } from '../../verify/facts/index.js';
import { EVIDENCE } from '../../verify/frameworks/evidence.js';
import { CHECKS } from '../../verify/registry.js';
import type { Check } from '../../verify/types.js';

const RULES: readonly Rule[] = Object.values(TABLE).flat();

/**
 * Prints a rule, of the compatibility table or for a failure, or a check, with its sources.
 * @throws MpsbenchError `usage` for an id that is none of them
 */
export function explain(id: string): void {
  const blocks = blocksOf(id);
  if (!blocks) {
    const known = explainable();
    throw new MpsbenchError(
      'usage',
      `Unknown rule or check: ${id}.${didYouMean(id, known)}`,
      'See docs/verify.md for all of them.',
    );
  }
  const options = stdoutOptions();
  options.write(printTerminal(blocks, options));
}

/** Every id that can be explained. */
export function explainable(): readonly string[] {
  return [
    ...CHECKS.map(({ id }) => id),
    ...RULES.map(({ id }) => id),
    ...FAILURE_RULES.map(({ id }) => id),
  ];
}

function blocksOf(id: string): readonly Block[] | undefined {
  const rule = RULES.find((one) => one.id === id);
  if (rule) return ruleBlocks(rule);
  const failure = FAILURE_RULES.find((one) => one.id === id);
  if (failure) return failureBlocks(failure);
  const check = CHECKS.find((one) => one.id === id || one.id.endsWith(`.${id}`));
  return check && checkBlocks(check);
}

function failureBlocks({ id, text, when, fixes, sources }: FailureRule): readonly Block[] {
  return [
    { kind: 'heading', level: 1, text: id },
    {
      kind: 'facts',
      facts: [
        { label: 'Says', value: text },
        { label: 'When', value: when },
        ...fixes.map((fix) => ({ label: 'Fix', value: fixWords(fix) })),
        ...sources.map((source) => ({ label: 'Source', value: source })),
      ],
    },
  ];
}

const SHOWN_AS = {
  pass: 'passed, if the evidence was seen; else not checked',
  warning: 'warning',
  fail: 'failed',
  unchecked: 'not checked',
  'not-applicable': 'not applicable',
} as const satisfies Record<ReturnType<typeof stateOf>, string>;

function ruleBlocks(rule: Rule): readonly Block[] {
  const { id, when, text, fixes = [], needs = [], conflict } = rule;
  const conditions = Object.entries(when).map(([name, wanted]) =>
    /^[<>=!~]/.test(wanted) ? `${name} ${wanted}` : `${name}: ${wanted}`,
  );
  return [
    { kind: 'heading', level: 1, text: id },
    {
      kind: 'facts',
      facts: [
        { label: 'Says', value: text },
        { label: 'When', value: conditions.join(', ') || 'always' },
        {
          label: 'Shown as',
          value: stateOf(rule) === 'pass' && needs.length === 0 ? 'note' : SHOWN_AS[stateOf(rule)],
        },
        { label: 'Confidence', value: confidenceOf(rule) },
        ...(conflict ? [{ label: 'Disputed', value: conflict }] : []),
        ...needs.map((need) => ({ label: 'Needs', value: EVIDENCE[need]?.seen ?? need })),
        ...fixes.map((fix) => ({ label: 'Fix', value: fixWords(fix) })),
        ...sourcesOf(rule).map((source) => ({ label: 'Source', value: source })),
      ],
    },
  ];
}

function fixWords({ text, pip, conda, index, command }: RuleFix): string {
  const how =
    command ?? (pip ? `pip install ${pip.join(' ')}` : conda && `conda install ${conda.join(' ')}`);
  const from = index === 'torch' ? " (from PyTorch's index for the driver and GPU)" : '';
  return how ? `${text} ${how}${from}` : text;
}

function checkBlocks({ id, title, sources }: Check): readonly Block[] {
  return [
    { kind: 'heading', level: 1, text: id },
    {
      kind: 'facts',
      facts: [
        { label: 'Verifies', value: title },
        ...sources.map((source) => ({ label: 'Source', value: source })),
      ],
    },
  ];
}
