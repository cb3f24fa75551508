import { expect, it } from 'vitest';
import type { Finding } from '../../../../src/result/schema.js';
import { frameworkChecks } from '../../../../src/verify/frameworks/index.js';
import { systemChecks } from '../../../../src/verify/system/index.js';
import { exampleMachine } from '../../../fakes/example-machines.js';
import { scriptedContext } from '../../../fakes/verify-context.js';
import { CASES } from './cases.js';

const ORDER: readonly Finding['state'][] = [
  'not-applicable',
  'pass',
  'unchecked',
  'warning',
  'fail',
];
const CHECKS = [...systemChecks, ...frameworkChecks];

it.each(CASES.map((one) => [one.kind, one.machine, one] as const))(
  '%s: %s',
  async (_k, _m, one) => {
    const { machine, check: name, state, says, fix } = one;
    const id = name.includes('.') ? name : `frameworks.${name}`;
    const check = CHECKS.find((known) => known.id === id);
    const findings = (await check?.run(scriptedContext(exampleMachine(machine)))) ?? [];
    const worst = findings.toSorted((a, b) => ORDER.indexOf(b.state) - ORDER.indexOf(a.state))[0];
    const all = JSON.stringify(
      findings.map(({ message, fixes }) => ({ message, fixes })),
      null,
      1,
    );
    expect(worst?.state, all).toBe(state);
    if (says) expect(findings.map(({ message }) => message).join('\n')).toMatch(says);
    if (fix) {
      const texts = findings.flatMap(({ fixes }) =>
        fixes.flatMap(({ text, command = '' }) => [text, ...command.split(' && ')]),
      );
      expect(
        texts.some((text) => fix.test(text)),
        texts.join('\n'),
      ).toBe(true);
    }
  },
);
