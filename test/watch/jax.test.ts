import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, lineOf, onlyFramework, runScript } from './hooked.js';

const { python = '', reason } = testPython('jax');

const STEPS = 12;

const TRAINING = `
import jax, jax.numpy as jnp, numpy as np

def loss_of(weight, data):
    return jnp.sum(jnp.dot(data, weight))

@jax.jit
def step(weight, data):
    loss, gradient = jax.value_and_grad(loss_of)(weight, data)
    return weight - 0.1 * gradient, loss

weight = jax.device_put(np.ones((3, 2), np.float32))
data = np.ones((4, 3), np.float32)
for _ in range(${STEPS}):
    weight, loss = step(weight, data)
    print("%.3f" % float(loss))
print(weight.tolist())
`;

/** One op on each of two devices, a loop of known length, and the derivative of an eager function. */
const DEVICES = `
import jax, jax.numpy as jnp
first, second = jax.devices()
double = jax.jit(lambda x: jnp.sinh(x))
x = jnp.ones(4)
for _ in range(3):
    double(x)
for _ in range(5):
    double(jax.device_put(x, second))
looped = jax.jit(lambda x: jax.lax.scan(lambda c, _: (jnp.cosh(c), None), x, None, length=7)[0])
looped(x)
looped(x)
jax.grad(lambda x: jnp.tanh(x).sum())(x)
`;

describe.skipIf(!python)(`the hook in JAX${python ? '' : ` (${reason})`}`, () => {
  it.each(['all', 'first-steps'] as const)(
    'counts the ops of compiled functions, with --ops %s',
    (ops) => {
      const run = runScript(python, TRAINING, { ops });
      expect(run.stdout).toBe(runScript(python, TRAINING, { hook: null }).stdout);
      expect(run.reports[0]?.errors).toEqual([]);
      const framework = onlyFramework(run);
      expect(framework).toMatchObject({ framework: 'jax', devices: ['cpu:0'], steps: STEPS });
      expect(calls(framework, 'dot_general')).toBe(2 * STEPS);
      expect(calls(framework, 'sub')).toBe(STEPS);
      expect(framework.transfers).toContainEqual(
        expect.objectContaining({
          direction: 'synchronize',
          how: 'float()',
          file: 'train.py',
          line: lineOf(TRAINING, 'float(loss)'),
          calls: STEPS,
        }),
      );
      expect(framework.transfers).toContainEqual(
        expect.objectContaining({
          direction: 'host-to-device',
          how: 'numpy argument of step()',
          line: lineOf(TRAINING, '= step('),
          calls: STEPS,
          bytes: STEPS * 48,
        }),
      );
    },
    120_000,
  );

  it('tells devices, loops and derivatives apart', () => {
    const run = runScript(python, DEVICES, {
      env: { XLA_FLAGS: '--xla_force_host_platform_device_count=2' },
    });
    expect(run.stderr).toBe('');
    const framework = onlyFramework(run);
    expect(framework.devices).toEqual(['cpu:0', 'cpu:1']);
    expect(calls(framework, 'sinh', 'cpu:0')).toBe(3);
    expect(calls(framework, 'sinh', 'cpu:1')).toBe(5);
    expect(calls(framework, 'cosh')).toBe(14);
    expect(calls(framework, 'tanh')).toBe(1);
  }, 120_000);

  it('tells how much of the time went into compilation', () => {
    const script = `
import jax, jax.numpy as jnp
from jax import monitoring
first = jax.jit(lambda x: x + 1)
for size in range(1, 4):
    first(jnp.ones(size))
    monitoring.record_event_duration_secs("/jax/core/compile/backend_compile_duration", 30.0, fun_name="jit(again)")
`;
    const { notes } = onlyFramework(runScript(python, script));
    expect(notes).toContainEqual(
      expect.objectContaining({
        code: 'compilation',
        text: expect.stringMatching(/^JAX compiled \d+ functions in 9\d\.\d s, /),
      }),
    );
  }, 120_000);

  it('sees float64 and a choice of the CPU', () => {
    const script = `
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
jax.jit(lambda x: jnp.sin(x))(jnp.ones(3, "float64"))
`;
    const framework = onlyFramework(runScript(python, script, { env: { JAX_PLATFORMS: 'cpu' } }));
    expect(framework.notes).toContainEqual(
      expect.objectContaining({ code: 'float64', file: 'train.py', line: 4 }),
    );
    expect(framework.notes).toContainEqual(
      expect.objectContaining({ code: 'cpu-device-in-script' }),
    );
  }, 120_000);
});
