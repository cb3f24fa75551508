"""TensorFlow: `tf.function`, the same compiled by XLA, and eager."""

import re

from . import tensorflow_programs
from .files import file_dtype
from .program import Program, whole
from .protocol import RequestError, unsupported, usable_cpus, wrong_request
from .steps import Step, define, iteration_source, lower, step_source, unpacked, variable_names
from .timing import call_ns, group_ns


class Driver:
    framework = "tensorflow"

    def __init__(self):
        self.tf = None
        self.kind = None
        self._settings = None

    def load(self):
        import numpy
        import tensorflow

        self.tf = tensorflow
        self.numpy = numpy

    def version(self):
        return str(self.tf.__version__)

    def describe(self, threads=None):
        """Starts no device: threads and visible devices are settled by `open`."""
        tf = self.tf
        devices = []
        for index, device in enumerate(tf.config.list_physical_devices("GPU")):
            details = _details(tf, device)
            devices.append(self._described("gpu", index, details.get("device_name", "GPU")))
            if "compute_capability" in details:
                capability = ".".join(str(part) for part in details["compute_capability"])
                devices[-1]["details"] = {"computeCapability": capability}
                devices[-1]["tf32"] = tuple(details["compute_capability"]) >= (8, 0)
        devices.append(self._described("cpu", 0, "CPU"))
        devices[-1]["threads"] = threads or usable_cpus()
        answer = {"devices": devices}
        built_for = _built_for(tf)
        if built_for:
            answer["builtFor"] = built_for
        if len(devices) == 1:
            answer["whyNoGpu"] = (
                "built for %s, but it finds no GPU" % built_for
                if built_for
                else "this build is for the CPU"
            )
        return answer

    def _described(self, kind, index, name):
        # The Metal plugin has no f64 and no XLA.
        on_metal = kind == "gpu" and _is_metal()
        return {
            "kind": kind,
            "index": index,
            "name": name,
            "isGpu": kind == "gpu",
            "dtypes": ["f32", "f16", "bf16"] + ([] if on_metal else ["f64"]),
            "modes": ["function", "eager"] if on_metal else ["function", "xla", "eager"],
        }

    def modes(self):
        if self.kind == "gpu" and _is_metal():
            return ("function", "eager")
        return ("function", "xla", "eager")

    def open(self, kind, index, threads, tf32):
        tf = self.tf
        if kind not in ("cpu", "gpu"):
            raise unsupported("TensorFlow has no device kind %s" % kind)
        found = tf.config.list_physical_devices(kind.upper())
        if index >= len(found):
            raise RequestError("unavailable", "TensorFlow finds no device %s:%d" % (kind, index))
        settings = (kind, index, threads)
        try:
            self._choose(found[index], kind, threads)
        except RuntimeError as error:  # TensorFlow settles them when its first op runs.
            if settings != self._settings:
                message = "TensorFlow cannot change its device or threads once it has started"
                raise RequestError("unsupported", message) from error
        self._settings, self.kind = settings, kind
        tf.config.experimental.enable_tensor_float_32_execution(tf32)

    def _choose(self, device, kind, threads):
        """Leaves only one device, so that ops are placed as they are without `tf.device`."""
        tf = self.tf
        tf.config.set_visible_devices([device] if kind == "gpu" else [], "GPU")
        if kind == "gpu":
            tf.config.experimental.set_memory_growth(device, True)
        if threads is not None:
            tf.config.threading.set_intra_op_parallelism_threads(threads)

    def build(self, graph, mode, folder):
        return TensorFlowProgram(self, graph, mode)

    def programs(self):
        return tensorflow_programs.programs(self)

    def synchronize(self):
        """What waits for the device; None for the CPU, where a call has ended when it returns."""
        if self.kind == "cpu":
            return None
        experimental = getattr(self.tf.test, "experimental", None)
        return getattr(experimental, "sync_devices", None) or self._read_back

    def _read_back(self):
        """Before 2.12: a value computed after all others of the device's queue."""
        self.tf.add(1.0, 1.0).numpy()


def _details(tf, device):
    try:
        return tf.config.experimental.get_device_details(device)
    except Exception:  # Plugins need not know any.
        return {}


def _built_for(tf):
    if tf.test.is_built_with_cuda():
        build = tf.sysconfig.get_build_info()
        return ("CUDA %s" % build.get("cuda_version", "")).strip()
    if getattr(tf.test, "is_built_with_rocm", lambda: False)():
        return "ROCm"
    return "Metal" if _is_metal() else None


