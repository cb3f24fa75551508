"""The three programs of the article: their numbers, and how they are timed."""

import math

from .timing import call_ns

#: [[1, 2], [3, 4]] + [[5, 6], [7, 8]] = [[6, 8], [10, 12]]
ADD_A = [[1.0, 2.0], [3.0, 4.0]]
ADD_B = [[5.0, 6.0], [7.0, 8.0]]

#: y = 2x, learned in 100 steps; x = 5 should then give about 10.
LINEAR_X = [[1.0], [2.0], [3.0], [4.0]]
LINEAR_Y = [[2.0], [4.0], [6.0], [8.0]]
LINEAR_ASKED = [[5.0]]
EPOCHS = 100
LEARNING_RATE = 0.01

#: One grey image of 28x28 pixels.
IMAGE = 28
FILTERS = 32
CLASSES = 10

#: Epochs of the training that goes on when all is compiled.
MORE_EPOCHS = 10

#: Calls that a steady time is the mean of.
STEADY_CALLS = 20


def finishing(finish):
    """A decorator that adds the wait for the device, so that a phase holds its own work.

    `finish`: what waits; None for a device whose calls have ended when they return.
    """

    def finished(function):
        def call():
            value = function()
            if finish is not None:
                finish()
            return value

        return call

    return finished


class Phases:
    """Times the parts of a program in their order."""

    def __init__(self):
        self._phases = []

    def time(self, name, function):
        value, ns = call_ns(function)
        self._phases.append({"name": name, "ns": ns})
        return value

    def steady(self, name, function):
        """The mean of some calls."""

        def calls():
            for _ in range(STEADY_CALLS):
                function()

        self.mean(name, calls, STEADY_CALLS)

    def mean(self, name, function, parts):
        """The time of one of the equal parts that a call consists of."""
        self._phases.append({"name": name, "ns": call_ns(function)[1] / parts})

    def reply(self, outputs, wall, first_call=None, notes=()):
        """The reply to `program`: `wall` and `first_call` are names of phases."""
        times = {phase["name"]: phase["ns"] for phase in self._phases}
        reply = {
            "outputs": {name: finite(value) for name, value in outputs.items()},
            "wallNs": times[wall],
            "phases": self._phases,
            "notes": list(notes),
        }
        if first_call is not None:
            reply["firstCallNs"] = times[first_call]
        return reply


def finite(value):
    """A JSON value: NaN and infinity become null, in lists too."""
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
