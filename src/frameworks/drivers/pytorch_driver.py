"""PyTorch: eager, torch.compile, and CUDA graphs."""

import ctypes

from . import files, timing
from .graph import same_padding
from .program import Program
from .protocol import RequestError, unsupported
from .steps import Step, define, iteration_source, lower


class Driver:
    framework = "pytorch"

    def __init__(self):
        self.torch = None
        self.device = None

    def load(self):
        import torch

        torch.set_grad_enabled(False)
        self.torch = torch

    def version(self):
        return str(self.torch.__version__)

    def describe(self):
        torch = self.torch
        devices = [self._device("cpu", 0, "CPU", False, self._cpu_dtypes())]
        notes = []
        if torch.cuda.is_available():
            for index in range(torch.cuda.device_count()):
                properties = torch.cuda.get_device_properties(index)
                dtypes = ["f32", "f16", "bf16", "f64"]
                device = self._device("cuda", index, properties.name, True, dtypes)
                device["memoryBytes"] = int(properties.total_memory)
                device["details"] = {
                    "computeCapability": "%d.%d" % (properties.major, properties.minor)
                }
                devices.append(device)
        elif _cuda_build(torch):
            notes.append("built for %s, which is not available here" % _cuda_build(torch))
        mps = getattr(torch.backends, "mps", None)
        if mps is not None and mps.is_available():
            # Metal has no f64; bf16 needs macOS 14, and a build says so.
            dtypes = ["f32", "f16"] + (["bf16"] if self._computes("mps", "bf16") else [])
            devices.append(self._device("mps", 0, "Apple GPU", True, dtypes))
        elif mps is not None and mps.is_built():
            notes.append("built for MPS, which is not available here")
        answer = {"devices": devices, "notes": notes}
        if _cuda_build(torch):
            answer["builtFor"] = _cuda_build(torch)
        return answer

    def _device(self, kind, index, name, is_gpu, dtypes):
        return {
            "kind": kind,
            "index": index,
            "name": name,
            "isGpu": is_gpu,
            "dtypes": dtypes,
            "modes": self._modes_of(kind),
        }

    def _cpu_dtypes(self):
        return [dtype for dtype in ("f32", "f16", "bf16", "f64") if self._computes("cpu", dtype)]

    def _computes(self, device, dtype):
        """Whether the ops of the graph have kernels of this dtype; older releases lack some."""
        torch, functional = self.torch, self.torch.nn.functional
        try:
            image = torch.ones(1, 1, 2, 2, device=device, dtype=_dtype(torch, dtype))
            pooled = functional.max_pool2d(torch.relu(functional.conv2d(image, image)), 1)
            matrix = pooled.reshape(1, 1)
            loss = functional.mse_loss(
                torch.softmax(matrix @ matrix, -1), torch.sum(image, 0)[0, :1, :1]
            )
            return float(loss.cpu()) == 0.0
        except (RuntimeError, TypeError):
            return False

    def modes(self):
        return self._modes_of(self.device.type)

    def _modes_of(self, kind):
        return ["eager"]

    def open(self, kind, index, threads, tf32):
        torch = self.torch
        self.device = self._find(kind, index)
        if threads is not None:
            torch.set_num_threads(threads)
        if kind == "cuda":
            torch.cuda.set_device(index)
        _allow_tf32(torch, tf32)

    def _find(self, kind, index):
        torch = self.torch
        if kind == "cpu" and index == 0:
            return torch.device("cpu")
        if kind == "cuda":
            count = torch.cuda.device_count() if torch.cuda.is_available() else 0
            if index < count:
                return torch.device("cuda", index)
        if kind == "mps" and index == 0:
            mps = getattr(torch.backends, "mps", None)
            if mps is not None and mps.is_available():
                return torch.device("mps")
        if kind not in ("cpu", "cuda", "mps"):
            raise unsupported("PyTorch has no device kind %s here" % kind)
        raise RequestError("unavailable", "PyTorch finds no device %s:%d" % (kind, index))

    def synchronize(self):
        """What waits for the device; None for the CPU, where a call has ended when it returns."""
        return {
            "cuda": self.torch.cuda.synchronize,
            "mps": getattr(getattr(self.torch, "mps", None), "synchronize", None),
        }.get(self.device.type)

    def build(self, graph, mode, folder):
        return TorchProgram(self, graph, mode)

    def programs(self):
        return {}


