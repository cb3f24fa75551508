"""Times a driver's step against one written by hand: see framework-overhead.mjs.

Usage: framework_overhead.py FRAMEWORK GRAPHS.json; prints [{name, wall, cpu}], each {byHandNs, moreNs, interval}.
"""

import importlib
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time

import numpy

DRIVERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/frameworks/drivers")
#: Long enough that what a group costs once hardly counts, as in the samples of `bench`, which are
#: longer still.
ROUNDS = 100
ROUND_NS = 20_000_000
#: Indices of the sorted differences that hold the median of 100 with 95 %: binomial, p = 1/2.
INTERVAL = (39, 60)


def load_drivers():
    spec = importlib.util.spec_from_file_location("main", os.path.join(DRIVERS, "main.py"))
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    main._load_package()
    return main.PACKAGE


def pytorch(driver, graph, arrays):
    torch, functional = driver.torch, driver.torch.nn.functional
    make = {name: torch.from_numpy(values) for name, values in arrays.items()}
    if graph.name == "add":
        a, b = make["a"], make["b"]

        def step():
            return a + b

    elif graph.name == "linear":
        x, targets, w, bias = make["x"], make["targets"], make["weights"], make["bias"]
        factor, rate = constants(graph)

        def step():
            predictions = torch.addmm(bias, x, w)
            loss = functional.mse_loss(predictions, targets)
            gradient = (predictions - targets) * factor
            w_gradient = torch.matmul(x.t(), gradient)
            bias_gradient = torch.sum(gradient, 0)
            w.sub_(w_gradient, alpha=rate)
            bias.sub_(bias_gradient, alpha=rate)
            return predictions, loss

    else:
        last = torch.channels_last
        images = make["images"].permute(0, 3, 1, 2)
        filters = make["filters"].permute(3, 2, 0, 1)
        filters = torch.empty(filters.shape, memory_format=last).copy_(filters)
        conv_bias, w, bias = make["conv_bias"], make["dense_weights"], make["dense_bias"]
        batch = images.shape[0]

        def step():
            y = torch.relu(functional.conv2d(images, filters, conv_bias, (1, 1)))
            y = functional.max_pool2d(y, (2, 2), (2, 2))
            y = y.permute(0, 2, 3, 1).reshape(batch, -1)
            return torch.softmax(torch.addmm(bias, y, w), -1)

    def group(iterations):
        start = time.perf_counter_ns()
        for _ in range(iterations):
            kept = step()  # noqa: F841
        return time.perf_counter_ns() - start

    return group


def tensorflow(driver, graph, arrays):
    tf = driver.tf
    make = {name: tf.constant(values) for name, values in arrays.items()}
    if graph.name == "add":
        arguments = (make["a"], make["b"])

        def step(a, b):
            return tf.add(a, b)

    elif graph.name == "linear":
        arguments = (make["x"], make["targets"])
        w, bias = tf.Variable(make["weights"]), tf.Variable(make["bias"])
        factor, rate = constants(graph)

        def step(x, targets):
            predictions = tf.nn.bias_add(tf.matmul(x, w), bias)
            loss = tf.reduce_mean(tf.math.squared_difference(predictions, targets))
            gradient = (predictions - targets) * factor
            w_gradient = tf.matmul(x, gradient, transpose_a=True)
            bias_gradient = tf.reduce_sum(gradient, 0)
            w.assign_sub(rate * w_gradient)
            bias.assign_sub(rate * bias_gradient)
            return predictions, loss

    else:
        arguments = (make["images"],)
        filters, conv_bias = tf.Variable(make["filters"]), tf.Variable(make["conv_bias"])
        w, bias = tf.Variable(make["dense_weights"]), tf.Variable(make["dense_bias"])
        batch = graph.shape("images")[0]

        def step(images):
            y = tf.nn.bias_add(tf.nn.conv2d(images, filters, 1, "VALID"), conv_bias)
            y = tf.nn.max_pool2d(tf.nn.relu(y), 2, 2, "VALID")
            y = tf.matmul(tf.reshape(y, [batch, -1]), w)
            return tf.nn.softmax(tf.nn.bias_add(y, bias))

    function = tf.function(step, autograph=False)

    def group(iterations):
        start = time.perf_counter_ns()
        for _ in range(iterations):
            kept = function(*arguments)  # noqa: F841
        return time.perf_counter_ns() - start

    return group


