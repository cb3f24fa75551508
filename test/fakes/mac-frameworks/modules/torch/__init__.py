"""A fake PyTorch 2.9 on a Mac with MPS: numpy computes, `calls` tells what was called."""

import contextlib
import warnings

import numpy
from scripted import SCRIPT, log

from . import nn  # noqa: F401

__version__ = "2.9.0"
float32, float16, bfloat16, float64 = "float32", "float16", "bfloat16", "float64"
channels_last = contiguous_format = None
_NUMPY = {float32: "f4", float16: "f2", bfloat16: "f4", float64: "f8"}


class device:
    def __init__(self, type, index=None):
        self.type, self.index = type, index


_CPU = device("cpu")


class Tensor:
    def __init__(self, values, where=_CPU):
        where = device(where) if isinstance(where, str) else where
        if where.type == "mps" and values.dtype == numpy.float64:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64.")
        self.values, self.device = values, where

    def __add__(self, other):
        log("add on " + self.device.type)
        if self.device.type == "mps" and SCRIPT.get("fallback"):
            warnings.warn(
                "The operator 'aten::add.Tensor' is not currently supported on the MPS backend and will "
                "fall back to run on the CPU. This may have performance implications.",
                stacklevel=2,
            )
        return self._like(self.values + other.values)

    def _like(self, values):
        return Tensor(values, self.device)

    def __matmul__(self, other):
        return self._like(self.values @ other.values)

    def __getitem__(self, key):
        return self._like(self.values[key])

    def __float__(self):
        return float(self.values)

    def reshape(self, *shape):
        return self._like(self.values.reshape(*shape))

    def zero_(self):
        self.values[...] = 0
        return self

    def copy_(self, other):
        self.values[...] = other.values
        return self

    def clone(self):
        return self._like(self.values.copy())

    def detach(self):
        return self

    def contiguous(self):
        return self._like(numpy.ascontiguousarray(self.values))

    def cpu(self):
        return Tensor(self.values)

    def tolist(self):
        return self.values.tolist()

    def to(self, what):
        if what == "cpu":
            return self.cpu()
        return self._like(self.values.astype(_NUMPY[what])) if isinstance(what, str) else Tensor(self.values, what)

    def numel(self):
        return self.values.size

    def element_size(self):
        return self.values.itemsize

    def data_ptr(self):
        return self.values.ctypes.data


def _filled(value, shape, device, dtype):
    return Tensor(numpy.full(shape, value, _NUMPY[dtype]), device)


def ones(*shape, device, dtype):
    return _filled(1, shape, device, dtype)


def zeros(shape, device, dtype):
    return _filled(0, shape, device, dtype)


def tensor(values, device):
    return Tensor(numpy.array(values, "f4"), device)


def frombuffer(data, dtype):
    return Tensor(numpy.frombuffer(data, _NUMPY[dtype]))


def add(a, b):
    return a + b


def relu(x):
    return x


def softmax(x, axis):
    return x._like(x.values / x.values.sum(axis, keepdims=True))


def sum(x, axis):
    return x._like(x.values.sum(axis))


class cuda:
    is_available = staticmethod(lambda: False)
    synchronize = staticmethod(lambda: log("torch.cuda.synchronize"))


class mps:
    synchronize = staticmethod(lambda: log("torch.mps.synchronize"))


class backends:
    class mps:
        is_available = is_built = staticmethod(lambda: True)

    class cudnn:
        benchmark = allow_tf32 = False


class version:
    cuda = hip = None


class linalg:
    @staticmethod
    def eigvals(x):
        raise NotImplementedError(
            "The operator 'aten::_linalg_eigvals' is not currently implemented for the MPS device."
        )


def compile(function, **_):
    return function


no_grad = contextlib.nullcontext
set_grad_enabled = set_warn_always = set_float32_matmul_precision = set_num_threads = lambda _: None
is_warn_always_enabled = lambda: False  # noqa: E731
get_num_threads = lambda: 8  # noqa: E731