def _cuda_build(torch):
    """`CUDA 12.8`, `ROCm 6.4`, or None for a build for the CPU."""
    if torch.version.cuda:
        return "CUDA " + torch.version.cuda
    hip = getattr(torch.version, "hip", None)
    return "ROCm " + hip if hip else None


def _dtype(torch, name):
    return {
        "f32": torch.float32,
        "f16": torch.float16,
        "bf16": torch.bfloat16,
        "f64": torch.float64,
    }[name]


def _allow_tf32(torch, allowed):
    """f32 means f32 unless TF32 was asked for: by default cuDNN uses it and cuBLAS does not."""
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


class TorchProgram(Program):
    """Activations are held as NCHW tensors in channels_last memory, which is NHWC memory."""

    def __init__(self, driver, graph, mode):
        self._driver = driver
        self._torch = torch = driver.torch
        self._graph = graph
        self._mode = mode
        self.finish = driver.synchronize()
        device, dtype = driver.device, _dtype(torch, graph.dtype)
        self._filters = _filters(graph)
        with torch.no_grad():
            self._stored = {
                tensor.id: self._zeros(tensor, device, dtype) for tensor in graph.stored
            }
            (self._steps, make_ns) = timing.call_ns(self._make)
            first_ns = self.first_call_ns()
            for tensor in graph.with_role("state"):
                self._stored[tensor.id].zero_()
        self.built = {
            "buildNs": make_ns,
            "firstCallNs": first_ns,
            "steps": self._reported_steps(),
            "deviceBytes": self._device_bytes(),
        }

    def _make(self):
        """Sets `step`: one iteration that leaves its outputs in `self._outputs`."""
        steps = lower(self._graph, _lower_op)
        namespace = {"torch": self._torch, "F": self._torch.nn.functional}
        source = iteration_source(self._graph, steps, self._graph.outputs)
        iteration = define(source, "iteration", namespace)
        arguments = list(self._stored.values())
        self._outputs = outputs = [None]

        def step():
            # Dropped first, so that its memory can be used again.
            outputs[0] = None
            outputs[0] = iteration(*arguments)

        self.step = step
        return steps

    def _reported_steps(self):
        return [step.record() for step in self._steps]

    def _zeros(self, tensor, device, dtype):
        torch = self._torch
        if len(tensor.shape) != 4:
            return torch.zeros(tensor.shape, device=device, dtype=dtype)
        shape = [tensor.shape[axis] for axis in self._to_native(tensor)]
        layout = torch.channels_last
        return torch.empty(shape, device=device, dtype=dtype, memory_format=layout).zero_()

    def _to_native(self, tensor):
        """The axes of a tensor's shape in the order in which PyTorch has them."""
        return (3, 2, 0, 1) if tensor.id in self._filters else (0, 3, 1, 2)

    def _from_native(self, tensor):
        return (2, 3, 1, 0) if tensor.id in self._filters else (0, 2, 3, 1)

    def write(self, tensor, data):
        torch = self._torch
        host = torch.frombuffer(data, dtype=_dtype(torch, files.file_dtype(tensor)))
        host = host.reshape(tensor.shape)
        if len(tensor.shape) == 4:
            host = host.permute(self._to_native(tensor))
        with torch.no_grad():
            self._stored[tensor.id].copy_(host)

    def read(self, tensor):
        torch = self._torch
        value = self._value(tensor.id)
        if value is None:
            raise RequestError("wrong_request", "run an iteration first")
        if len(tensor.shape) == 4:
            value = value.permute(self._from_native(tensor))
        dtype = _dtype(torch, files.file_dtype(tensor))
        return _buffer(value.detach().to("cpu").to(dtype).contiguous())

    def _value(self, tensor_id):
        if tensor_id in self._stored:
            return self._stored[tensor_id]
        outputs = self._outputs[0]
        return None if outputs is None else outputs[self._graph.outputs.index(tensor_id)]

    def _device_bytes(self):
        held = list(self._stored.values()) + list(self._outputs[0] or ())
        return sum(value.numel() * value.element_size() for value in held)

    def close(self):
        self.step = self.many = None
        self._stored.clear()
        self._outputs[0] = None
        if self._driver.device.type == "cuda":
            self._torch.cuda.empty_cache()


