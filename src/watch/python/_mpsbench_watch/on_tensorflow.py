"""TensorFlow: eager ops, the graphs of tf.function (Keras's too), reads, and tf.data's iterators.

Every eager op and every call of a graph goes through one of two functions of the C library's binding.
Where TensorFlow places the nodes of a graph is read from the graph that it has placed and optimized,
when the graph runs for the first time.
"""

import importlib
import sys

from . import recorder, report, windows
from .frames import is_called_by_library, user_place
from .patching import clock, each, observe, replace

_SMALL_BATCH = 16

#: Nodes that only carry values, and those of a graph's own control.
_PLUMBING = set(
    """_Arg _Retval _Send _Recv _HostSend _HostRecv Const Identity IdentityN NoOp ReadVariableOp
    VarHandleOp Enter Exit Merge Switch NextIteration LoopCond Cast Placeholder""".split()
)

#: Nodes that update a variable: a graph with one of them is a training step. Setting variables
#: (AssignVariableOp) is none: graphs that only do that initialize them.
_UPDATES = ("AssignSub", "AssignAdd", "ResourceApply", "ResourceSparseApply", "ResourceScatter")

_MAX_GRAPHS = 1000


def patch(tensorflow, import_ns):
    framework, window = windows.of("tensorflow", tensorflow.__version__, import_ns)
    report.hook_process_end()
    hook = Hook(tensorflow, framework, window)
    each(
        "tensorflow",
        hook.watch_ops,
        hook.watch_reads,
        hook.watch_iterators,
        hook.watch_devices,
        hook.note_build,
    )
    report.before_report(hook.ask)


