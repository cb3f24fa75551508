"""Wraps functions of a framework so that a fault in the hook never reaches the program."""

import _thread
import functools
import time

from . import recorder, report

_local = _thread._local()

clock = time.perf_counter_ns


def replace(owner, name, make):
    """Sets `owner.name` to `make(original)`, which keeps the original's name and signature.

    @returns whether there was something to wrap
    """
    original = getattr(owner, name, None)
    if original is None:
        return False
    wrapper = make(original)
    for attribute in functools.WRAPPER_ASSIGNMENTS:
        try:
            setattr(wrapper, attribute, getattr(original, attribute))
        except (AttributeError, TypeError):
            pass
    wrapper.__wrapped__ = original
    try:
        setattr(owner, name, wrapper)
    except (AttributeError, TypeError) as error:
        recorder.fault(name, error)
        return False
    return True


def observe(owner, name, after, before=None):
    """Calls `after(state, result, ns, args, kwargs)` after each outermost call of `owner.name`.

    `before(args, kwargs)` yields `state`. Hooked functions that the framework calls inside such a
    call are not seen: one call of the user's is one observation. Exceptions of the function pass.
    """

    def make(original):
        def wrapper(*args, **kwargs):
            if getattr(_local, "inside", False):
                return original(*args, **kwargs)
            _local.inside = True
            try:
                entered = clock()
                state = _guarded(before, args, kwargs) if before is not None else None
                begin = clock()
                result = original(*args, **kwargs)
                end = clock()
                _guarded(after, state, result, end - begin, args, kwargs)
                recorder.spent(begin - entered + clock() - end)
                report.tick()
                return result
            finally:
                _local.inside = False

        return wrapper

    return replace(owner, name, make)


def _guarded(function, *args):
    try:
        return function(*args)
    except Exception as error:
        recorder.fault(getattr(function, "__qualname__", "hook"), error)
        return None


def each(errors_of, *actions):
    """Runs every action; one that fails is listed and does not keep the others from running."""
    for action in actions:
        try:
            action()
        except Exception as error:
            recorder.fault("%s, %s" % (errors_of, getattr(action, "__name__", "hook")), error)
