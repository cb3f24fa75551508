"""TensorFlow: tf.function, and the same compiled by XLA. Outputs cannot be preallocated."""

import os

import protocol

channel = protocol.take_stdout()
options = protocol.arguments()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf  # noqa: E402  (after its environment is set)

tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.config.threading.set_inter_op_parallelism_threads(1)


def function(body, xla):
    return tf.function(body, jit_compile=xla, autograph=False)


def add(case, xla):
    shape = case.params["shape"]
    a, b = (tf.constant(case.load(name, shape)) for name in ["a", "b"])
    call = function(lambda a, b: a + b, xla).get_concrete_function(a, b)
    outputs = {}

    def step():
        # Dropped first, so that its memory is free for the next one.
        outputs["c"] = None
        outputs["c"] = call(a, b)

    def results():
        step()
        return {"c": outputs["c"].numpy()}

    return step, results


def linear(case, xla):
    p = case.params
    rows, features, units = p["rows"], p["features"], p["units"]
    x = tf.constant(case.load("x", [rows, features]))
    targets = tf.constant(case.load("targets", [rows, units]))
    start = case.load("weights", [features, units]), case.load("bias", [units])
    weights, bias = tf.Variable(start[0]), tf.Variable(start[1])
    rate = 2 * p["learningRate"] / (rows * units)

    def body(x, targets):
        predictions = tf.nn.bias_add(tf.matmul(x, weights), bias)
        error = predictions - targets
        loss = tf.reduce_mean(tf.square(error))
        weights.assign_sub(rate * tf.matmul(x, error, transpose_a=True))
        bias.assign_sub(rate * tf.reduce_sum(error, 0))
        return predictions, loss

    call = function(body, xla).get_concrete_function(x, targets)
    outputs = {}

    def step():
        outputs["value"] = None
        outputs["value"] = call(x, targets)

    def results():
        weights.assign(start[0])
        bias.assign(start[1])
        step()
        predictions, loss = outputs["value"]
        return {
            "predictions": predictions.numpy(),
            "loss": loss.numpy(),
            "weights": weights.numpy(),
            "bias": bias.numpy(),
        }

    return step, results


def cnn(case, xla):
    p = case.params
    batch, image, filters = p["batch"], p["image"], p["filters"]
    pooled = (image - 2) // 2
    images = tf.constant(case.load("images", [batch, image, image, 1]))
    # Constants of the graph, so that the optimiser may fold and repack them.
    kernels = case.load("filters", [3, 3, 1, filters])
    conv_bias = case.load("conv_bias", [filters])
    dense = case.load("dense_weights", [pooled * pooled * filters, 10])
    dense_bias = case.load("dense_bias", [10])

    def body(images):
        y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(images, kernels, 1, "VALID"), conv_bias))
        y = tf.reshape(tf.nn.max_pool2d(y, 2, 2, "VALID"), [batch, -1])
        return tf.nn.softmax(tf.nn.bias_add(tf.matmul(y, dense), dense_bias))

    call = function(body, xla).get_concrete_function(images)
    outputs = {}

    def step():
        outputs["value"] = call(images)

    def results():
        step()
        return {"probabilities": outputs["value"].numpy()}

    return step, results


WORKLOADS = {"add": add, "linear": linear, "cnn": cnn}


def prepare(case, variant):
    step, results = WORKLOADS[case.workload](case, variant == "XLA")
    for _ in range(3):
        step()
    return protocol.Program(step, results, variant)


hello = {
    "name": "TensorFlow",
    "version": tf.__version__,
    "variants": [{"name": name, "formats": ["f32"]} for name in ["tf.function", "XLA"]],
}
protocol.serve(channel, hello, prepare)