class Hook:
    def __init__(self, tensorflow, framework, window):
        self.tensorflow = tensorflow
        self.framework = framework
        self.windows = window
        self.context = importlib.import_module("tensorflow.python.eager.context")
        self.ops = importlib.import_module("tensorflow.python.framework.ops")
        self.dtypes = importlib.import_module("tensorflow.python.framework.dtypes")
        self.iterators = importlib.import_module("tensorflow.python.data.ops.iterator_ops")
        #: name of a graph's function -> ({(op, device, dtype): calls}, whether it is a step)
        self.graphs = {}

    # Ops.

    def watch_ops(self):
        binding = importlib.import_module("tensorflow.python.pywrap_tfe")
        replace(binding, "TFE_Py_FastPathExecute", lambda run: self._counting(run, 1, 3))
        replace(binding, "TFE_Py_Execute", lambda run: self._counting(run, 2, 3))
        replace(binding, "TFE_Py_ExecuteCancelable", lambda run: self._counting(run, 2, 3))

    def _counting(self, run, op_at, inputs_at):
        """`run(context, ..., op, ..., inputs)` returns a tensor, a list of them, or None."""
        window, graphs, count = self.windows, self.graphs, self._count

        def execute(*args, **kwargs):
            op = args[op_at]
            if op not in graphs and not window.is_open and op[:2] != "__":
                return run(*args, **kwargs)
            if op[:2] == "__":
                return self._call_graph(run, op, args, kwargs)
            begin = clock()
            result = run(*args, **kwargs)
            end = clock()
            try:
                count(op, result, args[inputs_at:], end - begin)
                cost = clock() - end
                window.op(cost)
                recorder.spent(cost)
            except Exception as error:
                recorder.fault("tensorflow op", error)
            return result

        return execute

    def _count(self, op, result, inputs, ns):
        tensor = _first_tensor(self.ops.EagerTensor, result)
        if tensor is None:
            tensor = _first_tensor(self.ops.EagerTensor, inputs)
        if tensor is None:
            return
        device, dtype = _short(tensor.device), tensor.dtype.name
        is_new = (op, device, dtype) not in self.framework.ops
        self.framework.op(op, device, dtype, 1, ns if device.startswith("CPU") else None)
        if is_new and op not in _PLUMBING and dtype in ("float64", "complex128"):
            text = "%s computes in %s on %s." % (op, dtype, device)
            self.framework.note("float64", text, user_place(4))

    def _call_graph(self, run, name, args, kwargs):
        known = self.graphs.get(name)
        is_collecting, result = False, None
        try:
            if known is None and self.framework.counted != "off" and self._may_collect():
                self.context.context().enable_graph_collection()
                is_collecting = True
        except Exception as error:
            recorder.fault("tensorflow graph", error)
        try:
            result = run(*args, **kwargs)
        finally:
            if is_collecting:
                self._collected(name, result)
        try:
            self._called(name)
        except Exception as error:
            recorder.fault("tensorflow graph", error)
        return result

    def _may_collect(self):
        """Unless the program itself traces its graphs (tf.summary.trace_on)."""
        summary = sys.modules.get("tensorflow.python.ops.summary_ops_v2")
        is_traced = getattr(summary, "_current_trace_context", None) is not None
        return not is_traced and len(self.graphs) < _MAX_GRAPHS

    def _collected(self, name, result):
        """Reads where the nodes of a graph were placed. `result`: what it returned, None if it failed."""
        begin = clock()
        try:
            context = self.context.context()
            metadata = context.export_run_metadata()
            context.disable_graph_collection()
            ops, is_step = {}, False
            for graphs in metadata.function_graphs:
                for graph in graphs.partition_graphs:
                    is_step |= self._count_nodes(graph.node, graph.library, ops)
            function = context.get_function_def(name)
            if "_XlaMustCompile" in function.attr and function.attr["_XlaMustCompile"].b:
                # XLA runs it as a whole, where its results are.
                tensor = _first_tensor(self.ops.EagerTensor, result)
                device = "CPU:0" if tensor is None else tensor.device
                is_step |= self._count_nodes(function.node_def, None, ops, device)
            self.graphs[name] = ops, is_step
            doubles = sorted({op for op, _, dtype in ops if dtype in ("float64", "complex128")})
            if doubles:
                text = "A graph computes in float64: %s." % ", ".join(doubles)
                self.framework.note("float64", text, user_place(5))
        except Exception as error:
            recorder.fault("tensorflow graph", error)
        recorder.spent(clock() - begin)

    def _count_nodes(self, graph, library, ops, device=None):
        """Adds nodes to `ops`. `device`: where all of them run, if they do not say.

        @returns whether one of them updates a variable
        """
        functions = {one.signature.name: one for one in library.function} if library else {}
        is_step = False
        nodes = [(node, device or node.device) for node in graph]
        entered = set()
        while nodes:
            node, device = nodes.pop()
            inner = node.attr["f"].func.name if "f" in node.attr else None
            if inner and inner not in entered:
                # Called as a whole (XLA): its nodes run where the call runs.
                entered.add(inner)
                function = functions.get(inner) or self.context.context().get_function_def(inner)
                nodes += [(one, device) for one in function.node_def]
            if inner:
                continue
            is_step |= node.op.startswith(_UPDATES)
            if node.op in _PLUMBING:
                continue
            kind = node.attr["T"].type if "T" in node.attr else node.attr["dtype"].type
            dtype = self.dtypes.as_dtype(kind).name if kind else None
            key = node.op, _short(device), dtype
            ops[key] = ops.get(key, 0) + 1
        return is_step

    def _called(self, name):
        ops, is_step = self.graphs.get(name, ({}, False))
        begin = clock()
        if self.windows.is_open:
            for (op, device, dtype), times in ops.items():
                self.framework.op(op, device, dtype, times)
        if is_step:
            self.windows.step()
        else:
            self.windows.poll()
        recorder.spent(clock() - begin)
        report.tick()

    # Reads that wait for the device.

    def watch_reads(self):
        kind = self.ops._EagerTensorBase
        for name, how in _READS.items():
            observe(kind, name, self._after_read(how), _device_of_first)

    def _after_read(self, how):
        is_copy = how in (".numpy()", "numpy.asarray()")

        def after(device, result, ns, args, kwargs):
            if device is None or (device.startswith("CPU") and is_called_by_library(4)):
                return  # Libraries read small tensors of the CPU all the time, which costs nothing.
            size = None
            if is_copy and not device.startswith("CPU"):
                size = getattr(result, "nbytes", None)
            direction = "device-to-host" if is_copy else "synchronize"
            self.framework.transfer(direction, how, device, user_place(4), ns, size)
            self.windows.poll()

        return after

    # Data.

    def watch_iterators(self):
        def after(_, batch, ns, args, kwargs):
            if not self.context.executing_eagerly():
                return
            place = user_place(4)
            self.framework.wait("tf.data", "", place, ns)
            first = _first_tensor(self.ops.EagerTensor, batch)
            size = first.shape[0] if first is not None and first.shape.rank else None
            if size is not None and size <= _SMALL_BATCH and self.framework.steps < 50:
                self.framework.note("small-batch", "batches of %d from tf.data" % size, place)

        observe(self.iterators.OwnedIterator, "__next__", after)

    # What the script and TensorFlow say.

    def watch_devices(self):
        def chosen(_, result, ns, args, kwargs):
            name = str(args[0]) if args else ""
            if "CPU" in name.upper():
                text = "tf.device(%r) chooses the CPU." % name
                self.framework.note("cpu-device-in-script", text, user_place(4))

        def hidden(_, result, ns, args, kwargs):
            devices = args[0] if args else kwargs.get("devices")
            kind = args[1] if len(args) > 1 else kwargs.get("device_type")
            if not devices and kind == "GPU":
                text = "tf.config.set_visible_devices hides all GPUs."
                self.framework.note("cpu-device-in-script", text, user_place(4))

        observe(self.tensorflow, "device", chosen)
        observe(self.tensorflow.config, "set_visible_devices", hidden)

    def note_build(self):
        build = self.tensorflow.sysconfig.get_build_info()
        is_for_gpu = build.get("is_cuda_build") or build.get("is_rocm_build")
        if sys.platform.startswith("linux") and not is_for_gpu:
            text = "TensorFlow %s is a build for the CPU." % self.tensorflow.__version__
            self.framework.note("cpu-only-build", text)

    def ask(self):
        self.windows.settle()
        # Once TensorFlow has started, this only reads a list.
        if getattr(self.context.context(), "_initialized", False):
            for device in self.tensorflow.config.list_physical_devices("GPU"):
                self.framework.available[device.name.split("physical_device:")[-1]] = True


_READS = {
    "numpy": ".numpy()",
    "__array__": "numpy.asarray()",
    "__bool__": "bool()",
    "__nonzero__": "bool()",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
    "__index__": "__index__()",
    "__repr__": "print()",
    "__str__": "print()",
    "__format__": "format()",
}


def _device_of_first(args, kwargs):
    return _short(args[0].device)


_device_names = {}


def _short(device):
    """`GPU:0` of `/job:localhost/replica:0/task:0/device:GPU:0`."""
    name = _device_names.get(device)
    if name is None:
        name = _device_names[device] = device.rsplit("device:", 1)[-1].lstrip("/").upper() or "CPU:0"
    return name


def _first_tensor(kind, value):
    if isinstance(value, kind):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            found = _first_tensor(kind, one)
            if found is not None:
                return found
    return None
