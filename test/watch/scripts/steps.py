"""Nothing but training steps (ONNX Runtime: inference), of one width after the other.

python steps.py FRAMEWORK DEVICE WIDTH:STEPS...

Prints for each width, as JSON: how long the first steps took together, and the median and mean of the
others, in nanoseconds. On the CPU it is the process's CPU time, which other programs disturb less; on
a GPU, wall time.
"""

import json
import os
import statistics
import sys
import time

BATCH, LAYERS = 64, 4
#: Left out of the median and mean: warm-up, and the steps in which `first-steps` counts every op.
FIRST = 30


def pytorch(width, device):
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


def tensorflow(width, device):
    import tensorflow as tf

    if not tf.config.list_logical_devices():
        raise SystemExit("TensorFlow has no device.")
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


def jax(width, device):
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


def mlx(width, device):
    import mlx.core as mx

    mx.set_default_device(mx.cpu if device == "cpu" else mx.gpu)
    x = mx.full((BATCH, width), 0.5)

    def loss_of(layers):
        y = x
        for weight in layers:
            y = mx.maximum(y @ weight, 0)
        return mx.mean((y - x) ** 2)

    train = mx.value_and_grad(loss_of)
    held = [[mx.full((width, width), 0.01) for _ in range(LAYERS)]]

    def step():
        loss, gradients = train(held[0])
        held[0] = [weight - 0.01 * one for weight, one in zip(held[0], gradients)]
        mx.eval(loss, held[0])

    return step


def onnxruntime(width, device):
    import numpy
    import onnxruntime as ort

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.append(os.path.join(here, *[os.pardir] * 3, "src", "frameworks"))
    from drivers.onnx_model import model, node

    nodes = []
    for layer in range(LAYERS):
        into = "x" if layer == 0 else "r%d" % (layer - 1)
        nodes.append(node("m%d" % layer, "MatMul", [into, "w"], ["y%d" % layer]))
        nodes.append(node("n%d" % layer, "Relu", ["y%d" % layer], ["r%d" % layer]))
    inputs = [("x", "f32", (BATCH, width)), ("w", "f32", (width, width))]
    made = model(nodes, inputs, [("r%d" % (LAYERS - 1), "f32", (BATCH, width))], [])
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    provider = "CPUExecutionProvider" if device == "cpu" else "CUDAExecutionProvider"
    session = ort.InferenceSession(made, options, providers=[provider])
    feed = {
        "x": numpy.full((BATCH, width), 0.5, numpy.float32),
        "w": numpy.full((width, width), 0.01, numpy.float32),
    }
    return lambda: session.run(None, feed)


def measure(step, steps, clock):
    begin = clock()
    for _ in range(FIRST):
        step()
    first = clock() - begin
    times = []
    for _ in range(steps):
        begin = clock()
        step()
        times.append(clock() - begin)
    return first, int(statistics.median(times)), int(statistics.fmean(times))


def main(framework, device, *sizes):
    made = {one.__name__: one for one in (pytorch, tensorflow, jax, mlx, onnxruntime)}[framework]
    clock = time.process_time_ns if device == "cpu" else time.perf_counter_ns
    for size in sizes:
        width, steps = map(int, size.split(":"))
        first, median, mean = measure(made(width, device), steps, clock)
        print(json.dumps({"width": width, "first": first, "median": median, "mean": mean}))


main(*sys.argv[1:])
