"""When ops are counted: in the first steps and then now and then, or (`all`) in every step.

If counting slows steps down too much, `all` leaves some out: the report has the number of both.
"""

import collections
import os
import time

from . import recorder

#: The first window with steps ends after this many of them,
FIRST_STEPS = 10
#: or at the end of a step when counting has taken this long.
FIRST_NS = 300_000_000

#: A window ends after this many ops where there are no steps: preparing data may take many.
MAX_OPS = 4_000
#: Where there are, a step is seldom cut short.
MAX_OPS_OF_STEP = 20_000

#: From one window to the next at least this long, and this many times what the last one cost.
MIN_PAUSE_NS = 1_000_000_000
PAUSE_FACTOR = 50

#: `all` counts every step until this much time has gone into it,
FREE_NS = 250_000_000
#: then leaves out so many, to see how long a step takes without,
CONTROL_STEPS = 5
#: and from then on counts as many as cost at most this share of the time.
LARGEST_SHARE = 0.12
#: Steps of either kind whose median is taken.
REMEMBERED_STEPS = 15

_clock = time.perf_counter_ns


def choice():
    """`--ops`: off, first-steps or all."""
    chosen = os.environ.get("MPSBENCH_WATCH_OPS", "first-steps")
    return chosen if chosen in ("off", "first-steps", "all") else "first-steps"


class Windows:
    """Tells whether ops are to be counted now. Asked at every step, and at other hooked calls."""

    def __init__(self, framework):
        self._framework = framework
        #: Until a step has been counted, or its window was cut short.
        self._awaits_steps = True
        self._next = 0
        self._steps = self._ops = self._cost = self._opened = 0
        self._spent = 0
        self._step_began = None
        #: How long steps took that were not counted and that were, the latest.
        self._durations = tuple(collections.deque([], REMEMBERED_STEPS) for _ in range(2))
        self._controls = 0
        self.is_open = False
        #: None, or a text: why nothing more is counted.
        self.ended = None
        if framework.counted != "off":
            self._open()

    def _open(self):
        self._steps = self._ops = self._cost = 0
        self._opened = _clock()
        self.is_open = True

    def close(self):
        if not self.is_open:
            return
        self.is_open = False
        now = _clock()
        self._framework.counted_ns += now - self._opened
        self._next = now + max(MIN_PAUSE_NS, PAUSE_FACTOR * self._cost)

    def end(self, why):
        """Counts nothing from now on."""
        self.close()
        self.ended = why

    def settle(self):
        """Before a report: the time of the open window so far."""
        if self.is_open:
            now = _clock()
            self._framework.counted_ns += now - self._opened
            self._opened = now

    def op(self, cost):
        """An op was counted, which took `cost` ns of the program's time."""
        self._ops += 1
        self._cost += cost
        self._spent += cost
        most = MAX_OPS_OF_STEP if self._framework.steps else MAX_OPS
        if self._ops >= most and self._framework.counted != "all":
            self.close()

    def step(self):
        """A step has ended."""
        self._framework.step(self.is_open)
        if self._framework.counted == "all":
            self._step_of_all(_clock())
        elif self.is_open:
            self._steps += 1
            most = FIRST_STEPS if self._awaits_steps else 1
            if self._steps >= most or self._cost >= FIRST_NS:
                self._awaits_steps = False
                self.close()
        elif self._awaits_steps and self._framework.steps == 1:
            # What came before the first step took the window: the steps have one of their own.
            self.resume()
        else:
            self._awaits_steps = False
            self.poll()

    def _step_of_all(self, now):
        uncounted, counted = self._durations
        if self._step_began is not None:
            self._durations[self.is_open].append(now - self._step_began)
        self._step_began = now
        if self._spent < FREE_NS:
            self.poll()
        elif self._controls < CONTROL_STEPS:
            self._controls += 1
            self.close()
        elif self.is_open:
            without = _median(uncounted)
            longer = _median(counted) - without
            if longer > LARGEST_SHARE * without:
                self.close()
                self._next = now + longer / LARGEST_SHARE
        elif now >= self._next or _median(counted) <= (1 + LARGEST_SHARE) * _median(uncounted):
            self._next = 0
            self.poll()

    def poll(self):
        """Opens a window when its time has come: only where a step begins, or nearly so."""
        if not self.is_open and self.ended is None and self._framework.counted != "off":
            if _clock() >= self._next:
                self._open()

    def resume(self):
        """Opens a window now, whatever its time."""
        if not self.is_open and self.ended is None and self._framework.counted != "off":
            self._open()


def _median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0


def of(name, version, import_ns):
    """A framework's record and its windows."""
    framework = recorder.Framework(name, version, import_ns, choice())
    return framework, Windows(framework)
