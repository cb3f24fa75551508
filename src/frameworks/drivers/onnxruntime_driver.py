"""ONNX Runtime: one session, inputs and outputs bound to memory that stays in place."""

import json
import os

from .files import file_dtype
from .onnx_lowering import NEXT, Lowering, from_onnx_axes, onnx_shape, to_onnx_axes
from .program import Program
from .protocol import RequestError, unsupported, wrong_request
from .steps import Step
from .timing import call_ns

#: Kind of device -> execution provider, and where its tensors are held.
_PROVIDERS = {
    "cuda": ("CUDAExecutionProvider", "cuda"),
    "rocm": ("ROCMExecutionProvider", "cuda"),
    "coreml": ("CoreMLExecutionProvider", "cpu"),
    "dml": ("DmlExecutionProvider", "cpu"),
    "cpu": ("CPUExecutionProvider", "cpu"),
}

#: A model is one protobuf message, which ends at 2 GiB: larger weights are passed as inputs.
_MAX_CONSTANT_BYTES = 2**30


class Driver:
    framework = "onnxruntime"

    def __init__(self):
        self.ort = None
        self.kind = None
        self.index = 0
        self.threads = None
        self.tf32 = False

    def load(self):
        import numpy
        import onnxruntime

        self.ort = onnxruntime
        self.numpy = numpy

    def version(self):
        return str(self.ort.__version__)

    def describe(self, threads=None):
        available = self.ort.get_available_providers()
        devices = [
            {
                "kind": kind,
                "index": 0,
                "name": "CPU" if kind == "cpu" else provider,
                "isGpu": kind != "cpu",
                # The CPU has no f64 convolution and few f16 kernels.
                "dtypes": ["f32", "f16"] if kind in ("cuda", "rocm", "dml") else ["f32"],
                "modes": list(self.modes()),
                "tf32": kind == "cuda",
                "details": {"provider": provider},
            }
            for kind, (provider, _) in _PROVIDERS.items()
            if provider in available
        ]
        # Without a number, it takes the physical cores, and does not say how many.
        if threads:
            devices[-1]["threads"] = threads
        answer = {"devices": devices}
        if not any(device["isGpu"] for device in devices):
            answer["whyNoGpu"] = "this build has no provider for a GPU"
        return answer

    def modes(self):
        return ("session",)

    def open(self, kind, index, threads, tf32):
        if kind not in _PROVIDERS:
            raise unsupported("ONNX Runtime has no device kind %s" % kind)
        provider, memory = _PROVIDERS[kind]
        if provider not in self.ort.get_available_providers() or (index and memory == "cpu"):
            message = "this ONNX Runtime has no %s" % provider
            raise RequestError("unavailable", message if index == 0 else message + ":%d" % index)
        self.kind, self.index, self.threads, self.tf32 = kind, index, threads, tf32

    def providers(self):
        """The device's provider; ONNX Runtime adds the CPU's for nodes that it lacks."""
        provider, memory = _PROVIDERS[self.kind]
        if memory != "cuda":
            return [provider]
        options = {"device_id": str(self.index)}
        if self.kind == "cuda":
            options["use_tf32"] = str(int(self.tf32))  # since 1.18; unknown options are an error
        return [(provider, options)]

    def session(self, model, profile_prefix=None):
        ort = self.ort
        options = ort.SessionOptions()
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        if profile_prefix is not None:
            options.enable_profiling = True
            options.profile_file_prefix = profile_prefix
        made = ort.InferenceSession(model, options, providers=self.providers())
        wanted = _PROVIDERS[self.kind][0]
        if wanted not in made.get_providers():
            message = "%s does not start here: the session has %s instead"
            found = ", ".join(made.get_providers())
            raise RequestError("unavailable", message % (wanted, found))
        return made

    def memory(self):
        """(device type, index) of bound tensors."""
        memory = _PROVIDERS[self.kind][1]
        return memory, self.index if memory != "cpu" else 0

    def build(self, graph, mode, folder):
        return SessionProgram(self, graph, folder)

    def programs(self):
        return {}


