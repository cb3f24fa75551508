"""The ops of a graph in PyTorch, on NCHW tensors in one of two memory layouts."""

from .graph import same_padding
from .steps import Step

_IMAGE_TO_NCHW, _IMAGE_FROM_NCHW = (0, 3, 1, 2), (0, 2, 3, 1)
_HWIO_TO_OIHW, _HWIO_FROM_OIHW = (3, 2, 0, 1), (2, 3, 1, 0)


class Layout:
    """How the tensors of a graph are held.

    Four-dimensional tensors are NCHW and OIHW in shape; in memory too, as most programs have them,
    or in `channels_last` memory, which is NHWC. Where activations are NCHW in memory, flattening
    would have to copy them to NHWC: a layer that is fed by it has its weights in NCHW order
    instead, as one that was trained by PyTorch.
    """

    def __init__(self, torch, graph, channels_last):
        self._torch = torch
        self.graph = graph
        self.channels_last = channels_last
        self.filters = graph.only_filters()
        #: Ids of weights -> (h, w, c) of the images that are flattened before them.
        self._rows = {} if channels_last else dict(_flattened_weights(graph))
        #: Ids of the ops whose output is in NCHW order.
        self.flattens = {
            op.id
            for op in graph.ops
            if op.kind == "reshape"
            and any(reader.inputs[-1] in self._rows for reader in graph.readers(op.output))
        }

    def zeros(self, tensor, **where):
        torch = self._torch
        if len(tensor.shape) != 4:
            return torch.zeros(tensor.shape, **where)
        axes = _HWIO_TO_OIHW if tensor.id in self.filters else _IMAGE_TO_NCHW
        shape = [tensor.shape[axis] for axis in axes]
        memory = torch.channels_last if self.channels_last else torch.contiguous_format
        return torch.empty(shape, memory_format=memory, **where).zero_()

    def from_host(self, tensor, host):
        """A tensor of the graph's shape, as it is held; a view where that is possible."""
        if len(tensor.shape) == 4:
            return host.permute(_HWIO_TO_OIHW if tensor.id in self.filters else _IMAGE_TO_NCHW)
        if tensor.id in self._rows:
            height, width, channels = self._rows[tensor.id]
            rows = host.reshape(height, width, channels, -1).permute(2, 0, 1, 3)
            return rows.reshape(tensor.shape)
        return host

    def to_host(self, tensor, held):
        """The opposite of `from_host`."""
        if len(tensor.shape) == 4:
            return held.permute(_HWIO_FROM_OIHW if tensor.id in self.filters else _IMAGE_FROM_NCHW)
        if tensor.id in self._rows:
            height, width, channels = self._rows[tensor.id]
            rows = held.reshape(channels, height, width, -1).permute(1, 2, 0, 3)
            return rows.reshape(tensor.shape)
        return held

    def lower_op(self, graph, op):
        kernel, template = _LOWERINGS[op.kind](graph, op)
        if op.id in self.flattens:
            template = "{0}.reshape(%r)" % (graph.shape(op.output),)
        return Step([op], kernel, op.inputs, template, in_place=op.kind == "sgd_update")


def _flattened_weights(graph):
    """(id of a weight, shape of an image) where images are flattened only to be multiplied."""
    for op in graph.ops:
        if op.kind != "reshape" or op.output in graph.outputs:
            continue
        source, target = graph.shape(op.inputs[0]), graph.shape(op.output)
        readers = graph.readers(op.output)
        if len(source) != 4 or len(target) != 2 or target[0] != source[0] or len(readers) != 1:
            continue
        layer, weight = readers[0], readers[0].inputs[-1]
        if (
            layer.kind == "matmul"
            and layer.inputs[0] == op.output
            and not (layer.transpose_a or layer.transpose_b)
            and graph.tensors[weight].role == "weight"
            and len(graph.readers(weight)) == 1
        ):
            yield weight, source[1:]


def fuse(graph, first, second):
    """A bias belongs to its layer, as in nn.Conv2d and nn.Linear."""
    if second.kind != "bias_add" or second.inputs[0] != first.output:
        return None
    inputs = [*first.inputs, second.inputs[1]]
    if first.kind == "conv2d":
        kernel, template = _conv2d(graph, first, bias="{2}")
        return Step([first, second], kernel, inputs, template)
    if first.kind == "matmul":
        _, product = _matmul(graph, first)
        template = product.replace("torch.matmul(", "torch.addmm({2}, ")
        return Step([first, second], "torch.addmm", inputs, template)
    return None