def _is_metal():
    from importlib.util import find_spec

    return find_spec("tensorflow-plugins") is not None


class TensorFlowProgram(Program):
    """Inputs are passed to the function; weights and states are variables that it captures."""

    def __init__(self, driver, graph, mode):
        self._driver = driver
        self._tf = tf = driver.tf
        self._graph = graph
        self._mode = mode
        self._dtype = {
            "f32": tf.float32,
            "f16": tf.float16,
            "bf16": tf.bfloat16,
            "f64": tf.float64,
        }[graph.dtype]
        self.finish = driver.synchronize()
        self._names = variable_names(graph)
        self._inputs = [tensor.id for tensor in graph.with_role("input")]
        self._arguments = [self._zeros(graph.tensors[tensor]) for tensor in self._inputs]
        self._variables = {
            tensor.id: tf.Variable(self._zeros(tensor), trainable=False)
            for tensor in graph.with_role("weight", "state")
        }
        self._outputs = [None]
        self._steps = lower(graph, _lower_op)
        build_ns = call_ns(self._make)[1]
        first_ns = self.first_call_ns()
        for tensor in graph.with_role("state"):
            self._variables[tensor.id].assign(self._zeros(tensor))
        self.built = {
            "buildNs": build_ns,
            "firstCallNs": first_ns,
            "steps": self._reported_steps(),
            "deviceBytes": sum(tensor.bytes for tensor in graph.stored)
            + sum(graph.tensors[output].bytes for output in graph.outputs),
        }

    def _reported_steps(self):
        if self._mode == "xla":
            return whole(self._steps, "tf.function(jit_compile=True)")
        return [step.record() for step in self._steps]

    def _make(self):
        """Sets `step`, traced, but not yet run."""
        iteration = self._iteration()
        arguments, outputs = self._arguments, self._outputs
        if self._mode != "eager":
            iteration.get_concrete_function(*arguments)

        def step():
            # Dropped first, so that its memory can be used again.
            outputs[0] = None
            outputs[0] = iteration(*arguments)

        self.step = step

    def _iteration(self):
        source = iteration_source(self._graph, self._steps, self._graph.outputs, self._inputs)
        variables = {self._names[tensor]: held for tensor, held in self._variables.items()}
        iteration = define(source, "iteration", {"tf": self._tf, **variables})
        return self._compile(iteration)

    def _compile(self, function):
        if self._mode == "eager":
            return function
        # Autograph would look for source files; there are no Python branches to convert.
        xla = self._mode == "xla"
        return self._tf.function(function, autograph=False, jit_compile=xla or None)

    def _zeros(self, tensor):
        return self._tf.zeros(tensor.shape, self._dtype)

    def write(self, tensor, data):
        tf = self._tf
        dtype = {"f32": "<f4", "f64": "<f8"}[data.dtype]
        host = self._driver.numpy.frombuffer(data.data, dtype).reshape(tensor.shape)
        # A copy: on the CPU, TensorFlow may share memory with an array of numpy.
        value = tf.cast(tf.constant(host.copy()), self._dtype)
        if tensor.id in self._variables:
            self._variables[tensor.id].assign(value)
        else:
            self._arguments[self._inputs.index(tensor.id)] = value

    def read(self, tensor):
        numpy = self._driver.numpy
        dtype = {"f32": "<f4", "f64": "<f8"}[file_dtype(tensor)]
        return numpy.ascontiguousarray(self._value(tensor.id).numpy(), dtype)

    def _value(self, tensor_id):
        if tensor_id in self._variables:
            return self._variables[tensor_id]
        if tensor_id in self._inputs:
            return self._arguments[self._inputs.index(tensor_id)]
        if self._outputs[0] is None:
            raise wrong_request("run an iteration first")
        outputs = self._graph.outputs
        return unpacked(self._outputs[0], len(outputs))[outputs.index(tensor_id)]

    def snapshot(self):
        outputs = self._outputs[0]
        states = [tensor.id for tensor in self._graph.with_role("state")]
        values = {state: self._variables[state].read_value() for state in states}

        def restore():
            self._outputs[0] = outputs
            for state, value in values.items():
                self._variables[state].assign(value)

        return restore

    def profile(self, iterations):
        if self._mode == "xla":
            return self.profile_whole(iterations)
        return [
            {**step.record(), "wallNs": group_ns(once, self.finish, iterations) / iterations}
            for step, once in self._steps_by_themselves()
        ]

    def _steps_by_themselves(self):
        """Each step, and a function that runs it alone; states are copies."""
        values = dict(zip(self._inputs, self._arguments))
        values.update(self._copied_variables())
        for step in self._steps:
            function = define(step_source(step), "step", {"tf": self._tf})
            once, result = self._alone(function, [values[tensor] for tensor in step.inputs])
            if not step.in_place:
                values[step.output] = result
            yield step, once

    def _alone(self, function, arguments):
        if self._mode == "eager":

            def once():
                return function(*arguments)

            return once, once()
        # Variables are captured; passed as arguments, they would cost a look-up in each call.
        passed = [value for value in arguments if not isinstance(value, self._tf.Variable)]

        def call(*tensors):
            given = iter(tensors)
            return function(
                *[
                    value if isinstance(value, self._tf.Variable) else next(given)
                    for value in arguments
                ]
            )

        compiled = self._compile(call)

        def once():
            return compiled(*passed)

        return once, once()

    def trace(self):
        """Where TensorFlow's own executor ran each op; what it fused or folded is where its result is."""
        if self._mode == "xla":
            return {"ops": self._trace_whole(), "warnings": []}
        executed = self._executed() if self._mode == "function" else {}
        names = [_node_name(op) for step in self._steps for op in step.ops]
        devices = {} if all(name in executed for name in names) else self._result_devices()
        rows = []
        for step in self._steps:
            for op in step.ops:
                device = devices.get(step.output)
                rows.append(_placement(op, step, executed, device, self._driver.kind))
        return {"ops": rows, "warnings": []}

    def _trace_whole(self):
        """XLA makes one kernel of all: the devices of its outputs tell."""
        held, self._variables = self._variables, self._copied_variables()
        try:
            made = self._iteration()(*self._arguments)
        finally:
            self._variables = held
        device = unpacked(made, len(self._graph.outputs))[0].device
        step = self.built["steps"][0]
        row = {"placed": _device_type(device), "kernel": step["kernel"], "evidence": "reported"}
        return [{"op": op, **row} for op in step["ops"]]

    def _executed(self):
        """{name of the op: (device, kernel)} of one run of the same ops, traced, in a graph of its own.

        A `tf.function` keeps no such record, and the log of placements has to be on before the first
        op of the process and then costs time in every call.
        """
        tf, v1 = self._tf, self._tf.compat.v1
        graph = tf.Graph()
        with graph.as_default():
            stored = {t.id: tf.Variable(self._zeros(t), trainable=False) for t in self._graph.stored}
            source = iteration_source(self._graph, self._steps, self._graph.outputs, [])
            named = {self._names[tensor]: variable for tensor, variable in stored.items()}
            made = define(source, "iteration", {"tf": tf, **named})()
            updates = [op for op in self._graph.ops if op.kind == "sgd_update"]
            fetched = [
                *unpacked(made, len(self._graph.outputs)),
                *[graph.get_operation_by_name(_node_name(op)) for op in updates],
            ]
            initialize = v1.global_variables_initializer()
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        metadata = v1.RunMetadata()
        with v1.Session(graph=graph) as session:
            session.run(initialize)
            session.run([one.op if hasattr(one, "op") else one for one in fetched], None, options, metadata)
        return executed_nodes(metadata.step_stats)

    def _result_devices(self):
        """Where the result of each step is, by tensor. Only where there are several devices, the steps have
        to run for that: one after the other, eagerly; states are copies."""
        visible = self._tf.config.list_logical_devices()
        if len(visible) == 1:
            return {step.output: visible[0].name for step in self._steps}
        values = dict(zip(self._inputs, self._arguments))
        values.update(self._copied_variables())
        devices = {}
        for step in self._steps:
            function = define(step_source(step), "step", {"tf": self._tf})
            result = function(*[values[tensor] for tensor in step.inputs])
            if not step.in_place:
                values[step.output] = result
            devices[step.output] = values[step.output].device
        return devices

    def _copied_variables(self):
        tf = self._tf
        return {
            tensor: tf.Variable(variable.read_value(), trainable=False)
            for tensor, variable in self._variables.items()
        }

    def close(self):
        self.step = None
        self._arguments.clear()
        self._variables.clear()
        self._outputs[0] = None


