"""A small network that trains for some seconds, with one habit of real scripts.

python jax_case.py trains|cpu|stalls|float [seconds]

trains: all on the default device. cpu: on a CPU device that the script chose. stalls: each batch
takes longer than its step. float: reads the loss in every step.
"""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

habit = sys.argv[1]
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 6.0
if habit == "cpu":
    jax.config.update("jax_default_device", jax.devices("cpu")[0])


def loss_of(layers, x, y):
    for weight in layers[:-1]:
        x = jax.nn.relu(x @ weight)
    scores = jax.nn.log_softmax(x @ layers[-1])
    return -jnp.mean(jnp.take_along_axis(scores, y[:, None], axis=1))


@jax.jit
def step(layers, x, y):
    loss, gradients = jax.value_and_grad(loss_of)(layers, x, y)
    return [weight - 0.01 * gradient for weight, gradient in zip(layers, gradients)], loss


batch_size, width = (64, 256) if habit in ("cpu", "stalls") else (4096, 2048)
random = np.random.default_rng(0)
sizes = [784, width, width, 10]
layers = [jnp.asarray(random.normal(0, 0.02, size), jnp.float32) for size in zip(sizes, sizes[1:])]
images = random.random((batch_size, 784), np.float32)
labels = np.arange(batch_size, dtype=np.int32) % 10
x, y = jax.device_put(images), jax.device_put(labels)

steps, losses, end = 0, [], time.monotonic() + seconds
while time.monotonic() < end:
    if habit == "stalls":
        time.sleep(0.05)
        x, y = jax.device_put(images), jax.device_put(labels)
    layers, loss = step(layers, x, y)
    steps += 1
    if habit == "float":
        losses.append(float(loss))
    elif steps % 50 == 0:
        loss.block_until_ready()
print("%s on %s: %d steps, last loss %.3f" % (habit, loss.devices(), steps, float(loss)))