#: Operators -> the functions that write into a given tensor.
_OUT_FUNCTIONS = {"{0} + {1}": "torch.add", "{0} - {1}": "torch.sub", "{0} * {1}": "torch.mul"}

#: Functions that take `out` as their last argument.
_WITH_OUT = ("torch.matmul(", "torch.addmm(", "torch.sum(")


def preallocate(graph, steps, allocate):
    """Makes steps write into tensors that are allocated once, where PyTorch lets them.

    `allocate(tensor)` makes the room for an output. Returns the namespace that the steps refer to.
    """
    namespace = {}
    for index, step in enumerate(steps):
        name = "out%d" % index
        function = _OUT_FUNCTIONS.get(step.template)
        if step.in_place or _is_image(graph, step.output):
            continue
        if function is not None:
            step.template = "%s({0}, {1}, out=%s)" % (function, name)
        elif step.template.startswith(_WITH_OUT):
            step.template = "%s, out=%s)" % (step.template[:-1], name)
        else:
            continue
        namespace[name] = allocate(graph.tensors[step.output])
    return namespace


def _is_image(graph, tensor_id):
    return len(graph.shape(tensor_id)) == 4


def _matmul(graph, op):
    a = "{0}.t()" if op.transpose_a else "{0}"
    b = "{1}.t()" if op.transpose_b else "{1}"
    return "torch.matmul", "torch.matmul(%s, %s)" % (a, b)


def _bias_add(graph, op):
    bias = "{1}.view(-1, 1, 1)" if _is_image(graph, op.inputs[0]) else "{1}"
    return "torch.add", "{0} + " + bias


def _conv2d(graph, op, bias="None"):
    filters = "{1}" if op.inputs[1] in graph.only_filters() else "{1}.permute(1, 3, 0, 2)"
    images = "{0}"
    padding = (0, 0)
    if op.padding == "same":
        (top, bottom), (left, right) = same_padding(op, graph)
        if top == bottom and left == right:
            padding = (top, left)
        else:
            images = "F.pad({0}, %r)" % ((left, right, top, bottom),)
    template = "F.conv2d(%s, %s, %s, %r, %r)" % (images, filters, bias, op.strides, padding)
    return "torch.nn.functional.conv2d", template


def _max_pool2d(graph, op):
    template = "F.max_pool2d({0}, %r, %r)" % (op.window, op.strides)
    return "torch.nn.functional.max_pool2d", template


def _reshape(graph, op):
    source = "{0}.permute(0, 2, 3, 1)" if _is_image(graph, op.inputs[0]) else "{0}"
    template = source + ".reshape(%r)" % (graph.shape(op.output),)
    if _is_image(graph, op.output):
        template += ".permute(0, 3, 1, 2)"
    return "torch.Tensor.reshape", template


def _softmax(graph, op):
    axis = 1 if _is_image(graph, op.inputs[0]) else -1
    return "torch.softmax", "torch.softmax({0}, %d)" % axis


def _mse_grad(graph, op):
    factor = 2.0 / graph.tensors[op.output].elements
    return "torch.mul", "({0} - {1}) * %r" % factor


_LOWERINGS = {
    "add": lambda graph, op: ("torch.add", "{0} + {1}"),
    "sub": lambda graph, op: ("torch.sub", "{0} - {1}"),
    "mul": lambda graph, op: ("torch.mul", "{0} * {1}"),
    "matmul": _matmul,
    "bias_add": _bias_add,
    "relu": lambda graph, op: ("torch.relu", "torch.relu({0})"),
    "conv2d": _conv2d,
    "max_pool2d": _max_pool2d,
    "reshape": _reshape,
    "softmax": _softmax,
    "mse_loss": lambda graph, op: ("torch.nn.functional.mse_loss", "F.mse_loss({0}, {1})"),
    "mse_grad": _mse_grad,
    "reduce_sum": lambda graph, op: ("torch.sum", "torch.sum({0}, 0)"),
    "sgd_update": lambda graph, op: (
        "torch.Tensor.sub_",
        "{0}.sub_({1}, alpha=%r)" % op.learning_rate,
    ),
}
