"""PyTorch: eager, eager into preallocated outputs, torch.compile, and CUDA graphs."""

import ctypes
import re

from . import pytorch_programs, pytorch_trace
from .files import file_dtype
from .program import Program, whole
from .protocol import RequestError, unsupported, wrong_request
from .pytorch_lowering import Layout, fuse, preallocate
from .steps import define, iteration_source, lower, step_source, unpacked
from .timing import call_ns, group_ns

#: Iterations of one CUDA graph in the mode `graph-many`.
ITERATIONS_PER_GRAPH = 64

#: Runs before a capture: libraries choose kernels and allocate workspaces in the first ones.
_RUNS_BEFORE_CAPTURE = 3


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

    def describe(self, threads=None):
        torch = self.torch
        devices = [self._device("cpu", 0, "CPU", False, self._cpu_dtypes())]
        devices[0]["threads"] = threads or torch.get_num_threads()
        why = "this build has neither MPS nor CUDA"
        if torch.cuda.is_available():
            for index in range(torch.cuda.device_count()):
                properties = torch.cuda.get_device_properties(index)
                dtypes = ["f32", "f16", "bf16", "f64"]
                device = self._device("cuda", index, properties.name, True, dtypes)
                device["memoryBytes"] = int(properties.total_memory)
                # TF32 is NVIDIA's, since compute capability 8.0.
                device["tf32"] = bool(torch.version.cuda) and properties.major >= 8
                device["details"] = {
                    "computeCapability": "%d.%d" % (properties.major, properties.minor)
                }
                devices.append(device)
        elif _cuda_build(torch):
            why = "CUDA: " + _why_no_cuda(torch)
        mps = getattr(torch.backends, "mps", None)
        if mps is not None and mps.is_available():
            # Metal has no f64; bf16 needs macOS 14, and a build says so.
            dtypes = ["f32", "f16"] + (["bf16"] if self._computes("mps", "bf16") else [])
            devices.append(self._device("mps", 0, "Apple GPU", True, dtypes))
        elif mps is not None and mps.is_built():
            why = "MPS: macOS is too old for this build, or there is no Metal device"
        answer = {"devices": devices}
        if len(devices) == 1:
            answer["whyNoGpu"] = why
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
        modes = ["eager", "out"]
        if hasattr(self.torch, "compile"):  # since 2.0
            modes += ["compile", "max-autotune"]
        if kind == "cuda" and hasattr(self.torch.cuda, "CUDAGraph"):  # since 1.10
            modes += ["graph", "graph-many"]
        return modes

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
        return pytorch_programs.programs(self)

    def try_missing_op(self):
        return pytorch_trace.try_missing_op(self.torch, self.device)


def _cuda_build(torch):
    """`CUDA 12.8`, `ROCm 6.4`, or None for a build for the CPU."""
    if torch.version.cuda:
        return "CUDA " + torch.version.cuda
    hip = getattr(torch.version, "hip", None)
    return "ROCm " + hip if hip else None


def _why_no_cuda(torch):
    """The first sentence of what PyTorch itself says."""
    try:
        torch.cuda.init()
    except Exception as error:
        return re.split(r"[.\n]", str(error))[0]
    return "no CUDA device"


def _dtype(torch, name):
    return {
        "f32": torch.float32,
        "f16": torch.float16,
        "bf16": torch.bfloat16,
        "f64": torch.float64,
    }[name]


def _allow_tf32(torch, allowed):
    """f32 means f32 unless TF32 was asked for: by default cuDNN uses it and cuBLAS does not."""
    if hasattr(torch, "set_float32_matmul_precision"):  # since 1.12
        torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


#: Modes in which the layout of images is the program's own choice.
_LAYOUT_MATTERS = ("eager", "out", "graph", "graph-many")

#: How long each layout is tried, and how often at most. What a first call does once is next to nothing in one that
#: takes ten times as long.
_TRIAL_NS = 20_000_000
_MOST_TRIALS = 300

#: Modes whose iteration is one step, and what that is called.
_WHOLE = {
    "compile": "torch.compile",
    "max-autotune": "torch.compile(mode='max-autotune')",
    "graph": "torch.cuda.CUDAGraph",
    "graph-many": "torch.cuda.CUDAGraph",
}