#: `mpsbench.conv = Conv2D(images, filters)` in the record of a node.
_LABEL = re.compile(r" = (\w+)\(")

#: Kernels that only bring values to and from others.
_PLUMBING = {
    "Const",
    "Identity",
    "ReadVariableOp",
    "VarHandleOp",
    "NoOp",
    "_Arg",
    "_Retval",
    "Cast",
}


def executed_nodes(step_stats):
    """{name that `_node_name` gave to an op: (device type in lower case, kernel)}.

    One op may be several nodes below its name: the last one that computes tells.
    """
    executed = {}
    for on_device in step_stats.dev_stats:
        if "/device:" not in on_device.device or "/stream:" in on_device.device:
            continue
        for node in on_device.node_stats:
            label = _LABEL.search(node.timeline_label)
            kernel = label.group(1) if label else ""
            for part in node.node_name.split("/"):
                if part.startswith(_PREFIX) and kernel and kernel not in _PLUMBING:
                    executed[part] = (_device_type(on_device.device), kernel)
    return executed


def _placement(op, step, executed, result_device, kind):
    node = _node_name(op)
    device, kernel = executed[node] if node in executed else (_device_type(result_device), step.kernel)
    row = {"op": op.id, "placed": device, "kernel": kernel, "evidence": "reported"}
    if device != kind:
        row["reason"] = "TensorFlow ran %s on the %s" % (kernel, device.upper())
    return row


