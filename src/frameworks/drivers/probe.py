"""The drivers' one-shot mode for `mpsbench verify --probe`: what an interpreter or its framework can do.

`main.py probe python|FRAMEWORK MARKER INPUTS`. Every line of the answer begins with the marker, on stdout
among whatever libraries print; `stage` lines stand on stderr too, so that a crash is explained and a log
has chapters. Nothing is read from stdin.

This module runs in whatever interpreter was found: it keeps to what Python 3.6 has; the drivers that
it imports need 3.9.
"""

import importlib
import json
import math
import os
import platform
import struct
import sys
import time
import traceback

PACKAGE = __name__.rsplit(".", 1)[0]

_MAX_TEXT_CHARS = 8000


class Answer:
    """Says where the probe is and hands over what it found."""

    def __init__(self, marker):
        self._marker = marker
        self.current_stage = "start"

    def stage(self, name):
        self.current_stage = name
        line = self._line({"stage": name})
        _write(1, line)
        _write(2, line)

    def end(self, record):
        """At once: what a framework does at exit can hang or crash, and says nothing about its use."""
        _write(1, self._line(record))
        os._exit(0)

    def _line(self, record):
        # The text of a library may have left a line open, so ours begins on a new one.
        return "\n" + self._marker + json.dumps(record, allow_nan=False) + "\n"


def _write(descriptor, text):
    """Unbuffered and past sys.stdout, which a framework may have replaced."""
    data = text.encode("ascii")
    while data:
        data = data[os.write(descriptor, data) :]


def main(name, marker, inputs):
    """Answers with what was found or with the error that was raised, and ends the process."""
    answer = Answer(marker)
    answer.stage("start")
    try:
        if name == "python":
            found = about_interpreter()
        else:
            found = about_framework(name, inputs, answer.stage)
    except BaseException as error:  # SystemExit of a library is an answer, too.
        raised = {
            # An error of ours says in its code what it is.
            "type": getattr(error, "code", None) or type(error).__name__,
            "message": str(error)[:_MAX_TEXT_CHARS],
            "stage": answer.current_stage,
            "traceback": traceback.format_exc()[-_MAX_TEXT_CHARS:],
        }
        answer.end({"error": raised})
    answer.end({"result": found})


def about_interpreter():
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "bits": struct.calcsize("P") * 8,
        "prefix": sys.prefix,
        "translated": _is_translated(),
    }


def _is_translated():
    """Whether macOS translates this process from Intel code; None elsewhere."""
    if sys.platform != "darwin":
        return None
    try:
        import ctypes

        value = ctypes.c_int(0)
        size = ctypes.c_size_t(ctypes.sizeof(value))
        failed = ctypes.CDLL(None).sysctlbyname(
            b"sysctl.proc_translated", ctypes.byref(value), ctypes.byref(size), None, 0
        )
        return None if failed else bool(value.value)
    except Exception:  # No ctypes in this build, or no such name in this system.
        return None


def about_framework(name, inputs, stage):
    """Runs the examples on the best device that works, as `bench` runs them.

    `inputs`: a JSON file {workload: {graph, iterations, files: {tensor: path}}}.
    """
    drivers = importlib.import_module(PACKAGE + ".server").DRIVERS
    driver = importlib.import_module(PACKAGE + "." + drivers[name]).Driver()
    with open(inputs) as file:
        examples = json.load(file)
    stage("import")
    start = time.time()
    driver.load()
    import_seconds = time.time() - start
    stage("devices")
    about = driver.describe()
    device, results, why = _run_on_best(driver, about, examples, stage)
    found = {
        "version": driver.version(),
        "importSeconds": import_seconds,
        "device": device,
        "devices": about["devices"],
        "builtFor": about.get("builtFor"),
        "whyNoGpu": why,
        "examples": results,
    }
    if hasattr(driver, "try_missing_op"):
        stage("fallback")
        found["fallback"] = driver.try_missing_op()
    stage("done")
    return found


def _run_on_best(driver, about, examples, stage):
    """(device, results, why not on a GPU): a GPU that is listed may still not start."""
    protocol = importlib.import_module(PACKAGE + ".protocol")
    why = about.get("whyNoGpu")
    devices = sorted(about["devices"], key=lambda device: not device["isGpu"])
    for device in devices:
        try:
            driver.open(device["kind"], device["index"], None, False)
            results = {name: _run(driver, name, one, stage) for name, one in examples.items()}
            return device, results, None if device["isGpu"] else why
        except protocol.RequestError as error:
            if error.code != "unavailable" or device is devices[-1]:
                raise
            why = str(error)
    raise protocol.RequestError("unavailable", "it reports no device")


def _run(driver, name, example, stage):
    graph_module = importlib.import_module(PACKAGE + ".graph")
    files = importlib.import_module(PACKAGE + ".files")
    stage("example " + name)
    graph = graph_module.parse_graph(example["graph"])
    program = driver.build(graph, driver.modes()[0], os.getcwd())
    for tensor, path in example["files"].items():
        values = files.TensorFile(path, graph.tensors[tensor])
        program.write(graph.tensors[tensor], values)
        values.close()
    program.run(example["iterations"], False)
    read = [graph.tensors[output] for output in graph.outputs] + graph.with_role("state")
    outputs = {tensor.id: _numbers(program.read(tensor)) for tensor in read}
    stage("placement " + name)
    trace = program.trace()
    program.close()
    return {"outputs": outputs, "placement": trace["ops"]}


def _numbers(data):
    """JSON values of a buffer of f32, in row-major order: NaN and infinity become null."""
    values = memoryview(data).cast("B").cast("f").tolist()
    return [value if math.isfinite(value) else None for value in values]
