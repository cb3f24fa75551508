import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, lineOf, onlyFramework, runScript } from './hooked.js';

const { python = '', reason } = testPython('tensorflow');

const STEPS = 12;

/** A graph on two devices, an eager op, a read in the loop, and an op in float64. */
const TRAINING = `
import tensorflow as tf
[cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
weight = tf.Variable(tf.ones((3, 2)))
data = tf.ones((4, 3))

@tf.function
def step():
    with tf.GradientTape() as tape:
        result = tf.matmul(data, weight)
        with tf.device("/CPU:1"):
            loss = tf.reduce_sum(tf.tanh(result))
    weight.assign_sub(0.1 * tape.gradient(loss, weight))
    return loss

for _ in range(${STEPS}):
    loss = step()
    print("%.3f" % loss.numpy())
eager = tf.sin(data)
wide = tf.cos(tf.cast(data, tf.float64))
`;

const FIT = `
import numpy as np, keras
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x, y = np.ones((320, 4), "float32"), np.ones((320, 1), "float32")
model.fit(x, y, batch_size=32, epochs=2, verbose=2)
`;

const SLOW_DATA = `
import time
import tensorflow as tf

def slow():
    for _ in range(10):
        time.sleep(0.05)
        yield 1.0

for value in tf.data.Dataset.from_generator(slow, output_types=tf.float32).batch(2):
    pass
`;

describe.skipIf(!python)(`the hook in TensorFlow${python ? '' : ` (${reason})`}`, () => {
  it('counts the nodes of graphs where they were placed, and eager ops', () => {
    const run = runScript(python, TRAINING);
    const plain = runScript(python, TRAINING, { hook: null });
    expect(run.stdout).toBe(plain.stdout);
    expect(run.reports[0]?.errors).toEqual([]);
    const framework = onlyFramework(run);
    expect(framework).toMatchObject({
      framework: 'tensorflow',
      devices: ['CPU:0', 'CPU:1'],
      steps: STEPS,
      countedSteps: STEPS,
    });
    // On CPUs with AVX-512, TensorFlow runs oneDNN's.
    const products = ['MatMul', '_MklMatMul'].map((op) => calls(framework, op, 'CPU:0'));
    expect(products.toSorted()).toEqual([0, 2 * STEPS]);
    expect(calls(framework, 'Tanh', 'CPU:1')).toBe(STEPS);
    expect(calls(framework, 'Tanh', 'CPU:0')).toBe(0);
    expect(calls(framework, 'Sin', 'CPU:0')).toBe(1);
    expect(framework.transfers).toContainEqual(
      expect.objectContaining({
        how: '.numpy()',
        file: 'train.py',
        line: lineOf(TRAINING, 'loss.numpy()'),
        calls: STEPS,
      }),
    );
    expect(framework.notes).toContainEqual(
      expect.objectContaining({
        code: 'float64',
        text: expect.stringContaining('Cos'),
        line: lineOf(TRAINING, 'tf.cos'),
      }),
    );
    expect(framework.notes).toContainEqual(
      expect.objectContaining({ code: 'cpu-device-in-script', file: 'train.py' }),
    );
  }, 240_000);

  it("counts Keras's steps", () => {
    const run = runScript(python, FIT, { ops: 'first-steps' });
    expect(run.status, run.stderr).toBe(0);
    const framework = onlyFramework(run);
    expect(framework).toMatchObject({ steps: 20, countedSteps: 10 });
    expect(calls(framework, 'ReluGrad')).toBe(10);
  }, 240_000);

  it('times the waits for tf.data', () => {
    const [wait] = onlyFramework(runScript(python, SLOW_DATA)).waits;
    expect(wait).toMatchObject({
      what: 'tf.data',
      file: 'train.py',
      line: lineOf(SLOW_DATA, 'for value'),
      calls: 5,
    });
    expect(wait?.timeNs).toBeGreaterThan(0.45e9);
  }, 240_000);
});
