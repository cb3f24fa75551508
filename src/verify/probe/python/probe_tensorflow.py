"""TensorFlow: its devices, and the three examples, with its own log of where each op is placed."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe as host  # noqa: E402


def describe(tf, device):
    try:
        details = tf.config.experimental.get_device_details(device)
    except Exception:  # older releases, and plugins that know no details
        details = {}
    name = details.get("device_name")
    return {"name": device.name, "type": device.device_type, "hardware": name}


def run_add(tf, example):
    a = tf.constant(host.nested(example, "a"))
    b = tf.constant(host.nested(example, "b"))

    @tf.function
    def step():
        return tf.add(a, b, name="add")

    host.stage("example add")
    return {"c": host.flat(step().numpy().tolist())}


def run_linear(tf, example):
    x = tf.constant(host.nested(example, "x"))
    targets = tf.constant(host.nested(example, "targets"))
    weights = tf.Variable(host.nested(example, "weights"))
    bias = tf.Variable(host.nested(example, "bias"))
    rate = example["params"]["learningRate"]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            product = tf.matmul(x, weights, name="forward.matmul")
            predictions = tf.nn.bias_add(product, bias, name="forward.bias_add")
            squared = tf.math.squared_difference(predictions, targets, name="loss.squares")
            loss = tf.reduce_mean(squared, name="loss.mean")
        weights_gradient, bias_gradient = tape.gradient(loss, [weights, bias])
        weights.assign_sub(rate * weights_gradient, name="update.weights")
        bias.assign_sub(rate * bias_gradient, name="update.bias")
        return predictions, loss

    host.stage("example linear")
    for _ in range(example["params"]["epochs"]):
        predictions, loss = step()
    return {
        "predictions": host.flat(predictions.numpy().tolist()),
        "loss": host.flat(loss.numpy().tolist()),
        "weights": host.flat(weights.numpy().tolist()),
        "bias": host.flat(bias.numpy().tolist()),
    }


def run_cnn(tf, example):
    names = ["images", "filters", "conv_bias", "dense_weights", "dense_bias"]
    images, filters, conv_bias, dense_weights, dense_bias = [
        tf.constant(host.nested(example, name)) for name in names
    ]

    @tf.function
    def step():
        conv = tf.nn.conv2d(images, filters, strides=1, padding="VALID", name="conv")
        active = tf.nn.relu(tf.nn.bias_add(conv, conv_bias, name="conv.bias_add"), name="conv.relu")
        pooled = tf.nn.max_pool2d(active, ksize=2, strides=2, padding="VALID", name="pool")
        features = tf.reshape(pooled, [example["params"]["batch"], -1], name="flatten")
        dense = tf.matmul(features, dense_weights, name="dense")
        logits = tf.nn.bias_add(dense, dense_bias, name="dense.bias_add")
        return tf.nn.softmax(logits, name="softmax")

    host.stage("example cnn")
    return {"probabilities": host.flat(step().numpy().tolist())}


def probe():
    examples = host.read_examples()
    host.stage("import")
    watch = host.Stopwatch()
    import tensorflow as tf

    import_seconds = watch.seconds()
    host.stage("devices")
    devices = [describe(tf, device) for device in tf.config.list_physical_devices()]
    try:
        # The answers are compared at float32; TF32 would round the operands to 11 bits.
        tf.config.experimental.enable_tensor_float_32_execution(False)
    except AttributeError:  # before 2.4
        pass
    tf.debugging.set_log_device_placement(True)
    outputs = {
        "add": run_add(tf, examples["add"]),
        "linear": run_linear(tf, examples["linear"]),
        "cnn": run_cnn(tf, examples["cnn"]),
    }
    host.stage("done")
    return {
        "version": tf.__version__,
        "importSeconds": import_seconds,
        "devices": devices,
        "builtWithCuda": bool(tf.test.is_built_with_cuda()),
        "outputs": outputs,
    }


host.run(probe)
