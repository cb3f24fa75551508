"""Answers the requests of the protocol with a driver."""

import json
import os
import platform
import time

from .files import TensorFile, save_tensor
from .graph import parse_graph
from .protocol import RequestError, error_record, unsupported, wrong_request
from .timing import dispatch_ns

#: Framework -> module of its driver.
DRIVERS = {
    "tensorflow": "tensorflow_driver",
    "pytorch": "pytorch_driver",
    "jax": "jax_driver",
    "mlx": "mlx_driver",
    "onnxruntime": "onnxruntime_driver",
}

#: What sets the threads of libraries that have no function for it, before they are loaded: OpenMP,
#: OpenBLAS, MKL, Accelerate, and XLA's CPU client.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",
)


#: What a call costs shows in one that computes next to nothing.
ONE_ADDITION = {
    "name": "add",
    "tensors": [
        {"id": "a", "shape": [1], "dtype": "f32", "role": "input"},
        {"id": "b", "shape": [1], "dtype": "f32", "role": "input"},
        {"id": "c", "shape": [1], "dtype": "f32", "role": "temp"},
    ],
    "ops": [{"id": "add", "kind": "add", "inputs": ["a", "b"], "output": "c"}],
    "outputs": ["c"],
}


def serve(channel, driver):
    """Answers until the input ends. A request that fails leaves the driver as it was."""
    session = Session(driver)
    for line in channel:
        request_id = None
        try:
            request = _parse(line)
            request_id = request.get("id")
            reply = {"id": request_id, "ok": session.answer(request)}
        except BaseException as error:  # A library's SystemExit is an answer, too.
            reply = {"id": request_id, "error": error_record(error)}
        channel.reply(reply)


def _parse(line):
    if line is None:
        raise wrong_request("the request is too long")
    try:
        request = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise wrong_request("the request is not JSON: %s" % error) from None
    if not isinstance(request, dict):
        raise wrong_request("the request must be an object")
    return request


def _no_constant(name):
    raise ValueError(name)


class Session:
    """One framework on at most one device with at most one program at a time."""

    def __init__(self, driver):
        self._driver = driver
        self._import_ns = None
        self._is_open = False
        self._graph = None
        self._program = None
        #: Of the device that is open.
        self._dispatch_ns = None
        self._methods = {
            "describe": self._describe,
            "open": self._open,
            "build": self._build,
            "write": self._write,
            "read": self._read,
            "run": self._run,
            "trace": self._trace,
            "profile": self._profile,
            "program": self._article,
            "close": self._close,
        }

    def answer(self, request):
        name = request.get("method")
        if not isinstance(name, str) or name not in self._methods:
            raise wrong_request("there is no method %r" % (name,))
        return self._methods[name](request)

    def _load(self, request):
        """Imports the framework once. The number of threads is settled by then."""
        threads = request.get("threads")
        if threads is not None and not _is_count(threads, 1):
            raise wrong_request("threads must be a whole number above 0")
        if self._import_ns is not None:
            return
        if threads is not None:
            os.environ.update({name: str(threads) for name in THREAD_VARIABLES})
        start = time.perf_counter_ns()
        try:
            self._driver.load()
        except RequestError:
            raise
        except BaseException as error:
            raise RequestError("import_failed", str(error), type(error).__name__) from error
        self._import_ns = time.perf_counter_ns() - start

    def _describe(self, request):
        self._load(request)
        return {
            "framework": self._driver.framework,
            "version": self._driver.version(),
            "python": platform.python_version(),
            "importNs": self._import_ns,
            **self._driver.describe(request.get("threads")),
        }

    def _open(self, request):
        device = request.get("device")
        if not isinstance(device, dict) or not isinstance(device.get("kind"), str):
            raise wrong_request("device must have a kind")
        index = device.get("index", 0)
        if not _is_count(index, 0):
            raise wrong_request("device.index must be a whole number")
        self._load(request)
        self._drop_program()
        self._is_open, self._dispatch_ns = False, None
        threads, tf32 = request.get("threads"), request.get("tf32") is True
        self._driver.open(device["kind"], index, threads, tf32)
        self._is_open = True
        return {}

    def _build(self, request):
        if not self._is_open:
            raise wrong_request("open a device first")
        mode = request.get("mode")
        if not isinstance(mode, str):
            raise wrong_request("mode must be a string")
        graph = parse_graph(request.get("graph"))
        if mode not in self._driver.modes():
            raise unsupported(
                "%s %s has no mode %s here; it has %s"
                % (
                    self._driver.framework,
                    self._driver.version(),
                    mode,
                    ", ".join(self._driver.modes()),
                )
            )
        # Before the next one is made, so that the memory of both is never needed at once.
        self._drop_program()
        program = self._driver.build(graph, mode, _folder(request))
        self._graph, self._program = graph, program
        return {**program.built, **self._dispatch(mode, request)}

    def _dispatch(self, mode, request):
        """What one call costs in the usual mode; compiled ones would have to compile for it."""
        if mode != self._driver.modes()[0]:
            return {}
        if self._dispatch_ns is None:
            program = self._driver.build(parse_graph(ONE_ADDITION), mode, _folder(request))
            self._dispatch_ns = dispatch_ns(program.run)
            program.close()
        return {"dispatchNs": self._dispatch_ns * self._program.calls}

    def _write(self, request):
        program, tensor, path = self._tensor_file(request)
        if tensor.role == "temp":
            raise wrong_request("tensor %s cannot be written" % tensor.id)
        values = TensorFile(path, tensor)
        try:
            program.write(tensor, values)
        finally:
            values.close()
        return {}

    def _read(self, request):
        program, tensor, path = self._tensor_file(request)
        if tensor.role == "temp" and tensor.id not in self._graph.outputs:
            raise wrong_request("tensor %s cannot be read" % tensor.id)
        save_tensor(path, tensor, program.read(tensor))
        return {}

    def _tensor_file(self, request):
        program = self._built()
        tensor = self._graph.tensors.get(_string(request, "tensor"))
        if tensor is None:
            raise wrong_request("there is no tensor %r" % request["tensor"])
        return program, tensor, _string(request, "file")

    def _run(self, request):
        mode = request.get("mode")
        if mode not in ("latency", "throughput"):
            raise wrong_request("mode must be latency or throughput")
        program = self._built()
        return program.run(_iterations(request), mode == "latency")

    def _trace(self, _):
        return self._built().trace()

    def _profile(self, request):
        return self._built().profile(_iterations(request))

    def _article(self, request):
        name, form = _string(request, "name"), _string(request, "form")
        if not self._is_open:
            raise wrong_request("open a device first")
        program = self._driver.programs().get((name, form))
        if program is None:
            raise unsupported("%s has no program %s %s" % (self._driver.framework, name, form))
        return program()

    def _close(self, _):
        self._drop_program()
        return {}

    def _built(self):
        if self._program is None:
            raise wrong_request("build a program first")
        return self._program

    def _drop_program(self):
        program, self._program, self._graph = self._program, None, None
        if program is not None:
            program.close()


def _string(request, name):
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise wrong_request("%s must be a string" % name)
    return value


def _folder(request):
    folder = _string(request, "folder")
    if not os.path.isdir(folder):
        raise wrong_request("there is no folder %s" % folder)
    return folder


def _iterations(request):
    iterations = request.get("iterations")
    if not _is_count(iterations, 1):
        raise wrong_request("iterations must be a whole number above 0")
    return iterations


def _is_count(value, least):
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
