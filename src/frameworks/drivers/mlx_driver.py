"""MLX: lazy arrays with `mx.eval` in every step, and the same through `mx.compile`."""

import functools

from .files import file_dtype
from .graph import same_padding
from .program import ArrayProgram, whole
from .protocol import RequestError, unsupported
from .steps import Step, lower


class Driver:
    framework = "mlx"

    def __init__(self):
        self.mx = None
        self.kind = None

    def load(self):
        import mlx.core
        import mlx.nn

        self.mx = mlx.core
        self.nn = mlx.nn

    def version(self):
        return str(getattr(self.mx, "__version__", "")) or _version_of_package()

    def describe(self, threads=None):
        devices = []
        if self._has_gpu():
            info = self._gpu_info()
            gpu = self._described("gpu", str(info.get("device_name", "GPU")))
            if info.get("memory_size"):
                gpu["memoryBytes"] = int(info["memory_size"])
            devices.append(gpu)
        devices.append(self._described("cpu", "CPU"))
        answer = {"devices": devices}
        if len(devices) == 1:
            answer["whyNoGpu"] = "MLX finds no Metal or CUDA device"
        return answer

    def _described(self, kind, name):
        # Metal and CUDA kernels of MLX have no f64.
        return {
            "kind": kind,
            "index": 0,
            "name": name,
            "isGpu": kind == "gpu",
            "dtypes": ["f32", "f16", "bf16"] + (["f64"] if self._has_f64(kind) else []),
            "modes": list(self.modes()),
        }

    def _has_f64(self, kind):
        return kind == "cpu" and hasattr(self.mx, "float64")  # since 0.22

    def _has_gpu(self):
        mx = self.mx
        if hasattr(mx, "is_available"):  # since 0.30
            return bool(mx.is_available(mx.gpu))
        return any(
            backend is not None and backend.is_available()
            for backend in (getattr(mx, "metal", None), getattr(mx, "cuda", None))
        )

    def _gpu_info(self):
        mx = self.mx
        metal = getattr(mx, "metal", None)
        for ask in (getattr(mx, "device_info", None), getattr(metal, "device_info", None)):
            try:
                return dict(ask())
            except Exception:  # Other releases, and backends that keep no such table.
                continue
        return {}

    def modes(self):
        return ("lazy", "compile")

    def open(self, kind, index, threads, tf32):
        if kind not in ("cpu", "gpu"):
            raise unsupported("MLX has no device kind %s" % kind)
        if index != 0 or (kind == "gpu" and not self._has_gpu()):
            raise RequestError("unavailable", "MLX finds no device %s:%d" % (kind, index))
        self.kind = kind
        self.mx.set_default_device(self.mx.gpu if kind == "gpu" else self.mx.cpu)

    def build(self, graph, mode, folder):
        if graph.dtype == "f64" and not self._has_f64(self.kind):
            raise unsupported("MLX has no float64 on this device")
        return MlxProgram(self, graph, mode)

    def programs(self):
        return {}


def _version_of_package():
    from importlib.metadata import version

    return version("mlx")