def _buffer(tensor):
    """The memory of a contiguous tensor on the CPU; numpy may not be there."""
    memory = (ctypes.c_char * (tensor.numel() * tensor.element_size())).from_address(
        tensor.data_ptr()
    )
    # The tensor must live as long as its memory is looked at.
    memory.owner = tensor
    return memory


def _filters(graph):
    """The tensors that are read by convolutions as filters and by nothing else."""
    found = set()
    for tensor in graph.stored:
        readers = graph.readers(tensor.id)
        only_filter = all(op.kind == "conv2d" and op.inputs[0] != tensor.id for op in readers)
        if readers and only_filter:
            found.add(tensor.id)
    return found


def _lower_op(graph, op):
    kernel, template = _LOWERINGS[op.kind](graph, op)
    return Step([op], kernel, op.inputs, template, in_place=op.kind == "sgd_update")


def _is_image(graph, tensor_id):
    return len(graph.shape(tensor_id)) == 4


def _matmul(graph, op):
    a = "{0}.t()" if op.transpose_a else "{0}"
    b = "{1}.t()" if op.transpose_b else "{1}"
    return "torch.matmul", "torch.matmul(%s, %s)" % (a, b)


def _bias_add(graph, op):
    bias = "{1}.view(-1, 1, 1)" if _is_image(graph, op.inputs[0]) else "{1}"
    return "torch.add", "{0} + " + bias


def _conv2d(graph, op):
    filters = "{1}" if op.inputs[1] in _filters(graph) else "{1}.permute(1, 3, 0, 2)"
    images = "{0}"
    padding = (0, 0)
    if op.padding == "same":
        (top, bottom), (left, right) = same_padding(op, graph)
        if top == bottom and left == right:
            padding = (top, left)
        else:
            images = "F.pad({0}, %r)" % ((left, right, top, bottom),)
    template = "F.conv2d(%s, %s, None, %r, %r)" % (images, filters, op.strides, padding)
    return "torch.nn.functional.conv2d", template


def _max_pool2d(graph, op):
    template = "F.max_pool2d({0}, %r, %r)" % (op.window, op.strides)
    return "torch.nn.functional.max_pool2d", template


def _reshape(graph, op):
    source = "{0}.permute(0, 2, 3, 1)" if _is_image(graph, op.inputs[0]) else "{0}"
    template = source + ".reshape(%r)" % (graph.shape(op.output),)
    if _is_image(graph, op.output):
        template += ".permute(0, 3, 1, 2)"
    return "torch.Tensor.reshape", template


def _softmax(graph, op):
    axis = 1 if _is_image(graph, op.inputs[0]) else -1
    return "torch.softmax", "torch.softmax({0}, %d)" % axis


def _mse_grad(graph, op):
    factor = 2.0 / graph.tensors[op.output].elements
    return "torch.mul", "({0} - {1}) * %r" % factor


_LOWERINGS = {
    "add": lambda graph, op: ("torch.add", "{0} + {1}"),
    "sub": lambda graph, op: ("torch.sub", "{0} - {1}"),
    "mul": lambda graph, op: ("torch.mul", "{0} * {1}"),
    "matmul": _matmul,
    "bias_add": _bias_add,
    "relu": lambda graph, op: ("torch.relu", "torch.relu({0})"),
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "reshape": _reshape,
    "softmax": _softmax,
    "mse_loss": lambda graph, op: ("torch.nn.functional.mse_loss", "F.mse_loss({0}, {1})"),
    "mse_grad": _mse_grad,
    "reduce_sum": lambda graph, op: ("torch.sum", "torch.sum({0}, 0)"),
    "sgd_update": lambda graph, op: (
        "torch.Tensor.sub_",
        "{0}.sub_({1}, alpha=%r)" % op.learning_rate,
    ),
}
