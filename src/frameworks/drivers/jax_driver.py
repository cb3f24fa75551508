"""JAX: `jit`, and op by op."""

import os

from .files import file_dtype
from .program import ArrayProgram, whole
from .protocol import RequestError, unsupported, usable_cpus
from .steps import Step, lower, unpacked

#: Platforms that the kind `gpu` stands for, as JAX and its plugins name them.
_GPU_PLATFORMS = ("gpu", "cuda", "rocm", "metal", "mps", "oneapi")


class Driver:
    framework = "jax"

    def __init__(self):
        self.jax = None
        self.device = None

    def load(self):
        import jax
        import jax.numpy
        import numpy

        self.jax = jax
        self.numpy = numpy

    def version(self):
        return str(self.jax.__version__)

    def describe(self, threads=None):
        devices = [self._described(kind, i, d) for kind, i, d in self._devices()]
        answer = {"devices": devices}
        if not any(device["isGpu"] for device in devices):
            answer["whyNoGpu"] = "its default backend is " + self.jax.default_backend()
        return answer

    def _devices(self):
        """(kind, index, device) of the default backend and of the CPU."""
        found = []
        platforms = {device.platform: device for device in self.jax.devices()}
        for platform in dict.fromkeys([*platforms, "cpu"]):
            kind = _kind_of(platform)
            try:
                devices = self.jax.devices(platform)
            except RuntimeError:  # JAX_PLATFORMS may leave the CPU out.
                continue
            found += [(kind, index, device) for index, device in enumerate(devices)]
        return found

    def _described(self, kind, index, device):
        # Metal has no f64.
        has_f64 = device.platform.lower() not in ("metal", "mps")
        described = {
            "kind": kind,
            "index": index,
            "name": "CPU" if kind == "cpu" else str(device.device_kind),
            "isGpu": kind == "gpu",
            "dtypes": ["f32", "f16", "bf16"] + (["f64"] if has_f64 else []),
            "modes": list(self.modes()),
            "tf32": _has_tf32(device),
            "details": {"platform": device.platform},
        }
        memory = _memory_stats(device).get("bytes_limit")
        if memory:
            described["memoryBytes"] = int(memory)
        if kind == "cpu":
            described["threads"] = _client_threads()
        return described

    def modes(self):
        return ("jit", "eager")

    def open(self, kind, index, threads, tf32):
        devices = {(found, at): device for found, at, device in self._devices()}
        if (kind, index) not in devices:
            if kind not in ("cpu", "gpu", "tpu"):
                raise unsupported("JAX has no device kind %s" % kind)
            raise RequestError("unavailable", "JAX finds no device %s:%d" % (kind, index))
        if kind == "cpu" and threads is not None and threads != _client_threads():
            raise RequestError(
                "unsupported",
                "JAX fixed its CPU threads at %d when it listed its devices" % _client_threads(),
            )
        self.device = devices[kind, index]
        # By default, f32 products on a GPU are rounded to TF32.
        precision = "tensorfloat32" if tf32 else "highest"
        self.jax.config.update("jax_default_matmul_precision", precision)

    def build(self, graph, mode, folder):
        self.jax.config.update("jax_enable_x64", graph.dtype == "f64")
        return JaxProgram(self, graph, mode)

    def programs(self):
        return {}


def _kind_of(platform):
    """jax-metal names its platform METAL."""
    kind = platform.lower()
    return "gpu" if kind in _GPU_PLATFORMS else kind


def _has_tf32(device):
    """NVIDIA's GPUs say "9.0", AMD's "gfx942"; TF32 is there since 8.0."""
    try:
        return float(device.compute_capability) >= 8
    except (AttributeError, TypeError, ValueError):
        return False


def _client_threads():
    """What XLA's CPU client takes (xla/pjrt/utils.cc, DefaultThreadPoolSize)."""
    if os.environ.get("NPROC", "").isdigit():
        return int(os.environ["NPROC"])
    return usable_cpus()


def _memory_stats(device):
    try:
        return device.memory_stats() or {}
    except Exception:  # Not every platform keeps them.
        return {}


