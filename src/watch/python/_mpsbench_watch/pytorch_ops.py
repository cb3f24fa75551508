"""Counts PyTorch's ops where they are dispatched: forward, backward and optimizer, every device.

A dispatch mode belongs to a thread. Backward passes carry it to autograd's own threads; threads
that the program starts join at their first hooked call.
"""

import _thread
import ctypes
import threading
import time

from . import patching, recorder
from .frames import user_place

_clock = time.perf_counter_ns

#: From one op's Python to the next, what the hook cannot time: the way through the dispatcher.
_DISPATCH_NS = 4_000

#: Tries to leave the mode after one op; there is another op to try again.
_MOST_PENDING = 300

#: Ops that compute nothing.
_PLUMBING = {"aten::" + name for name in (
    "detach", "alias", "view", "_unsafe_view", "t", "transpose", "permute", "expand", "slice",
    "select", "unsqueeze", "squeeze", "as_strided", "reshape", "lift_fresh", "_to_copy", "copy_",
    "clone", "empty", "empty_like", "empty_strided", "new_empty_strided", "split", "unbind",
    "_local_scalar_dense", "resize_", "set_", "_reshape_alias", "split_with_sizes", "diagonal",
)}  # fmt: skip

#: Ops whose result's size or value the CPU must know: it waits for the device.
_SYNCHRONISING = {
    "aten::nonzero",
    "aten::masked_select",
    "aten::_local_scalar_dense",
    "aten::unique_dim",
    "aten::_unique2",
    "aten::equal",
}


class Counter:
    """Enters and leaves a dispatch mode in each thread as the windows open and close."""

    def __init__(self, torch, framework, windows):
        self._torch = torch
        self._framework = framework
        self._windows = windows
        self._threads = _thread._local()
        self._modes = None
        self._make_mode = None
        self._pending = None
        if framework.counted == "off":
            return
        try:
            from torch.utils import _python_dispatch as modes
        except ImportError:  # before 1.13
            windows.end("this PyTorch is too old")
            return
        if not hasattr(modes, "_get_current_dispatch_mode"):
            windows.end("this PyTorch has no way to ask for the dispatch mode")
            return
        self._modes = modes
        self._make_mode = _mode_class(torch, modes.TorchDispatchMode, self)

    def settle(self):
        """Enters or leaves the mode of this thread, where that is possible now."""
        is_on = getattr(self._threads, "mode", None)
        if self._windows.is_open:
            if is_on is None and self._make_mode is not None and not self._is_tracing():
                mode = self._make_mode()
                mode.__enter__()
                self._threads.mode = mode
        elif is_on is not None and self._modes._get_current_dispatch_mode() is is_on:
            is_on.__exit__(None, None, None)
            self._threads.mode = None

    def _is_tracing(self):
        """Whether a program's own mode is on: ours belongs below all others."""
        return self._modes._get_current_dispatch_mode() is not None

    def stop(self, why):
        self._windows.end(why)
        if self._modes is not None:
            self.settle()

    def leave_soon(self):
        """The window has closed amid ops: leaves the mode between two lines of the program.

        Python runs pending calls in the main thread between instructions: the first ones come while
        PyTorch is still in the mode's own function, where the mode is not on.
        """
        if self._pending is not None or threading.current_thread() is not threading.main_thread():
            return
        if hasattr(self._modes, "_TorchDispatchStackMode"):
            return  # 1.13 keeps its stack in Python: a mode must not go while one is at work.
        left = [_MOST_PENDING]

        def leave(_):
            try:
                self.settle()
                left[0] -= 1
                if getattr(self._threads, "mode", None) is not None and left[0] > 0:
                    ctypes.pythonapi.Py_AddPendingCall(self._pending, None)
                    return 0
            except Exception as error:
                recorder.fault("pytorch ops", error)
            self._pending = None
            return 0

        self._pending = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(leave)
        ctypes.pythonapi.Py_AddPendingCall(self._pending, None)

    def leave_for_compilers(self):
        """A function that is compiled or traced must see no mode of ours.

        Dynamo compiles nothing below a dispatch mode. What runs inside compiled functions is no op.
        """
        torch = self._torch
        self.stop_at(torch, "compile")
        self.stop_at(torch.jit, "trace")
        higher = getattr(torch._ops, "HigherOrderOperator", None)
        if higher is not None:
            self.stop_at(higher, "__call__", "a higher-order operator")

    def stop_at(self, owner, name, what=None):
        """Counts no ops from the first call of `owner.name` on."""
        what = what or owner.__name__ + "." + name

        def make(original):
            def wrapper(*args, **kwargs):
                try:
                    if self._windows.ended is None and self._framework.counted != "off":
                        self.stop(what)
                        text = "Ops are not counted from %s on." % what
                        self._framework.note("ops-not-counted", text, user_place(2))
                except Exception as error:
                    recorder.fault("pytorch ops", error)
                return original(*args, **kwargs)

            return wrapper

        patching.replace(owner, name, make)


def _mode_class(torch, base, counter):
    framework, windows = counter._framework, counter._windows
    rows, lock = framework.rows, recorder.lock
    tensor_type = torch.Tensor

    def first_tensor(values):
        for value in values:
            if isinstance(value, tensor_type):
                return value
            if isinstance(value, (list, tuple)):
                found = first_tensor(value)
                if found is not None:
                    return found
        return None

    def new_row(key, function, device, dtype):
        """[calls, ns, ...] of the recorder, whether calls are timed, how they synchronise."""
        name = getattr(getattr(function, "_schema", None), "name", None) or str(function)
        if name.startswith("profiler::"):
            return None
        dtype = str(dtype).replace("torch.", "")
        row = framework.op_row(name, str(device), dtype)
        if row is None:
            return None
        if dtype in ("float64", "complex128") and name not in _PLUMBING:
            text = "%s computes in %s on %s." % (name, dtype, device)
            framework.note("float64", text, user_place(4))
        synchronises = name in _SYNCHRONISING and device.type not in ("cpu", "meta")
        rows[key] = found = (row, device.type == "cpu", name if synchronises else None)
        return found

    def count(function, result, args, kwargs, ns):
        tensor = result if isinstance(result, tensor_type) else None
        if tensor is None and isinstance(result, (list, tuple)):
            tensor = first_tensor(result)
        if tensor is None:
            tensor = first_tensor(args)
        if tensor is None and kwargs:
            tensor = first_tensor(kwargs.values())
        if tensor is None:
            return
        device = tensor.device
        key = (function, device, tensor.dtype)
        found = rows.get(key) or new_row(key, function, device, tensor.dtype)
        if found is None:
            return
        row, is_timed, synchronises = found
        with lock:
            row[0] += 1
            if is_timed:
                row[1] = (row[1] or 0) + ns
        if synchronises and not getattr(patching._local, "inside", False):
            place = user_place(3)
            framework.transfer("synchronize", synchronises, str(device), place, ns)

    class OpsOfTheProgram(base):
        supports_higher_order_operators = True

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            if not windows.is_open:
                counter.leave_soon()
                return function(*args, **(kwargs or {}))
            begin = _clock()
            result = function(*args, **kwargs) if kwargs else function(*args)
            end = _clock()
            try:
                count(function, result, args, kwargs, end - begin)
                cost = _clock() - end + _DISPATCH_NS
                windows.op(cost)
                recorder.spent(cost)
            except Exception as error:
                recorder.fault("pytorch ops", error)
            return result

    return OpsOfTheProgram
