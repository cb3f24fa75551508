"""Times groups of iterations. Nothing but the iterations and the synchronisation is inside."""

import gc
import itertools
import time


def group_ns(step, finish, iterations, latency=False, many=None, per_call=1):
    """Wall time of a group of iterations, in nanoseconds, the device being idle before and after.

    `step()` starts one iteration. `finish()` waits for the device; None where a step has ended when
    it returns. `latency`: waits after every iteration, not only after the last. `many()` does
    `per_call` iterations at once; what is left over is done one by one.
    """
    calls, rest = (
        divmod(iterations, per_call) if many is not None and not latency else (0, iterations)
    )
    clock = time.perf_counter_ns
    repeat = itertools.repeat
    if finish is not None:
        finish()
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        if latency and finish is not None:
            start = clock()
            for _ in repeat(None, rest):
                step()
                finish()
            return clock() - start
        start = clock()
        for _ in repeat(None, calls):
            many()
        for _ in repeat(None, rest):
            step()
        if finish is not None:
            finish()
        return clock() - start
    finally:
        if was_collecting:
            gc.enable()


def call_ns(function, *arguments):
    """What a call returns, and its wall time in nanoseconds."""
    start = time.perf_counter_ns()
    value = function(*arguments)
    return value, time.perf_counter_ns() - start