class MlxProgram(ArrayProgram):
    """Filters that only convolutions read are held as MLX takes them: output channels first."""

    is_lazy = True

    def __init__(self, driver, graph, mode):
        self._mx = mx = driver.mx
        self._kind = driver.kind
        self._mode = mode
        self._filters = graph.only_filters()
        self._dtype = {
            "f32": mx.float32,
            "f16": mx.float16,
            "bf16": mx.bfloat16,
            "f64": getattr(mx, "float64", None),
        }[graph.dtype]
        namespace = {
            "mx": mx,
            "nn": driver.nn,
            "max_pool2d": functools.lru_cache(maxsize=None)(driver.nn.MaxPool2d),
        }
        super().__init__(graph, lower(graph, self._lower_op), namespace)

    def _lower_op(self, graph, op):
        kernel, template = _LOWERINGS[op.kind](graph, op)
        if op.kind == "mse_loss" and self._kind == "cpu" and len(graph.shape(op.inputs[0])) > 1:
            # Over everything at once, the CPU adds one value after the other: a mean of 10^6 values
            # is 9e-4 off (0.32.4). Row by row, the sums stay short.
            template = "mx.mean(mx.mean(mx.square({0} - {1}), axis=-1))"
        return Step([op], kernel, op.inputs, template)

    def reported_steps(self):
        if self._mode == "lazy":
            return super().reported_steps()
        return whole(self.steps, "mx.compile")

    def zeros(self, tensor):
        shape = tensor.shape
        if tensor.id in self._filters:
            shape = (shape[3], *shape[:3])
        array = self._mx.zeros(shape, self._dtype)
        self.evaluate([array])
        return array

    def from_host(self, tensor, data):
        mx = self._mx
        view = memoryview(data.data).cast("B").cast({"f32": "f", "f64": "d"}[data.dtype])
        array = mx.array(view, getattr(mx, {"f32": "float32", "f64": "float64"}[data.dtype]))
        # f64 exists on the CPU only; others are rounded on the device.
        array = mx.reshape(array, tensor.shape).astype(self._dtype)
        if tensor.id in self._filters:
            array = mx.contiguous(mx.transpose(array, (3, 0, 1, 2)))
        self.evaluate([array])
        return array

    def to_host(self, tensor, array):
        mx = self._mx
        if tensor.id in self._filters:
            array = mx.transpose(array, (1, 2, 3, 0))
        dtype = getattr(mx, {"f32": "float32", "f64": "float64"}[file_dtype(tensor)])
        array = mx.contiguous(array.astype(dtype).reshape(-1))
        self.evaluate([array])
        return memoryview(array)

    def compile(self, function):
        return function if self._mode == "lazy" else self._mx.compile(function)

    def evaluate(self, arrays):
        self._mx.eval(arrays)

    def profile(self, iterations):
        if self._mode == "lazy":
            return super().profile(iterations)
        return self.profile_whole(iterations)

    def trace(self):
        """MLX runs every op on the stream that it was made for, and has no fallback."""
        where = {"placed": self._kind, "evidence": "reported"}
        ops = [
            {"op": op.id, "kernel": step.kernel, **where} for step in self.steps for op in step.ops
        ]
        return {"ops": ops, "warnings": []}


def _matmul(graph, op):
    a = "{0}.T" if op.transpose_a else "{0}"
    b = "{1}.T" if op.transpose_b else "{1}"
    return "mx.matmul", "mx.matmul(%s, %s)" % (a, b)


def _conv2d(graph, op):
    filters = "{1}"
    if op.inputs[1] not in graph.only_filters():
        filters = "mx.transpose({1}, (3, 0, 1, 2))"
    if op.padding == "valid":
        return "mx.conv2d", "mx.conv2d({0}, %s, %r)" % (filters, op.strides)
    (top, bottom), (left, right) = same_padding(op, graph)
    template = "mx.conv_general({0}, %s, %r, (%r, %r))"
    return "mx.conv_general", template % (filters, op.strides, [top, left], [bottom, right])


def _max_pool2d(graph, op):
    return "mlx.nn.MaxPool2d", "max_pool2d(%r, %r)({0})" % (op.window, op.strides)


def _reshape(graph, op):
    return "mx.reshape", "mx.reshape({0}, %r)" % (graph.shape(op.output),)


def _mse_grad(graph, op):
    factor = 2.0 / graph.tensors[op.output].elements
    return "mx.multiply", "({0} - {1}) * %r" % factor


_LOWERINGS = {
    "add": lambda graph, op: ("mx.add", "{0} + {1}"),
    "sub": lambda graph, op: ("mx.subtract", "{0} - {1}"),
    "mul": lambda graph, op: ("mx.multiply", "{0} * {1}"),
    "matmul": _matmul,
    "bias_add": lambda graph, op: ("mx.add", "{0} + {1}"),
    "relu": lambda graph, op: ("mlx.nn.relu", "nn.relu({0})"),
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "reshape": _reshape,
    "softmax": lambda graph, op: ("mx.softmax", "mx.softmax({0}, axis=-1)"),
    "mse_loss": lambda graph, op: ("mx.mean", "mx.mean(mx.square({0} - {1}))"),
    "mse_grad": _mse_grad,
    "reduce_sum": lambda graph, op: ("mx.sum", "mx.sum({0}, axis=0)"),
    "sgd_update": lambda graph, op: ("mx.subtract", "{0} - %r * {1}" % op.learning_rate),
}