def jax(driver, graph, arrays):
    jax, jnp = driver.jax, driver.jax.numpy
    make = {name: jax.device_put(values) for name, values in arrays.items()}
    if graph.name == "add":
        a, b = make["a"], make["b"]
        function = jax.jit(lambda a, b: a + b)

        def group(iterations):
            start = time.perf_counter_ns()
            for _ in range(iterations):
                c = function(a, b)
            c.block_until_ready()
            return time.perf_counter_ns() - start

        return group

    if graph.name == "linear":
        x, targets, w, bias = make["x"], make["targets"], make["weights"], make["bias"]
        factor, rate = constants(graph)

        def step(x, targets, w, bias):
            predictions = jnp.matmul(x, w) + bias
            loss = jnp.mean(jnp.square(predictions - targets))
            gradient = (predictions - targets) * factor
            w_gradient = jnp.matmul(x.T, gradient)
            bias_gradient = jnp.sum(gradient, axis=0)
            return predictions, loss, w - rate * w_gradient, bias - rate * bias_gradient

        function = jax.jit(step)
        state = [w, bias]

        def group(iterations):
            w, bias = state
            start = time.perf_counter_ns()
            for _ in range(iterations):
                predictions, loss, w, bias = function(x, targets, w, bias)
            for array in (predictions, loss, w, bias):
                array.block_until_ready()
            wall = time.perf_counter_ns() - start
            state[:] = w, bias
            return wall

        return group

    names = ["images", "filters", "conv_bias", "dense_weights", "dense_bias"]
    arguments = [make[name] for name in names]
    batch = graph.shape("images")[0]

    def forward(images, filters, conv_bias, w, bias):
        y = jax.lax.conv_general_dilated(
            images, filters, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        y = jax.nn.relu(y + conv_bias)
        y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return jax.nn.softmax(jnp.matmul(y.reshape(batch, -1), w) + bias, axis=-1)

    function = jax.jit(forward)

    def group(iterations):
        start = time.perf_counter_ns()
        for _ in range(iterations):
            kept = function(*arguments)
        kept.block_until_ready()
        return time.perf_counter_ns() - start

    return group


def mlx(driver, graph, arrays):
    mx, nn = driver.mx, driver.nn
    make = {name: mx.array(values) for name, values in arrays.items()}
    mx.eval(list(make.values()))
    if graph.name == "add":
        a, b = make["a"], make["b"]

        def group(iterations):
            start = time.perf_counter_ns()
            for _ in range(iterations):
                c = a + b
                mx.eval(c)
            return time.perf_counter_ns() - start

        return group

    if graph.name == "linear":
        x, targets = make["x"], make["targets"]
        factor, rate = constants(graph)
        state = [make["weights"], make["bias"]]

        def group(iterations):
            w, bias = state
            start = time.perf_counter_ns()
            for _ in range(iterations):
                predictions = mx.matmul(x, w) + bias
                loss = mx.mean(mx.mean(mx.square(predictions - targets), axis=-1))
                gradient = (predictions - targets) * factor
                w_gradient = mx.matmul(x.T, gradient)
                bias_gradient = mx.sum(gradient, axis=0)
                w = w - rate * w_gradient
                bias = bias - rate * bias_gradient
                mx.eval(predictions, loss, w, bias)
            wall = time.perf_counter_ns() - start
            state[:] = w, bias
            return wall

        return group

    images, conv_bias = make["images"], make["conv_bias"]
    filters = mx.contiguous(mx.transpose(make["filters"], (3, 0, 1, 2)))
    mx.eval(filters)
    w, bias = make["dense_weights"], make["dense_bias"]
    batch = graph.shape("images")[0]
    pool = nn.MaxPool2d((2, 2), (2, 2))

    def group(iterations):
        start = time.perf_counter_ns()
        for _ in range(iterations):
            y = pool(nn.relu(mx.conv2d(images, filters, (1, 1)) + conv_bias))
            y = mx.matmul(mx.reshape(y, (batch, -1)), w) + bias
            y = mx.softmax(y, axis=-1)
            mx.eval(y)
        return time.perf_counter_ns() - start

    return group


def onnxruntime(driver, graph, arrays):
    """The same model, bound once by hand; a training step feeds its results back in turn."""
    from mpsbench_drivers.onnx_lowering import NEXT, Lowering, onnx_shape, to_onnx_axes

    ort = driver.ort
    held = {}
    for tensor in graph.stored:
        axes = to_onnx_axes(graph, tensor)
        values = arrays[tensor.id] if axes is None else arrays[tensor.id].transpose(axes)
        held[tensor.id] = numpy.ascontiguousarray(values)
    weights = {tensor.id: held[tensor.id].tobytes() for tensor in graph.with_role("weight")}
    session = driver.session(Lowering(graph).model(weights))
    make = {
        tensor.id: ort.OrtValue.ortvalue_from_numpy(held[tensor.id])
        for tensor in graph.with_role("input", "state")
    }
    states = [tensor.id for tensor in graph.with_role("state")]
    copies = [make, {**make}]
    for state in states:
        copies[1][state] = ort.OrtValue.ortvalue_from_numpy(make[state].numpy().copy())
    bindings = []
    for here, there in (copies, copies[::-1]):
        binding = session.io_binding()
        for name, value in here.items():
            binding.bind_ortvalue_input(name, value)
        for state in states:
            binding.bind_ortvalue_output(state + NEXT, there[state])
        for output in graph.outputs:
            shape = onnx_shape(graph, graph.tensors[output])
            room = ort.OrtValue.ortvalue_from_shape_and_type(shape, numpy.float32)
            binding.bind_ortvalue_output(output, room)
        bindings.append(binding)
    even, odd = bindings

    def group(iterations):
        turn = False
        start = time.perf_counter_ns()
        for _ in range(iterations):
            session.run_with_iobinding(odd if turn else even)
            turn = not turn
        return time.perf_counter_ns() - start

    return group


def constants(graph):
    """(2 / elements, learning rate) of a training step."""
    elements = graph.tensors["predictions"].elements
    rate = next(op.learning_rate for op in graph.ops if op.kind == "sgd_update")
    return 2.0 / elements, rate


def main(framework, path):
    package = load_drivers()
    parse_graph = importlib.import_module(package + ".graph").parse_graph
    server = importlib.import_module(package + ".server")
    driver = importlib.import_module(package + "." + server.DRIVERS[framework]).Driver()
    driver.load()
    driver.open("cpu", 0, None, False)
    files = importlib.import_module(package + ".files")
    with open(path, encoding="utf-8") as file:
        graphs = [parse_graph(value) for value in json.load(file)]
    results = []
    for graph in graphs:
        with tempfile.TemporaryDirectory() as folder:
            program = driver.build(graph, driver.modes()[0], folder)
            arrays = write_values(program, graph, files, os.path.join(folder, "tensor"))
            by_hand = globals()[framework](driver, graph, arrays)
            results.append({"name": graph.name, **compare(program, by_hand)})
            program.close()
    json.dump(results, sys.stdout)


def write_values(program, graph, files, path):
    """Small random values for both: products neither overflow nor become subnormal."""
    random = numpy.random.RandomState(1)
    arrays = {}
    for tensor in graph.stored:
        arrays[tensor.id] = random.uniform(-0.5, 0.5, tensor.shape).astype(numpy.float32)
        arrays[tensor.id].tofile(path)
        program.write(tensor, files.TensorFile(path, tensor))
    return arrays


def compare(program, by_hand):
    """The difference within each round, which holds one group of both: what drifts cancels out."""
    groups = {"hand": by_hand, "driver": lambda n: program.run(n, False)["wallNs"]}
    for group in groups.values():
        group(10)
    iterations = max(1, int(ROUND_NS / max(by_hand(20) / 20, 1)))
    walls, cpus = [], []
    for turn in range(ROUNDS):
        # Every other round begins with the other one.
        order = ["hand", "driver"] if turn % 2 else ["driver", "hand"]
        wall, cpu = {}, {}
        for name in order:
            start = time.process_time_ns()
            wall[name] = groups[name](iterations) / iterations
            cpu[name] = (time.process_time_ns() - start) / iterations
        walls.append(wall)
        cpus.append(cpu)
    return {"wall": difference(walls), "cpu": difference(cpus)}


def difference(rounds):
    """The median of the differences within each round, with its interval."""
    more = sorted(times["driver"] - times["hand"] for times in rounds)
    low, high = INTERVAL
    return {
        "byHandNs": statistics.median(times["hand"] for times in rounds),
        "moreNs": statistics.median(more),
        "interval": [more[low], more[high]],
    }


main(*sys.argv[1:])
