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

  it('tells devices apart, and notes float64', () => {
    const script = `
import torch
x = torch.ones(3, 3)
other = x.to("meta")
for _ in range(4):
    other @ other
wide = x.double()
wide.exp()
model = torch.nn.Linear(3, 3)
model.to("cpu")
`;
    const run = runScript(python, script);
    expect(run.stderr).toBe('');
    const framework = onlyFramework(run);
    expect(framework.devices).toEqual(['cpu', 'meta']);
    expect(calls(framework, 'aten::mm', 'meta')).toBe(4);
    expect(calls(framework, 'aten::mm', 'cpu')).toBe(0);
    expect(framework.transfers).toContainEqual(
      expect.objectContaining({ direction: 'host-to-device', how: '.to()', line: 4, bytes: 36 }),
    );
    expect(framework.notes).toContainEqual(
      expect.objectContaining({
        code: 'float64',
        text: 'aten::exp computes in float64 on cpu.',
        file: 'train.py',
        line: lineOf(script, 'exp()'),
      }),
    );
    expect(framework.notes).toContainEqual(
      expect.objectContaining({
        code: 'cpu-device-in-script',
        line: lineOf(script, 'model.to'),
      }),
    );
  });

  it('times the waits for a DataLoader, with and without workers', () => {
    const script = `
import time
import torch

class Slow(torch.utils.data.Dataset):
    def __len__(self):
        return 20
    def __getitem__(self, index):
        time.sleep(0.02)
        return torch.ones(3)

for workers in (0, 2):
    for batch in torch.utils.data.DataLoader(Slow(), batch_size=4, num_workers=workers):
        batch.sum()
`;
    const run = runScript(python, script);
    expect(run.stderr).toBe('');
    const framework = onlyFramework(run);
    const [alone, workers] = framework.waits;
    expect(alone).toMatchObject({
      what: 'DataLoader',
      detail: 'num_workers=0',
      calls: 5,
      file: 'train.py',
      line: lineOf(script, 'for batch'),
    });
    expect(alone?.timeNs).toBeGreaterThan(0.4e9);
    expect(workers).toMatchObject({ detail: 'num_workers=2', calls: 5 });
    expect(calls(framework, 'aten::sum')).toBe(10);
    // What the workers do is no op of the training.
    expect(calls(framework, 'aten::ones')).toBe(20);
    expect(framework.notes).toContainEqual(
      expect.objectContaining({ code: 'small-batch', text: 'batches of 4 from the DataLoader' }),
    );
  });

  it('lists what PyTorch says falls back, and lets the warning through', () => {
    const text =
      "The operator 'aten::nonzero' is not currently supported on the MPS backend and will fall back to run on the CPU. This may have performance implications.";
    const script = `
import warnings
import torch
warnings.warn("${text}")
torch.ones(2).sum()
`;
    const run = runScript(python, script);
    expect(run.stderr).toBe(runScript(python, script, { hook: null }).stderr);
    expect(run.stderr).toContain(text);
    const framework = onlyFramework(run);
    expect(framework.ops).toContainEqual(
      expect.objectContaining({ op: 'aten::nonzero', device: 'cpu', calls: 1, fallback: text }),
    );
    expect(framework.notes).toContainEqual(expect.objectContaining({ code: 'fallback-warning' }));
  });

  it('ends counting in a program without steps, and goes with modes of its own', () => {
    const script = `
import torch
from torch.utils._python_dispatch import TorchDispatchMode

class Mine(TorchDispatchMode):
    calls = 0
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        Mine.calls += 1
        return function(*args, **(kwargs or {}))

x = torch.ones(2, 2)
with Mine():
    for _ in range(3):
        x @ x
for _ in range(4010):
    x + x
print(Mine.calls)
x @ x
`;
    const run = runScript(python, script, { ops: 'first-steps' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('3\n');
    const framework = onlyFramework(run);
    expect(calls(framework, 'aten::mm')).toBe(3);
    expect(calls(framework, 'aten::add')).toBeGreaterThan(3_900);
    expect(calls(framework, 'aten::add')).toBeLessThan(4_000);
  });
});
