"""Nothing but training steps: prints their number, and the median and mean step in nanoseconds.

On the CPU it is the process's CPU time, which other programs disturb less; on a GPU, wall time.

python steps.py pytorch|tensorflow|jax WIDTH SECONDS [DEVICE]
"""

import statistics
import sys
import time

framework, width, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
device = sys.argv[4] if len(sys.argv) > 4 else "cpu"
BATCH, LAYERS = 64, 4


def pytorch():
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = []
    for _ in range(LAYERS):
        layers += [torch.nn.Linear(width, width), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x = torch.rand(BATCH, width).to(device)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()

    return step


def tensorflow():
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    weights = [tf.Variable(tf.random.normal((width, width))) for _ in range(LAYERS)]
    x = tf.random.uniform((BATCH, width))

    @tf.function
    def train():
        with tf.GradientTape() as tape:
            y = x
            for weight in weights:
                y = tf.nn.relu(tf.matmul(y, weight))
            loss = tf.reduce_mean(tf.square(y - x))
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(1e-9 * gradient)
        return loss

    return lambda: train().numpy()


def jax():
    import jax
    import jax.numpy as jnp

    layers = [jnp.full((width, width), 0.01) for _ in range(LAYERS)]
    x = jnp.full((BATCH, width), 0.5)

    def loss_of(layers):
        y = x
        for weight in layers:
            y = jax.nn.relu(y @ weight)
        return jnp.mean((y - x) ** 2)

    @jax.jit
    def train(layers):
        loss, gradients = jax.value_and_grad(loss_of)(layers)
        return [weight - 0.01 * one for weight, one in zip(layers, gradients)], loss

    held = [layers]

    def step():
        held[0], loss = train(held[0])
        loss.block_until_ready()

    return step


step = {"pytorch": pytorch, "tensorflow": tensorflow, "jax": jax}[framework]()
for _ in range(30):
    step()
clock = time.process_time_ns if device == "cpu" else time.perf_counter_ns
times, end = [], time.monotonic() + seconds
while time.monotonic() < end:
    begin = clock()
    step()
    times.append(clock() - begin)
print(int(statistics.median(times)), int(statistics.fmean(times)), len(times))
