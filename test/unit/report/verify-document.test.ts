import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { renderMarkdown, renderTable } from '../../../src/report/registry.js';
import type { Finding, VerifyResult } from '../../../src/result/schema.js';
import { devicesResult } from '../../fakes/results.js';

const pass: Finding = {
  check: 'system.os',
  group: 'system',
  state: 'pass',
  message: 'all is well',
  fixes: [],
  sources: ['a source'],
};
const fail: Finding = {
  ...pass,
  check: 'frameworks.tensorflow',
  group: 'frameworks',
  state: 'fail',
  subject: '/home/ada/venv',
  message: 'It does not import.',
  rule: 'tensorflow-2.20-no-plugin',
  confidence: 'medium',
  fixes: [
    { text: 'Install the pair that works.', command: `pip install ${'tensorflow '.repeat(9)}` },
  ],
};

const resultOf = (findings: Finding[], exitCode = 0): VerifyResult => ({
  ...devicesResult,
  command: 'verify',
  reproduce: 'mpsbench verify',
  exitCode,
  findings,
});
const table = (findings: Finding[], exitCode = 0) =>
  renderTable(resultOf(findings, exitCode), { colour: new Chalk({ level: 0 }), width: 60 });

test('what is well takes one line, without a source', () => {
  expect(table([pass])).toMatch(/^System\n {2}✓ all is well\n\nSummary\n {2}✓ 1 passed\.\n/);
});

test('where nothing was checked, nothing has passed', () => {
  expect(table([], 130)).toMatch(/^Summary\n {2}\? Nothing was checked\.\n\n {2}! Interrupted/);
});

describe('what is wrong', () => {
  const text = table([pass, fail]);

  test('says what to do, with the id to skip it, the rule, its trust, and the source', () => {
    expect(text).toContain('  /home/ada/venv\n    ✗ It does not import.\n');
    expect(text).toContain('      Install the pair that works.\n');
    expect(text.replace(/\s+/g, ' ')).toContain(
      '[frameworks.tensorflow] tensorflow-2.20-no-plugin, medium confidence, a source',
    );
    expect(text).toContain('✗ 1 failed, 1 passed.');
  });

  test('a command is never broken into lines', () => {
    expect(text).toContain(`      $ ${fail.fixes[0].command?.trim()}\n`);
  });
});

test('text of the machine cannot control the terminal', () => {
  const evil = { ...fail, subject: '/tmp/\u001b[31mred', message: 'bell \u0007 and \u202e' };
  evil.fixes = [{ text: 'x', command: 'rm \u001b[2K' }];
  for (const text of [table([evil]), renderMarkdown(resultOf([evil]))]) {
    expect([...text].filter((c) => c < ' ' && c !== '\n')).toEqual([]);
    expect(text).not.toContain('\u202e');
    expect(text).toMatch(/x1b/);
  }
});

test('a limit of a framework is a note, and still counts as passed', () => {
  const limit = { ...pass, message: 'no float64 on Metal', details: { effect: 'limit' } };
  expect(table([limit])).toContain('  · no float64 on Metal\n');
  expect(table([limit])).toContain('✓ 1 passed.');
});

test('the placement that a framework told stands below its finding', () => {
  const placement = [
    {
      op: 'cnn/conv',
      kind: 'conv2d',
      dtype: 'f32' as const,
      requested: 'GPU:0',
      placed: 'CPU:0',
      evidence: 'reported' as const,
      kernel: 'TensorFlow Conv2D',
      step: 0,
    },
  ];
  const text = table([{ ...pass, group: 'probe', check: 'probe.tensorflow', placement }]);
  expect(text).toMatch(/cnn\/conv\s+CPU:0\s+reported/);
});

test('an interruption is said, and every state is counted', () => {
  const states = (['warning', 'warning', 'unchecked'] as const).map((state) => ({
    ...pass,
    state,
  }));
  const text = table(states, 130);
  expect(text).toContain('! 2 warnings, 1 not checked, 0 passed.');
  expect(text).toContain('Interrupted: the other checks were not made.');
});