class TorchProgram(Program):
    """One graph in one mode, in the memory layout that is faster for it."""

    def __init__(self, driver, graph, mode):
        self._driver = driver
        self._torch = torch = driver.torch
        self._graph = graph
        self._mode = mode
        self._is_cuda = driver.device.type == "cuda"
        self._dtype = _dtype(torch, graph.dtype)
        self.finish = driver.synchronize()
        self._outputs = [None]
        self._marks = None
        if self._is_cuda:
            self._begin, self._end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            self._marks = (self._begin.record, self._end.record)
        # Of all modes, only eager is how most people run it, with cuDNN's own first choice.
        torch.backends.cudnn.benchmark = mode != "eager"
        with torch.no_grad():
            times = self._prepare_fastest()
        self.calls = 1 if mode in _WHOLE else len(self._steps)
        self.built = {
            **times,
            "steps": self._reported_steps(),
            "deviceBytes": self._device_bytes(),
        }

    def _prepare_fastest(self):
        """PyTorch has two layouts; on the CPU, one can be twice as fast as the other."""
        layouts = [Layout(self._torch, self._graph, channels_last=False)]
        has_images = any(len(tensor.shape) == 4 for tensor in self._graph.tensors.values())
        # Compilers choose layouts themselves, and take long. Few people use channels_last on MPS.
        if has_images and self._mode in _LAYOUT_MATTERS and self._driver.device.type != "mps":
            layouts.append(Layout(self._torch, self._graph, channels_last=True))
        if len(layouts) == 1:
            return self._prepare(layouts[0])
        trials = []
        for layout in layouts:
            self._release()
            prepared = self._prepare(layout)
            trials.append(self._trial_ns(prepared["firstCallNs"]))
        if trials[-1] <= min(trials):
            return prepared
        self._release()
        return self._prepare(layouts[trials.index(min(trials))])

    def _trial_ns(self, first_ns):
        times = [first_ns] if first_ns > 10 * _TRIAL_NS else []
        while len(times) < _MOST_TRIALS and sum(times) < _TRIAL_NS:
            times.append(self._group_ns(self.step, 1))
        return min(times)

    def _prepare(self, layout):
        """Makes everything in a layout; returns what it took."""
        where = {"device": self._driver.device, "dtype": self._dtype}
        self._layout = layout
        self._steps = lower(self._graph, layout.lower_op, fuse)
        self._stored = {t.id: layout.zeros(t, **where) for t in self._graph.stored}
        self._rooms = {}
        if self._mode == "out":
            self._rooms = preallocate(
                self._graph, self._steps, lambda tensor: layout.zeros(tensor, **where)
            )
        build_ns = call_ns(self._make)[1]
        first_ns = self.first_call_ns()
        for state in self._states():
            self._stored[state].zero_()
        return {"buildNs": build_ns, "firstCallNs": first_ns}

    def _release(self):
        self.step = self.many = self._graph_of_one = self._graph_of_many = None
        self._outputs_of_one = self._outputs_of_many = None
        self._outputs[0] = None
        self._stored = {}
        self._rooms = {}

    def _reported_steps(self):
        if self._mode in _WHOLE:
            return whole(self._steps, _WHOLE[self._mode])
        return [step.record() for step in self._steps]

    def _namespace(self):
        return {"torch": self._torch, "F": self._torch.nn.functional, **self._rooms}

    def _make(self):
        """Sets `step`: one iteration that leaves its outputs in `self._outputs`."""
        source = iteration_source(self._graph, self._steps, self._graph.outputs)
        iteration = self._compile(define(source, "iteration", self._namespace()))
        arguments, outputs = list(self._stored.values()), self._outputs

        def step():
            # Dropped first, so that its memory can be used again.
            outputs[0] = None
            outputs[0] = iteration(*arguments)

        self.step = step
        self._outputs_of_many = None
        if self._mode in ("graph", "graph-many") or (
            self._mode == "max-autotune" and self._is_cuda
        ):
            self._capture(step)

    def _compile(self, iteration):
        torch = self._torch
        if self._mode == "compile":
            return torch.compile(iteration, dynamic=False)
        if self._mode == "max-autotune":
            # Its own CUDA graphs copy every input and skip updates in place: ours do neither.
            mode = "max-autotune-no-cudagraphs" if self._is_cuda else "max-autotune"
            return torch.compile(iteration, dynamic=False, mode=mode)
        return iteration

    def _capture(self, step):
        torch = self._torch
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_RUNS_BEFORE_CAPTURE):
                step()
        torch.cuda.current_stream().wait_stream(stream)
        if self._mode == "graph-many":
            self._graph_of_many = self._captured(step, ITERATIONS_PER_GRAPH)
            self._outputs_of_many = self._outputs[0]
            self.many, self.per_call = self._graph_of_many.replay, ITERATIONS_PER_GRAPH
        # The graph of one comes last: `read` finds its outputs.
        self._graph_of_one = self._captured(step, 1)
        self._outputs_of_one = self._outputs[0]
        self.step = self._graph_of_one.replay

    def _captured(self, step, iterations):
        captured = self._torch.cuda.CUDAGraph()
        with self._torch.cuda.graph(captured):
            for _ in range(iterations):
                step()
        return captured

    def run(self, iterations, latency):
        wall_ns = self._group_ns(self.step, iterations, latency, self.many, self.per_call)
        if self._outputs_of_many is not None:
            ended_with_many = not latency and iterations % self.per_call == 0
            self._outputs[0] = self._outputs_of_many if ended_with_many else self._outputs_of_one
        return {"wallNs": wall_ns, **self._device_ns()}

    def _group_ns(self, step, iterations, latency=False, many=None, per_call=1):
        return group_ns(step, self.finish, iterations, latency, many, per_call, self._marks)

    def _device_ns(self):
        """Between the marks of the group that ran last, by the clock of the GPU."""
        if not self._is_cuda:
            return {}
        self._end.synchronize()
        return {"deviceNs": round(self._begin.elapsed_time(self._end) * 1e6)}

    def snapshot(self):
        made, outputs = self._outputs[0], self._latest_outputs().values()
        values = {id: self._stored[id].clone() for id in self._states()}
        kept = [value.clone() for value in outputs]

        def restore():
            for state, value in values.items():
                self._stored[state].copy_(value)
            # In place: graphs write to these very tensors.
            for output, value in zip(outputs, kept):
                output.copy_(value)
            self._outputs[0] = made

        return restore

    def _states(self):
        return [tensor.id for tensor in self._graph.with_role("state")]

    def run_steps(self, visit):
        """Runs each step by itself, one after the other, eagerly: `visit(step, function, arguments)` returns its result."""
        values = dict(self._stored)
        values.update({state: self._stored[state].clone() for state in self._states()})
        # Steps write over the outputs where these are preallocated.
        restore = self.snapshot() if self._rooms else lambda: None
        for step in self._steps:
            function = define(step_source(step), "step", self._namespace())
            arguments = [values[tensor] for tensor in step.inputs]
            result = visit(step, function, arguments)
            if not step.in_place:
                values[step.output] = result
        restore()

    def profile(self, iterations):
        if self._mode in _WHOLE:
            return self.profile_whole(iterations)
        times = []

        def visit(step, function, arguments):
            def once():
                return function(*arguments)

            result = once()
            wall_ns = self._group_ns(once, iterations) / iterations
            device = {name: ns / iterations for name, ns in self._device_ns().items()}
            times.append({**step.record(), "wallNs": wall_ns, **device})
            return result

        self.run_steps(visit)
        return times

    def trace(self):
        if self._mode in _WHOLE:
            return pytorch_trace.trace_whole(self._torch, self, self._graph, _WHOLE[self._mode])
        return pytorch_trace.trace_steps(self._torch, self.run_steps, self._driver.device)

    def device_types(self):
        """Types of the devices that hold the outputs and the states."""
        held = [self._stored[state] for state in self._states()]
        held += self._latest_outputs().values()
        return {value.device.type for value in held}

    def write(self, tensor, data):
        torch = self._torch
        host = torch.frombuffer(data.data, dtype=_dtype(torch, data.dtype))
        host = self._layout.from_host(tensor, host.reshape(tensor.shape))
        with torch.no_grad():
            self._stored[tensor.id].copy_(host)

    def read(self, tensor):
        torch = self._torch
        value = self._value(tensor.id)
        if value is None:
            raise wrong_request("run an iteration first")
        value = self._layout.to_host(tensor, value)
        dtype = _dtype(torch, file_dtype(tensor))
        return _buffer(value.detach().to("cpu").to(dtype).contiguous())

    def _value(self, tensor_id):
        if tensor_id in self._stored:
            return self._stored[tensor_id]
        return self._latest_outputs().get(tensor_id)

    def _latest_outputs(self):
        """Tensors by id; none before the first iteration."""
        made, outputs = self._outputs[0], self._graph.outputs
        return {} if made is None else dict(zip(outputs, unpacked(made, len(outputs))))

    def _device_bytes(self):
        held = list(self._stored.values()) + list(self._latest_outputs().values())
        return sum(value.numel() * value.element_size() for value in held)

    def close(self):
        self._release()
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