class JaxProgram(ArrayProgram):
    def __init__(self, driver, graph, mode):
        self._jax = jax = driver.jax
        self._numpy = driver.numpy
        self._device = driver.device
        self._mode = mode
        self._dtype = {
            "f32": jax.numpy.float32,
            "f16": jax.numpy.float16,
            "bf16": jax.numpy.bfloat16,
            "f64": jax.numpy.float64,
        }[graph.dtype]
        namespace = {"jax": jax, "jnp": jax.numpy, "lax": jax.lax}
        # Arrays made on the way (constants of eager ops) belong on the device, too.
        with jax.default_device(self._device):
            super().__init__(graph, lower(graph, _lower_op), namespace)

    def reported_steps(self):
        if self._mode == "eager":
            return super().reported_steps()
        return whole(self.steps, "jax.jit")

    def zeros(self, tensor):
        values = self._numpy.zeros(tensor.shape, self._dtype)
        return self._jax.device_put(values, self._device)

    def from_host(self, tensor, data):
        dtype = {"f32": "<f4", "f64": "<f8"}[data.dtype]
        values = self._numpy.frombuffer(data.data, dtype).reshape(tensor.shape)
        # A copy: JAX may share memory with an array of numpy.
        return self._jax.device_put(values.astype(self._dtype, copy=True), self._device)

    def to_host(self, tensor, array):
        dtype = {"f32": "<f4", "f64": "<f8"}[file_dtype(tensor)]
        return self._numpy.ascontiguousarray(self._numpy.asarray(array), dtype)

    def compile(self, function):
        return function if self._mode == "eager" else self._jax.jit(function)

    def evaluate(self, arrays):
        if not isinstance(arrays, (tuple, list)):
            arrays.block_until_ready()
            return
        for array in arrays:
            array.block_until_ready()

    def profile(self, iterations):
        if self._mode == "eager":
            return super().profile(iterations)
        return self.profile_whole(iterations)

    def trace(self):
        """The devices of results: of each op's by itself, or of the whole that `jit` compiled."""
        if self._mode == "jit":
            placed = _platform_of(unpacked(self.results[0], self.returned)[0])
            rows = [(step, placed) for step in self.steps]
        else:
            rows = [(step, _platform_of(made)) for step, _, _, made in self.values_by_step()]
        return {
            "ops": [
                {"op": op.id, "placed": placed, "kernel": step.kernel, "evidence": "reported"}
                for step, placed in rows
                for op in step.ops
            ],
            "warnings": [],
        }


def _platform_of(array):
    devices = getattr(array, "devices", None)
    if callable(devices):
        device = next(iter(devices()))
    else:  # before 0.4.10
        device = array.device()
    return _kind_of(device.platform)


def _lower_op(graph, op):
    kernel, template = _LOWERINGS[op.kind](graph, op)
    return Step([op], kernel, op.inputs, template)


def _matmul(graph, op):
    a = "{0}.T" if op.transpose_a else "{0}"
    b = "{1}.T" if op.transpose_b else "{1}"
    return "jax.numpy.matmul", "jnp.matmul(%s, %s)" % (a, b)


def _conv2d(graph, op):
    template = (
        "lax.conv_general_dilated({0}, {1}, %r, %r, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))"
    )
    return "jax.lax.conv_general_dilated", template % (op.strides, op.padding.upper())


def _max_pool2d(graph, op):
    template = "lax.reduce_window({0}, -jnp.inf, lax.max, %r, %r, 'VALID')"
    return "jax.lax.reduce_window", template % ((1, *op.window, 1), (1, *op.strides, 1))


def _reshape(graph, op):
    return "jax.numpy.reshape", "jnp.reshape({0}, %r)" % (graph.shape(op.output),)


def _mse_grad(graph, op):
    factor = 2.0 / graph.tensors[op.output].elements
    return "jax.numpy.multiply", "({0} - {1}) * %r" % factor


_LOWERINGS = {
    "add": lambda graph, op: ("jax.numpy.add", "{0} + {1}"),
    "sub": lambda graph, op: ("jax.numpy.subtract", "{0} - {1}"),
    "mul": lambda graph, op: ("jax.numpy.multiply", "{0} * {1}"),
    "matmul": _matmul,
    "bias_add": lambda graph, op: ("jax.numpy.add", "{0} + {1}"),
    "relu": lambda graph, op: ("jax.nn.relu", "jax.nn.relu({0})"),
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "reshape": _reshape,
    "softmax": lambda graph, op: ("jax.nn.softmax", "jax.nn.softmax({0}, axis=-1)"),
    "mse_loss": lambda graph, op: ("jax.numpy.mean", "jnp.mean(jnp.square({0} - {1}))"),
    "mse_grad": _mse_grad,
    "reduce_sum": lambda graph, op: ("jax.numpy.sum", "jnp.sum({0}, axis=0)"),
    "sgd_update": lambda graph, op: (
        "jax.numpy.subtract",
        "{0} - %r * {1}" % op.learning_rate,
    ),
}
