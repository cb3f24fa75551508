"""The channel: JSON lines on the original stdin and stdout, and the errors that replies carry."""

import json
import os
import re
import sys
import traceback

#: A request that is longer is refused. The graph of a workload takes a few kilobytes.
MAX_REQUEST_BYTES = 64 * 2**20

_MAX_MESSAGE_CHARS = 8000


class RequestError(Exception):
    """A request that cannot be met, with one of the protocol's codes.

    `unsupported`: the framework lacks the op, dtype, mode or device kind. `out_of_memory`.
    `unavailable`: the device is not there. `import_failed`: the framework cannot be imported.
    `wrong_request`: the caller broke the protocol. `failed`: anything else.
    `raised`: the type of what a library raised, where that says more.
    """

    def __init__(self, code, message, raised=None):
        super().__init__(message)
        self.code = code
        self.raised = raised


def unsupported(message):
    return RequestError("unsupported", message)


def wrong_request(message):
    return RequestError("wrong_request", message)


class Channel:
    """Reads requests and writes replies, one JSON object per line."""

    def __init__(self, requests, replies):
        """`requests` and `replies` are binary streams."""
        self._requests = requests
        self._replies = replies

    def __iter__(self):
        """Each line as bytes; None for one that is too long. Ends with the input."""
        while True:
            line = self._requests.readline(MAX_REQUEST_BYTES + 1)
            if not line:
                return
            if len(line) > MAX_REQUEST_BYTES:
                self._skip_line(line)
                yield None
            elif line.strip():
                yield line

    def _skip_line(self, part):
        while part and not part.endswith(b"\n"):
            part = self._requests.readline(MAX_REQUEST_BYTES)

    def reply(self, record):
        # NaN and infinity are not JSON: `allow_nan` turns one that slipped through into an error.
        self._replies.write(json.dumps(record, allow_nan=False).encode("ascii") + b"\n")
        self._replies.flush()


def take_standard_streams():
    """Keeps stdin and stdout for the protocol.

    Descriptor 1 then leads to stderr, so that prints of a library, its C++ parts included, end
    there; descriptor 0 leads nowhere, so that a library that reads it finds its end.
    """
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    return Channel(requests, replies)


#: What the frameworks say when memory runs out, in lower case.
_OUT_OF_MEMORY = (
    "out of memory",
    "resource_exhausted",
    "resource exhausted",
    "can't allocate memory",
    "unable to allocate",
    "failed to allocate",
    "not enough memory",
    "bad_alloc",
    "bad allocation",
    "oom when allocating",
    "invalid buffer size",
    "greater than the maximum allowed buffer size",
)


#: What they say of an op that has no kernel for a device or dtype.
_UNSUPPORTED = (
    "not implemented for",
    "not currently implemented for",
    "not currently supported",
    "not_implemented",
    "could not run 'aten::",
    "no opkernel was registered",
    "could not find an implementation for",
    "doesn't support float64",
    "does not support float64",
    "float64 is not supported",
    "unimplemented",
    # MLX counts in 32 bits.
    "outside the supported range",
)


#: What TensorFlow says before the cause.
_FUNCTION_NODE = re.compile(r"\{\{function_node [^}]*\}\}\s*")


def error_record(error):
    """The `error` member of a reply."""
    if isinstance(error, RequestError):
        code = error.code
    elif isinstance(error, MemoryError) or _names_memory(error):
        code = "out_of_memory"
    elif isinstance(error, NotImplementedError) or _says(error, _UNSUPPORTED):
        code = "unsupported"
    else:
        code = "failed"
    record = {
        "code": code,
        "message": _shorten(_FUNCTION_NODE.sub("", str(error))) or type(error).__name__,
        "type": getattr(error, "raised", None) or type(error).__name__,
    }
    if not isinstance(error, RequestError) or error.__cause__ is not None:
        record["traceback"] = "".join(
            traceback.format_exception(type(error), error, error.__traceback__)
        )[-_MAX_MESSAGE_CHARS:]
    return record


def _names_memory(error):
    if type(error).__name__ in ("OutOfMemoryError", "ResourceExhaustedError"):
        return True
    return _says(error, _OUT_OF_MEMORY)


def _says(error, phrases):
    text = str(error).lower()
    return any(phrase in text for phrase in phrases)


def _shorten(text):
    if len(text) <= _MAX_MESSAGE_CHARS:
        return text
    half = _MAX_MESSAGE_CHARS // 2
    return text[:half] + "\n[...]\n" + text[-half:]


def usable_cpus():
    """The CPUs that this process may use: what most thread pools start with."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def say(text):
    """A line for whoever reads the log of this process."""
    sys.stderr.write(text.rstrip("\n") + "\n")
    sys.stderr.flush()
