"""Turns a graph into the Python source of one iteration, as somebody would write it by hand.

Straight-line source over local variables costs nothing that a hand-written script does not cost,
and every compiler of the frameworks can trace it.
"""


class Step:
    """One statement of an iteration.

    `ops`: what it computes. `kernel`: the framework's function. `inputs`: the tensors that it
    reads. `template`: an expression with `{0}`, `{1}`, ... for the inputs. `output`: what it
    assigns; `in_place` where the expression updates its first input instead.
    """

    __slots__ = ("ops", "kernel", "inputs", "template", "output", "in_place")

    def __init__(self, ops, kernel, inputs, template, in_place=False):
        self.ops = ops
        self.kernel = kernel
        self.inputs = inputs
        self.template = template
        self.output = ops[-1].output
        self.in_place = in_place

    def record(self):
        return {"ops": [op.id for op in self.ops], "kernel": self.kernel}


def lower(graph, lower_op, fuse=lambda graph, first, second: None):
    """The steps of a graph.

    `lower_op(graph, op)` makes the step of an op. `fuse(graph, first, second)` may make one of two,
    where nothing else reads what is between them; it returns None for pairs that it does not know.
    """
    steps = []
    done = set()
    for op in graph.ops:
        if op.id in done:
            continue
        following = _only_reader(graph, op)
        step = fuse(graph, op, following) if following is not None else None
        if step is None:
            step = lower_op(graph, op)
        done.update(part.id for part in step.ops)
        steps.append(step)
    return _in_order(graph, steps)


def _only_reader(graph, op):
    """The one op that reads what this op writes, where nobody else sees it."""
    if op.output in graph.outputs or op.kind == "sgd_update":
        return None
    readers = graph.readers(op.output)
    return readers[0] if len(readers) == 1 else None


def _in_order(graph, steps):
    """A fused step stands where its last op stood, since it reads what that op reads."""
    place = {op.id: index for index, op in enumerate(graph.ops)}
    return sorted(steps, key=lambda step: place[step.ops[-1].id])


def iteration_source(graph, steps, returned, parameters=None):
    """Source of `iteration(*parameters)`, which returns the tensors `returned` as `packed` says.

    Parameters are all stored tensors, unless their ids are given: then the namespace has the others
    under their `variable_names`.
    """
    names = variable_names(graph)
    if parameters is None:
        parameters = [tensor.id for tensor in graph.stored]
    lines = ["def iteration(%s):" % ", ".join(names[tensor] for tensor in parameters)]
    for step in steps:
        expression = step.template.format(*[names[tensor] for tensor in step.inputs])
        lines.append(
            "    " + (expression if step.in_place else names[step.output] + " = " + expression)
        )
    lines.append("    return " + packed([names[tensor] for tensor in returned]))
    return "\n".join(lines) + "\n"


def packed(names):
    """One value is returned as it is, as anybody would: packing it into a tuple costs time."""
    return names[0] if len(names) == 1 else "(%s)" % ", ".join(names)


def unpacked(value, count):
    """What an iteration returned, as a tuple of `count` values."""
    return (value,) if count == 1 else value


def step_source(step):
    """Source of `step(*inputs)`: one step by itself."""
    names = ["x%d" % index for index in range(len(step.inputs))]
    expression = step.template.format(*names)
    return "def step(%s):\n    return %s\n" % (", ".join(names), expression)


def define(source, name, namespace):
    """The function `name` of a source that refers to what is in the namespace."""
    scope = dict(namespace)
    exec(compile(source, "<mpsbench %s>" % name, "exec"), scope)
    return scope[name]


def variable_names(graph):
    """Valid variable names that tell what they are: the id of the tensor and a number."""
    names = {}
    for index, tensor_id in enumerate(graph.tensors):
        readable = "".join(c if c.isascii() and c.isalnum() else "_" for c in tensor_id)
        names[tensor_id] = "t%d_%s" % (index, readable[:40])
    return names
