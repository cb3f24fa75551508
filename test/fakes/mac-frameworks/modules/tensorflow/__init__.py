"""A fake TensorFlow 2.18 with tensorflow-metal: numpy computes, `calls` tells what was called."""

import types

import numpy
from scripted import SCRIPT, log

__version__ = "2.18.1"
float32, float16, bfloat16, float64 = numpy.float32, numpy.float16, numpy.float32, numpy.float64
_PLACE = "/job:localhost/replica:0/task:0/device:%s:0"
_visible = {"GPU": True}
#: Names of the nodes of the graph that is being built; None while ops run.
_nodes = None


class Tensor:
    def __init__(self, values, name="Const"):
        self._values = numpy.asarray(values)
        self.device = _PLACE % ("GPU" if _visible["GPU"] else "CPU")
        self.op = name

    def numpy(self):
        return self._values


class Variable(Tensor):
    def __init__(self, initial, trainable=True):
        super().__init__(initial.numpy())

    def assign(self, value):
        self._values = value.numpy()

    def read_value(self):
        return Tensor(self._values)


def zeros(shape, dtype):
    return Tensor(numpy.zeros(shape, dtype))


def constant(values):
    return Tensor(values)


def cast(tensor, dtype):
    return Tensor(tensor.numpy().astype(dtype))


def add(a, b, name=None):
    if _nodes is None:
        log("add")
    else:
        _nodes.append(name)
    return Tensor(a.numpy() + b.numpy(), name)


def function(called, autograph=True, jit_compile=None):
    if jit_compile:
        raise ValueError("Metal has no XLA")
    called.get_concrete_function = lambda *_: None
    return called


class Graph:
    def __enter__(self):
        global _nodes
        self.nodes = _nodes = []

    def __exit__(self, *_):
        global _nodes
        _nodes = None

    def as_default(self):
        return self

    def get_operation_by_name(self, name):
        return name


class _Session:
    def __init__(self, graph):
        self._graph = graph

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, fetched, feeds=None, options=None, metadata=None):
        if metadata is None:
            return
        place = _PLACE % ("CPU" if SCRIPT.get("fallback") else "GPU")
        nodes = [
            types.SimpleNamespace(node_name=name, timeline_label="%s = AddV2(a, b)" % name)
            for name in self._graph.nodes
        ]
        metadata.step_stats.dev_stats = [types.SimpleNamespace(device=place, node_stats=nodes)]


class compat:
    class v1:
        Session = _Session
        global_variables_initializer = staticmethod(lambda: None)

        class RunOptions:
            FULL_TRACE = 3

            def __init__(self, trace_level):
                pass

        class RunMetadata:
            def __init__(self):
                self.step_stats = types.SimpleNamespace(dev_stats=[])


class test:
    is_built_with_cuda = is_built_with_rocm = staticmethod(lambda: False)

    class experimental:
        sync_devices = staticmethod(lambda: log("tf.test.experimental.sync_devices"))


class config:
    @staticmethod
    def list_physical_devices(kind):
        return [types.SimpleNamespace(name="/physical_device:%s:0" % kind, device_type=kind)]

    @staticmethod
    def set_visible_devices(devices, kind):
        _visible[kind] = len(devices) > 0

    class experimental:
        set_memory_growth = staticmethod(lambda device, on: log("set_memory_growth"))
        enable_tensor_float_32_execution = staticmethod(lambda on: None)
        get_device_details = staticmethod(lambda device: {"device_name": "METAL"})

    class threading:
        set_intra_op_parallelism_threads = staticmethod(lambda count: None)
