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
const table = (findings: Finding[], { exitCode = 0, details = false } = {}) =>
  renderTable(resultOf(findings, exitCode), {
    colour: new Chalk({ level: 0 }),
    width: 60,
    details,
  });

test('a healthy group is one line; --verbose shows every check, without a source', async () => {
  const two = [pass, { ...pass, check: 'system.memory', message: '24 GiB memory' }];
  expect(await table(two)).toMatch(/^Checks\n {2}✓ System: 2 passed\n\n {2}Summary {4}2 passed\n/);
  expect(await table(two)).toContain('add --verbose to show every check');
  expect(await table(two, { details: true })).toMatch(
    /^System\n {2}✓ all is well\n {2}✓ 24 GiB memory\n/,
  );
});

test('a single check shows its message', async () => {
  expect(await table([pass])).toMatch(/^Checks\n {2}✓ all is well\n\n {2}Summary {4}1 passed\n/);
});

test('nothing checked is not a pass', async () => {
  const text = await table([], { exitCode: 130 });
  expect(text).toMatch(/^ {2}! Interrupted: the other checks did not run\./);
  expect(text).toContain('Summary    nothing was checked\n');
});

test('a group in which nothing applies has passed nothing', async () => {
  const none = { ...pass, state: 'not-applicable' as const };
  expect(await table([none, none])).toContain('  - System: 2 not applicable\n');
  expect(await table([none, none])).toContain('Summary    2 not applicable\n');
});

describe('what is wrong', async () => {
  const text = await table([pass, fail]);

  test('says what to do, with the id to skip it, the rule, its trust, and the source', () => {
    expect(text).toContain('  ✗ /home/ada/venv: It does not import.\n');
    expect(text).toContain('    Fix: Install the pair that works.\n');
    expect(text.replace(/\s+/g, ' ')).toContain(
      '[frameworks.tensorflow] tensorflow-2.20-no-plugin, medium confidence, a source',
    );
    expect(text).toContain('Summary    1 failed, 1 passed\n');
  });

  test('a command is never broken into lines', () => {
    expect(text).toContain(`    $ ${fail.fixes[0].command?.trim()}\n`);
  });
});

test('text of the machine cannot control the terminal', async () => {
  const evil = { ...fail, subject: '/tmp/\u001b[31mred', message: 'bell \u0007 and \u202e' };
  evil.fixes = [{ text: 'x', command: 'rm \u001b[2K' }];
  for (const text of [await table([evil]), await renderMarkdown(resultOf([evil]))]) {
    expect([...text].filter((c) => c < ' ' && c !== '\n')).toEqual([]);
    expect(text).not.toContain('\u202e');
    expect(text).toMatch(/x1b/);
  }
});

test('a limit of a framework is a note, and still counts as passed', async () => {
  const limit = { ...pass, message: 'no float64 on Metal', details: { effect: 'limit' } };
  expect(await table([limit], { details: true })).toContain('  · no float64 on Metal\n');
  expect(await table([limit])).toContain('Summary    1 passed\n');
});

test('the placement reported by a framework is shown below its finding', async () => {
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
  const found = { ...pass, group: 'probe' as const, check: 'probe.tensorflow', placement };
  const text = await table([found], { details: true });
  expect(text).toMatch(/cnn\/conv\s+CPU:0\s+reported/);
});

test('an interruption is said, and every state is counted', async () => {
  const states = (['warning', 'warning', 'unchecked'] as const).map((state) => ({
    ...pass,
    state,
  }));
  const text = await table(states, { exitCode: 130 });
  expect(text).toContain('! System: 2 warnings, 1 not checked, 0 passed\n');
  expect(text).toContain('Interrupted: the other checks did not run.');
});

describe('the verdict on a framework', () => {
  const about = (gpu: NonNullable<Finding['framework']>['gpu'], more: Partial<Finding> = {}) => ({
    ...pass,
    group: 'frameworks' as const,
    check: 'frameworks.pytorch',
    subject: '/opt/venv',
    message: 'The long story.',
    framework: { name: 'PyTorch', version: '2.9.0', gpu },
    ...more,
  });
  const limits = about(undefined, { details: { effect: 'limit' } });

  test.each<[string, Finding[]]>([
    ['✓ PyTorch 2.9.0 in /opt/venv reaches the GPU.', [about('yes'), limits]],
    ['✗ PyTorch 2.9.0 in /opt/venv does not reach the GPU.', [about('no', { state: 'fail' })]],
    ['! PyTorch 2.9.0 in /opt/venv does not reach the GPU.', [about('no', { state: 'warning' })]],
    [
      '! PyTorch 2.9.0 in /opt/venv probably does not reach the GPU.',
      [about('unlikely', { state: 'warning' })],
    ],
    [
      '? PyTorch 2.9.0 in /opt/venv: GPU access not checked.',
      [about('unknown', { state: 'unchecked' })],
    ],
    [
      '! PyTorch 2.9.0 in /opt/venv reaches the GPU, with 1 warning.',
      [about('yes'), about(undefined, { state: 'warning' })],
    ],
    [
      '✗ PyTorch 2.9.0 in /opt/venv computes wrong results on the GPU.',
      [about('yes'), about(undefined, { state: 'fail', details: { effect: 'wrong-results' } })],
    ],
    [
      '✗ PyTorch 2.9.0 in /opt/venv does not work as installed.',
      [about(undefined, { state: 'fail' })],
    ],
    [
      '✓ PyTorch 2.9.0 in /opt/venv runs on the CPU: this machine has no GPU for it.',
      [about('no', { group: 'probe' })],
    ],
    [
      // The framework itself was asked; its files alone did not show it.
      '✓ PyTorch 2.9.0 in /opt/venv reaches the GPU.',
      [about('unknown', { state: 'unchecked' }), about('yes', { group: 'probe' })],
    ],
  ])('%s', async (line, findings) => {
    expect((await table(findings)).replace(/\s+/g, ' ')).toContain(line);
  });

  test('comes first, with what is wrong and the fix, which the checks do not repeat', async () => {
    const wrong = about('no', { state: 'fail', fixes: [{ text: 'Update it.', command: 'pip' }] });
    const text = await table([pass, pass, wrong]);
    expect(text).toMatch(/^Frameworks\n {2}✗ PyTorch/);
    expect(text).toContain('    The long story.\n    Fix: Update it.\n    $ pip\n');
    expect(text.match(/The long story/g)).toHaveLength(1);
    expect(text).toContain('  ✗ Frameworks: 1 failed, 0 passed\n');
  });

  test('names what is not installed in one line', async () => {
    const none = (name: string): Finding => ({
      ...pass,
      group: 'frameworks',
      state: 'not-applicable',
      framework: { name },
    });
    expect(await table([none('JAX'), none('MLX')])).toContain('  - Not installed: JAX, MLX.\n');
  });
});
