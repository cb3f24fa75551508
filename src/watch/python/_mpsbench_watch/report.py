"""The report of this process: which file, what is in it, and when it is written.

There is no thread for it. A thread would be one more that `fork` warns about, and one that waits
for the GIL while the program works; instead, what is counted looks at the clock.
"""

import atexit
import os
import sys
import time

from . import recorder

_INTERVAL_NS = 1_000_000_000

_state = {"started": time.monotonic_ns(), "path": None, "next": 0, "written": -1, "calls": []}
_clock = time.monotonic_ns


def start():
    """Reports at the end of this process and of the processes that it forks."""
    _state["folder"] = os.environ["MPSBENCH_WATCH_REPORTS"]
    atexit.register(write, True)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def before_report(function):
    """`function` runs before each report is written, for what is cheaper to ask then."""
    _state["calls"].append(function)


def hook_process_end():
    """Once a framework is there: `os._exit`, with which forked workers end, runs no atexit."""
    if _state.get("hooked"):
        return
    _state["hooked"] = True
    from . import frames

    frames.hide_hook_in_uncaught()
    leave = os._exit

    def _exit(status):
        try:
            write(True)
        except Exception:
            pass
        leave(status)

    _exit.__doc__ = leave.__doc__
    _exit.__module__ = leave.__module__
    os._exit = _exit


def tick():
    """Writes a report if the last one is a second old."""
    if _clock() >= _state["next"]:
        write(False)


def write(final):
    """Replaces this process's report. @returns nothing, raises nothing"""
    _state["next"] = _clock() + _INTERVAL_NS
    if not recorder.frameworks or (_state.get("child") and _has_nothing()):
        return
    begin = time.perf_counter_ns()
    for function in _state["calls"]:
        try:
            function()
        except Exception as error:
            recorder.fault(getattr(function, "__qualname__", "report"), error)
    if not final and _state["written"] == recorder.changes():
        return
    _state["written"] = recorder.changes()
    try:
        _replace(_content(final))
    except Exception as error:  # No space, no folder: the program goes on.
        recorder.fault("report", error)
    recorder.spent(time.perf_counter_ns() - begin)


def _has_nothing():
    return all(framework.is_empty() for framework in recorder.frameworks)


def _content(final):
    argv = [str(argument)[:300] for argument in getattr(sys, "argv", [])[:100]]
    with recorder.lock:
        return {
            "version": 1,
            "pid": os.getpid(),
            "parentPid": os.getppid(),
            "argv": argv,
            "script": _script(argv),
            "executable": sys.executable,
            "python": "%d.%d.%d" % sys.version_info[:3],
            "startedNs": _state["started"],
            "writtenNs": _clock(),
            "final": final,
            "hookNs": recorder.hook_ns(),
            "errors": list(recorder.errors),
            "frameworks": [framework.to_json() for framework in recorder.frameworks],
        }


def _script(argv):
    """As typed: `train.py`, or `-m package`."""
    original = getattr(sys, "orig_argv", None)  # since 3.10
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and getattr(spec, "name", None):
        name = spec.name
        return "-m " + (name[: -len(".__main__")] if name.endswith(".__main__") else name)
    if original and "-c" in original and argv[:1] == ["-c"]:
        return "-c"
    return argv[0] if argv else ""


def _replace(content):
    import json

    if _state["path"] is None:
        name = "python-%d-%s.json" % (os.getpid(), os.urandom(4).hex())
        _state["path"] = os.path.join(_state["folder"], name)
    temporary = _state["path"] + ".tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(temporary, _state["path"])


def _after_fork():
    try:
        recorder.forget()
        _state.update(path=None, started=_clock(), next=0, written=-1, child=True)
    except Exception:
        pass
