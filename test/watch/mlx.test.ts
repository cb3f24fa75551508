import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, lineOf, onlyFramework, runScript } from './hooked.js';

const { python = '', reason } = testPython('mlx');

const TRAINING = `
import mlx.core as mx
mx.set_default_device(mx.cpu)
data = mx.ones((4, 4))
for _ in range(6):
    loss = mx.sum(mx.matmul(data, data))
    mx.eval(loss)
    print(loss.item())
print(mx.exp(data).tolist()[0][0] > 2)
`;

describe.skipIf(!python)(`the hook in MLX${python ? '' : ` (${reason})`}`, () => {
  it('counts what each evaluation runs', () => {
    const run = runScript(python, TRAINING);
    expect(run.stdout).toBe(runScript(python, TRAINING, { hook: null }).stdout);
    expect(run.stderr).toBe('');
    expect(run.reports[0]?.errors).toEqual([]);
    const framework = onlyFramework(run);
    expect(framework).toMatchObject({ framework: 'mlx', devices: ['cpu:0'], steps: 6 });
    expect(calls(framework, 'Matmul')).toBe(6);
    expect(calls(framework, 'Sum')).toBe(6);
    expect(calls(framework, 'Exp')).toBe(1);
    const lines = Object.fromEntries(
      framework.transfers.map(({ how, line, calls: count }) => [how, [line, count]]),
    );
    expect(lines).toEqual({
      'mx.eval()': [lineOf(TRAINING, 'mx.eval'), 6],
      '.item()': [lineOf(TRAINING, '.item()'), 6],
      '.tolist()': [lineOf(TRAINING, '.tolist()'), 1],
    });
    expect(framework.notes).toMatchObject([{ code: 'cpu-device-in-script', line: 3 }]);
  });
});
