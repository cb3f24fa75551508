"""A fake MLX 0.29 on an M3: numpy computes, `calls` tells what was called."""

import numpy
from scripted import log

__version__ = "0.29.0"
float32, float16, bfloat16, float64 = numpy.float32, numpy.float16, numpy.float32, numpy.float64
gpu, cpu = "gpu", "cpu"


class metal:
    is_available = staticmethod(lambda: True)


def device_info():
    return {"device_name": "Apple M3", "memory_size": 16 * 2**30}


def set_default_device(device):
    log("set_default_device " + device)


class _Array(numpy.ndarray):
    def __add__(self, other):
        log("add")
        return super().__add__(other)


def array(values, dtype):
    return numpy.array(values, dtype).view(_Array)


def zeros(shape, dtype):
    return array(numpy.zeros(shape), dtype)


def reshape(values, shape):
    return values.reshape(shape)


def contiguous(values):
    return numpy.ascontiguousarray(values).view(_Array)


def eval(arrays):
    log("mx.eval")


def compile(function):
    return function
