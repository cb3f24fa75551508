"""What a driver builds from a graph: the part that the frameworks share."""

import functools
import itertools

from .protocol import wrong_request
from .steps import define, iteration_source, step_source, unpacked
from .timing import call_ns, group_ns


class Program:
    """One graph on one device.

    Subclasses set `built` (the reply to `build`), `step` (a callable: one iteration) and, where
    they differ, `finish`, `many` and `per_call` as timing.group_ns takes them.
    """

    built = None
    step = None
    finish = None
    many = None
    per_call = 1
    #: Does so many iterations at once, where that costs less than `step` so many times.
    loop = None
    #: Calls of the framework that start one iteration: those of its ops where these run one by one.
    calls = 1

    def run(self, iterations, latency):
        many, per_call = self.many, self.per_call
        if self.loop is not None:
            many, per_call = functools.partial(self.loop, iterations), iterations
        return {"wallNs": group_ns(self.step, self.finish, iterations, latency, many, per_call)}

    def first_call_ns(self):
        """Time of the first iteration, what it compiles included."""

        def first():
            self.step()
            if self.finish is not None:
                self.finish()

        return call_ns(first)[1]

    def write(self, tensor, data):
        """Fills a tensor from a TensorFile, and keeps no part of it."""
        raise NotImplementedError

    def read(self, tensor):
        """The values of a tensor as a contiguous buffer of f32 (f64 for f64 tensors)."""
        raise NotImplementedError

    def trace(self):
        """Where the framework says that each op ran."""
        raise NotImplementedError

    def profile(self, iterations):
        """The time of each of the steps of `built`, per iteration."""
        raise NotImplementedError

    def profile_whole(self, iterations):
        """For modes in which an iteration is one step. States and outputs stay as they were."""
        restore = self.snapshot()
        wall_ns = group_ns(self.step, self.finish, iterations) / iterations
        restore()
        return [{**self.built["steps"][0], "wallNs": wall_ns}]

    def snapshot(self):
        """A function that brings states and outputs back to what they are now."""
        raise NotImplementedError

    def close(self):
        """Lets go of the tensors."""


class ArrayProgram(Program):
    """A graph in a framework whose arrays never change: states are returned, and passed again.

    Subclasses know what an array is: `zeros`, `from_host`, `to_host`; how a function is compiled:
    `compile`; and what ends an iteration: `evaluate`.
    """

    #: Whether `evaluate` belongs to every iteration, since nothing runs without it.
    is_lazy = False

    def __init__(self, graph, steps, namespace):
        self.graph = graph
        self.steps = steps
        self.namespace = namespace
        self.stored = [tensor.id for tensor in graph.stored]
        self.arguments = [self.zeros(tensor) for tensor in graph.stored]
        self.results = [None]
        build_ns = call_ns(self._make)[1]
        first_ns = self.first_call_ns()
        self._reset_states()
        self.built = {
            "buildNs": build_ns,
            "firstCallNs": first_ns,
            "steps": self.reported_steps(),
            "deviceBytes": self._held_bytes(),
        }

    def zeros(self, tensor):
        raise NotImplementedError

    def from_host(self, tensor, data):
        raise NotImplementedError

    def to_host(self, tensor, array):
        raise NotImplementedError

    def compile(self, function):
        raise NotImplementedError

    def evaluate(self, arrays):
        """Returns when an array, or each of a tuple or list of them, has its values."""
        raise NotImplementedError

    def reported_steps(self):
        return [step.record() for step in self.steps]

    def _make(self):
        states = [tensor.id for tensor in self.graph.with_role("state")]
        returned = self.graph.outputs + states
        source = iteration_source(self.graph, self.steps, returned)
        iteration = self.compile(define(source, "iteration", self.namespace))
        self.returned = len(returned)
        names = {
            "iteration": iteration,
            "evaluate": self.evaluate,
            "arguments": self.arguments,
            "results": self.results,
            "repeat": itertools.repeat,
        }
        moves = [
            (self.stored.index(state), len(self.graph.outputs) + index)
            for index, state in enumerate(states)
        ]
        self.loop = define(self._loop_source(moves), "loop", names)
        self.step = functools.partial(self.loop, 1)
        if not self.is_lazy:
            results, evaluate = self.results, self.evaluate

            def finish():
                if results[0] is not None:
                    evaluate(results[0])

            self.finish = finish

    def _loop_source(self, moves):
        """Source of `loop(iterations)`, over local variables, as somebody would write it by hand.

        `moves`: (index of an argument, index of what an iteration returns) for each state.
        """
        count = len(self.arguments)
        given = "".join("a%d, " % index for index in range(count))
        made = "made" if self.returned == 1 else "made[%d]"
        inner = [
            # Dropped first where it is complete, so that its memory can be used again: to drop what is
            # still being computed costs time.
            *(["made = None"] if self.is_lazy else []),
            "made = iteration(%s)" % given.rstrip(", "),
            *(["evaluate(made)"] if self.is_lazy else []),
            *["a%d = %s" % (to, made % at if "%" in made else made) for to, at in moves],
        ]
        return "\n".join(
            [
                "def loop(iterations):",
                "    %s = arguments" % given.rstrip(" "),
                "    results[0] = None",
                "    for _ in repeat(None, iterations):",
                *["        " + line for line in inner],
                "    results[0] = made",
                *["    arguments[%d] = a%d" % (to, to) for to, _ in moves],
                "",
            ]
        )

    def _reset_states(self):
        for tensor in self.graph.with_role("state"):
            self.arguments[self.stored.index(tensor.id)] = self.zeros(tensor)

    def _held_bytes(self):
        return sum(tensor.bytes for tensor in self.graph.stored) + sum(
            self.graph.tensors[output].bytes for output in self.graph.outputs
        )

    def write(self, tensor, data):
        at = self.stored.index(tensor.id)
        self.arguments[at] = None
        self.arguments[at] = self.from_host(tensor, data)

    def read(self, tensor):
        return self.to_host(tensor, self._value(tensor.id))

    def _value(self, tensor_id):
        if tensor_id in self.stored:
            return self.arguments[self.stored.index(tensor_id)]
        if self.results[0] is None:
            raise wrong_request("run an iteration first")
        made = unpacked(self.results[0], self.returned)
        return made[self.graph.outputs.index(tensor_id)]

    def snapshot(self):
        arguments, results = list(self.arguments), self.results[0]

        def restore():
            self.arguments[:] = arguments
            self.results[0] = results

        return restore

    def values_by_step(self):
        """Each step with its arguments and its result, one after the other, each by itself."""
        values = dict(zip(self.stored, self.arguments))
        for step in self.steps:
            function = define(step_source(step), "step", self.namespace)
            arguments = [values[tensor] for tensor in step.inputs]
            result = function(*arguments)
            self.evaluate([result])
            values[step.output] = result
            yield step, function, arguments, result

    def profile(self, iterations):
        times = []
        for step, function, arguments, _ in self.values_by_step():
            times.append({**step.record(), "wallNs": self._time(function, arguments, iterations)})
        return times

    def _time(self, function, arguments, iterations):
        kept = [None]
        evaluate = self.evaluate

        def once():
            kept[0] = function(*arguments)
            if self.is_lazy:
                evaluate(kept)

        once()
        return group_ns(once, lambda: evaluate(kept), iterations) / iterations

    def close(self):
        self.step = self.loop = self.finish = None
        self.arguments.clear()
        self.results[0] = None


def whole(steps, kernel):
    """The steps of a mode that compiles an iteration into one."""
    return [{"ops": [op.id for step in steps for op in step.ops], "kernel": kernel}]
