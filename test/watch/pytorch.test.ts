import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, lineOf, onlyFramework, runScript } from './hooked.js';

const { python = '', reason } = testPython('pytorch');

const STEPS = 12;

/** Known ops: per step one mm forward, one backward, one sum each; SGD with one parameter. */
const TRAINING = `
import torch
weight = torch.nn.Parameter(torch.ones(3, 2))
optimizer = torch.optim.SGD([weight], lr=0.1)
data = torch.ones(4, 3)
for step in range(${STEPS}):
    optimizer.zero_grad()
    loss = torch.mm(data, weight).sum()
    loss.backward()
    optimizer.step()
    print("%.3f" % loss.item())
`;

describe.skipIf(!python)(`the hook in PyTorch${python ? '' : ` (${reason})`}`, () => {
  it('counts every op of every step, forward and backward', () => {
    const run = runScript(python, TRAINING);
    expect(run.stderr).toBe('');
    expect(run.reports[0]?.errors).toEqual([]);
    const framework = onlyFramework(run);
    expect(framework).toMatchObject({
      framework: 'pytorch',
      devices: ['cpu'],
      counted: 'all',
      steps: STEPS,
      countedSteps: STEPS,
    });
    expect(calls(framework, 'aten::mm')).toBe(2 * STEPS);
    expect(calls(framework, 'aten::sum')).toBe(STEPS);
    expect(calls(framework, 'aten::_local_scalar_dense')).toBe(STEPS);
    const mm = framework.ops.find(({ op }) => op === 'aten::mm');
    expect(mm).toMatchObject({ device: 'cpu', dtype: 'float32', fallback: null });
    expect(mm?.timeNs).toBeGreaterThan(0);
    expect(framework.transfers).toMatchObject([
      {
        direction: 'synchronize',
        how: '.item()',
        device: 'cpu',
        file: 'train.py',
        line: lineOf(TRAINING, 'loss.item()'),
        calls: STEPS,
      },
    ]);
  });

  it('counts the first ten steps, and nothing with --ops off', () => {
    const first = onlyFramework(runScript(python, TRAINING, { ops: 'first-steps' }));
    expect(first).toMatchObject({ steps: STEPS, countedSteps: 10 });
    expect(calls(first, 'aten::mm')).toBe(20);
    expect(first.transfers[0]?.calls).toBe(STEPS);
    const off = onlyFramework(runScript(python, TRAINING, { ops: 'off' }));
    expect(off).toMatchObject({ steps: STEPS, countedSteps: 0, countedNs: 0, ops: [] });
    expect(off.transfers[0]?.calls).toBe(STEPS);
  });
});
