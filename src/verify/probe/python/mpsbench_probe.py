"""What every probe shares: how it says where it is, and how it hands over its answer.

Runs in whatever interpreter was found, so it keeps to what Python 3.6 has and to the standard
library. Arguments: the marker that our lines begin with, and a file with the inputs of the examples.
"""

import json
import math
import os
import sys
import time
import traceback

_current_stage = "start"


def _write(descriptor, text):
    """Unbuffered and past sys.stdout, which a framework may have replaced."""
    data = text.encode("ascii")
    while data:
        data = data[os.write(descriptor, data):]


def _line(record):
    # The text of a library may have left a line open, so ours begins on a new one.
    return "\n" + sys.argv[1] + json.dumps(record, allow_nan=False) + "\n"


def stage(name):
    """Says what comes next, on both streams: a crash is then explained, and a log has chapters."""
    global _current_stage
    _current_stage = name
    line = _line({"stage": name})
    _write(1, line)
    _write(2, line)


def finite(value):
    """A JSON value: NaN and infinity become null, in lists too."""
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def flat(values):
    """Nested lists in row-major order."""
    if isinstance(values, (list, tuple)):
        return [item for part in values for item in flat(part)]
    return [finite(float(values))]


def read_examples():
    """{workload: {"values": {tensor: [...]}, "shapes": {...}, "params": {...}}}"""
    with open(sys.argv[2], encoding="utf-8") as file:
        return json.load(file)


def nested(example, tensor):
    """The values of a tensor as nested lists of its shape."""
    values = [float(value) for value in example["values"][tensor]]
    for extent in reversed(example["shapes"][tensor][1:]):
        values = [values[i:i + extent] for i in range(0, len(values), extent)]
    return values


class Stopwatch:
    def __init__(self):
        self._start = time.perf_counter()

    def seconds(self):
        return time.perf_counter() - self._start


def run(probe):
    """Answers with what `probe()` returns or with the error that it raised, and ends the process."""
    stage("start")
    try:
        answer = {"result": probe()}
    except BaseException as error:  # SystemExit of a library is an answer too
        answer = {
            "error": {
                "type": type(error).__name__,
                "message": str(error)[:8000],
                "stage": _current_stage,
                "traceback": traceback.format_exc()[-8000:],
            }
        }
    _write(1, _line(answer))
    # At once: what a framework does at exit can hang or crash, and says nothing about its use.
    os._exit(0)
