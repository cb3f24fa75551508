"""Times groups of iterations. Nothing but the iterations and the synchronisation is inside."""

import gc
import itertools
import time


def group_ns(step, finish, iterations, latency=False, many=None, per_call=1, marks=None):
    """Wall time of a group of iterations, in nanoseconds, the device being idle before and after.

    `step()` starts one iteration. `finish()` waits for the device; None where a step has ended when
    it returns. `latency`: waits after every iteration, not only after the last. `many()` does
    `per_call` iterations at once; what is left over is done one by one. `marks`: two functions that
    mark the begin and the end on the clock of the device.
    """
    calls, rest = (
        divmod(iterations, per_call) if many is not None and not latency else (0, iterations)
    )
    clock = time.perf_counter_ns
    repeat = itertools.repeat
    if finish is not None:
        finish()
    begin, end = marks or (_nothing, _nothing)
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        begin()
        if latency and finish is not None:
            start = clock()
            for _ in repeat(None, rest):
                step()
                finish()
            wall_ns = clock() - start
            end()
            return wall_ns
        start = clock()
        for _ in repeat(None, calls):
            many()
        for _ in repeat(None, rest):
            step()
        if marks is not None:
            end()
        if finish is not None:
            finish()
        return clock() - start
    finally:
        if was_collecting:
            gc.enable()


#: Groups of calls that a dispatch is timed by, and how many calls each has.
_DISPATCH_GROUPS = 5
_DISPATCH_CALLS = 40


def dispatch_ns(run):
    """The time of one call that computes next to nothing: the least of a few groups.

    `run(iterations, latency)` as Program.run.
    """
    run(_DISPATCH_CALLS, False)
    groups = (run(_DISPATCH_CALLS, False)["wallNs"] for _ in range(_DISPATCH_GROUPS))
    return min(groups) / _DISPATCH_CALLS


def _nothing():
    pass


def call_ns(function, *arguments):
    """What a call returns, and its wall time in nanoseconds."""
    start = time.perf_counter_ns()
    value = function(*arguments)
    return value, time.perf_counter_ns() - start