def _device_type(name):
    """`gpu` of `/job:localhost/replica:0/task:0/device:GPU:0`."""
    return name.rsplit("/device:", 1)[-1].split(":")[0].lower()


_PREFIX = "mpsbench."


def _node_name(op):
    """A valid name of a TensorFlow node that tells which op it is."""
    return _PREFIX + re.sub(r"[^A-Za-z0-9_.]", "_", op.id)


def _lower_op(graph, op):
    kernel, template = _LOWERINGS[op.kind](graph, op)
    template = template.replace("NAME", repr(_node_name(op)))
    return Step([op], kernel, op.inputs, template, in_place=op.kind == "sgd_update")


def _matmul(graph, op):
    template = "tf.matmul({0}, {1}, transpose_a=%r, transpose_b=%r, name=NAME)"
    return "tf.matmul", template % (op.transpose_a, op.transpose_b)


def _conv2d(graph, op):
    template = "tf.nn.conv2d({0}, {1}, %r, %r, name=NAME)"
    return "tf.nn.conv2d", template % (list(op.strides), op.padding.upper())


def _max_pool2d(graph, op):
    template = "tf.nn.max_pool2d({0}, %r, %r, 'VALID', name=NAME)"
    return "tf.nn.max_pool2d", template % (list(op.window), list(op.strides))


def _reshape(graph, op):
    return "tf.reshape", "tf.reshape({0}, %r, name=NAME)" % (list(graph.shape(op.output)),)


def _mse_loss(graph, op):
    template = "tf.reduce_mean(tf.math.squared_difference({0}, {1}), name=NAME)"
    return "tf.reduce_mean", template


def _mse_grad(graph, op):
    factor = 2.0 / graph.tensors[op.output].elements
    return "tf.multiply", "tf.multiply(tf.subtract({0}, {1}), %r, name=NAME)" % factor


_LOWERINGS = {
    "add": lambda graph, op: ("tf.add", "tf.add({0}, {1}, name=NAME)"),
    "sub": lambda graph, op: ("tf.subtract", "tf.subtract({0}, {1}, name=NAME)"),
    "mul": lambda graph, op: ("tf.multiply", "tf.multiply({0}, {1}, name=NAME)"),
    "matmul": _matmul,
    "bias_add": lambda graph, op: ("tf.nn.bias_add", "tf.nn.bias_add({0}, {1}, name=NAME)"),
    "relu": lambda graph, op: ("tf.nn.relu", "tf.nn.relu({0}, name=NAME)"),
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "reshape": _reshape,
    "softmax": lambda graph, op: ("tf.nn.softmax", "tf.nn.softmax({0}, name=NAME)"),
    "mse_loss": _mse_loss,
    "mse_grad": _mse_grad,
    "reduce_sum": lambda graph, op: ("tf.reduce_sum", "tf.reduce_sum({0}, 0, name=NAME)"),
    "sgd_update": lambda graph, op: (
        "tf.Variable.assign_sub",
        "{0}.assign_sub(%r * {1}, name=NAME)" % op.learning_rate,
    ),
}