class SessionProgram(Program):
    """States are held twice: an iteration reads one copy and writes the other."""

    def __init__(self, driver, graph, folder):
        self._driver = driver
        self._graph = graph
        self._folder = folder
        self._dtype = _numpy_dtype(driver.numpy, graph.dtype)
        self._lowering, lower_ns = call_ns(Lowering, graph)
        weights = graph.with_role("weight")
        are_constants = sum(tensor.bytes for tensor in weights) <= _MAX_CONSTANT_BYTES
        #: The weights that are part of the model: what `write` changes needs another session.
        self._constants = (
            {tensor.id: self._zeros(tensor) for tensor in weights} if are_constants else {}
        )
        self._held = {
            tensor.id: self._place(self._zeros(tensor))
            for tensor in graph.stored
            if tensor.id not in self._constants
        }
        self._other = {
            tensor.id: self._place(self._zeros(tensor))
            for tensor in self._lowering.updated_states()
        }
        self._results = {output: self._room(graph.tensors[output]) for output in graph.outputs}
        self._has_run = False
        session_ns = call_ns(self._make)[1]
        first_ns = self.first_call_ns()
        self._has_run = False
        for state in graph.with_role("state"):
            self._held[state.id] = self._place(self._zeros(state))
        self._bind()
        self.built = {
            "buildNs": lower_ns + session_ns,
            "firstCallNs": first_ns,
            "steps": [step.record() for step in self._steps()],
            "deviceBytes": self._held_bytes(),
        }

    def _steps(self):
        kernels = self._lowering.kernels
        return [Step([op], kernels[op.id], op.inputs, "") for op in self._graph.ops]

    def _held_bytes(self):
        graph = self._graph
        twice = self._lowering.updated_states()
        outputs = [graph.tensors[output] for output in graph.outputs]
        return sum(tensor.bytes for tensor in [*graph.stored, *twice, *outputs])

    def _zeros(self, tensor):
        return self._driver.numpy.zeros(onnx_shape(self._graph, tensor), self._dtype)

    def _place(self, array):
        device, index = self._driver.memory()
        return self._driver.ort.OrtValue.ortvalue_from_numpy(array, device, index)

    def _room(self, tensor):
        device, index = self._driver.memory()
        return self._driver.ort.OrtValue.ortvalue_from_shape_and_type(
            onnx_shape(self._graph, tensor), self._dtype, device, index
        )

    def _make(self):
        """The session, with the weights as they are now."""
        constants = {tensor: values.tobytes() for tensor, values in self._constants.items()}
        self._model = self._lowering.model(constants)
        self._session = self._driver.session(self._model)
        self._is_stale = False
        self._bind()

    def _bind(self):
        """`step`: even iterations read `_held` and write `_other`, odd ones the other way."""
        forth = self._binding(self._held, self._other)
        run = self._session.run_with_iobinding
        self._turn = turn = [0]
        if not self._other:
            self.step = lambda: run(forth)
            return
        fixed = {id: value for id, value in self._held.items() if id not in self._other}
        bindings = (forth, self._binding({**fixed, **self._other}, self._held))

        def step():
            at = turn[0]
            run(bindings[at])
            turn[0] = at ^ 1

        self.step = step

    def _binding(self, inputs, states):
        binding = self._session.io_binding()
        for tensor in self._graph.stored:
            if tensor.id not in self._constants:
                binding.bind_ortvalue_input(tensor.id, inputs[tensor.id])
        for output, value in self._results.items():
            binding.bind_ortvalue_output(output, value)
        for state in self._lowering.updated_states():
            binding.bind_ortvalue_output(state.id + NEXT, states[state.id])
        return binding

    def run(self, iterations, latency):
        if self._is_stale:
            self._renew()
        self._has_run = True
        return super().run(iterations, latency)

    def _renew(self):
        self._settle()
        self._make()

    def _settle(self):
        """Brings the latest states to `_held`, where a new binding begins."""
        if self._turn[0]:
            for state in self._lowering.updated_states():
                held, other = self._held[state.id], self._other[state.id]
                self._held[state.id], self._other[state.id] = other, held
            self._turn[0] = 0

    def write(self, tensor, data):
        numpy = self._driver.numpy
        dtype = {"f32": "<f4", "f64": "<f8"}[data.dtype]
        values = numpy.frombuffer(data.data, dtype).reshape(tensor.shape)
        axes = to_onnx_axes(self._graph, tensor)
        if axes is not None:
            values = values.transpose(axes)
        values = numpy.array(values, self._dtype, order="C")
        if tensor.id in self._constants:
            self._constants[tensor.id] = values
            self._is_stale = True
            return
        self._settle()
        self._held[tensor.id] = self._place(values)
        self._bind()

    def read(self, tensor):
        numpy = self._driver.numpy
        values = self._value(tensor)
        axes = from_onnx_axes(self._graph, tensor)
        if axes is not None:
            values = values.transpose(axes)
        return numpy.ascontiguousarray(values, {"f32": "<f4", "f64": "<f8"}[file_dtype(tensor)])

    def _value(self, tensor):
        if tensor.id in self._constants:
            return self._constants[tensor.id]
        if tensor.id in self._results:
            if not self._has_run:
                raise wrong_request("run an iteration first")
            return self._results[tensor.id].numpy()
        is_other = self._turn[0] and tensor.id in self._other
        return (self._other if is_other else self._held)[tensor.id].numpy()

    def _profiled_nodes(self, iterations):
        """[(node, provider, nanoseconds per iteration)] by ONNX Runtime's own profiler."""
        prefix = os.path.join(self._folder, "onnxruntime-profile")
        if self._is_stale:
            self._renew()
        self._settle()
        held = self._session, self._held, self._other, self._results
        try:
            # Copies, so that states and outputs stay as they are.
            self._held, self._other, self._results = (
                {name: self._copy(value) for name, value in values.items()} for values in held[1:]
            )
            self._session = self._driver.session(self._model, prefix)
            self._bind()
            for _ in range(iterations):
                self.step()
            path = self._session.end_profiling()
        finally:
            self._session, self._held, self._other, self._results = held
            self._bind()
        try:
            with open(path, encoding="utf-8") as file:
                return parse_profile(json.load(file), iterations)
        finally:
            os.remove(path)

    def _copy(self, value):
        return self._place(value.numpy().copy())

    def trace(self):
        nodes = self._profiled_nodes(1)
        providers = {provider for _, provider, _ in nodes}
        rows = []
        for step in self._steps():
            op = step.ops[0]
            found = [provider for node, provider, _ in nodes if _belongs(node, op.id)]
            row = {"op": op.id, "kernel": step.kernel}
            if found:
                row["evidence"] = "observed_per_op"
                row["placed"] = self._placed(found)
            elif len(providers) == 1:
                # The op was fused into another node or folded, but everything ran there.
                row["evidence"] = "observed_per_run"
                row["placed"] = self._placed(providers)
            else:
                row["evidence"] = "assumed"
                row["placed"] = self._driver.kind
            if row["placed"] != self._driver.kind:
                row["reason"] = "assigned to " + ", ".join(sorted(set(found)))
            rows.append(row)
        return {"ops": rows, "warnings": []}

    def _placed(self, providers):
        """Where all of these providers are; the CPU as soon as one of them is."""
        wanted = _PROVIDERS[self._driver.kind][0]
        return self._driver.kind if set(providers) == {wanted} else "cpu"

    def profile(self, iterations):
        nodes = self._profiled_nodes(iterations)
        times = []
        for step in self._steps():
            own = [ns for node, _, ns in nodes if _belongs(node, step.ops[0].id)]
            times.append({**step.record(), "wallNs": sum(own)})
        return times

    def close(self):
        self.step = None
        self._session = None
        for held in (self._held, self._other, self._results, self._constants):
            held.clear()


def _numpy_dtype(numpy, dtype):
    if dtype == "bf16":
        raise unsupported("numpy, which carries ONNX Runtime's tensors, has no bf16")
    return {"f32": numpy.float32, "f16": numpy.float16, "f64": numpy.float64}[dtype]


def _belongs(node, op_id):
    """Whether a node is one of an op: `conv`, `conv/transpose`, or one that was made of it."""
    return node == op_id or node.startswith(op_id + "/") or node.startswith(op_id + "_")


def parse_profile(events, iterations):
    """[(node, provider, nanoseconds per iteration)] of a profile of ONNX Runtime, in order."""
    suffix = "_kernel_time"
    nodes = {}
    for event in events:
        name = event.get("name", "")
        if event.get("cat") != "Node" or not name.endswith(suffix):
            continue
        key = (name[: -len(suffix)], event.get("args", {}).get("provider", ""))
        nodes[key] = nodes.get(key, 0) + event.get("dur", 0) * 1000
    return [(node, provider, total / iterations) for (node, provider), total in nodes.items()]
