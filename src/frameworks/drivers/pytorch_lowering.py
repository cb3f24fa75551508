"""The ops of a graph in PyTorch, on NCHW tensors."""

from .graph import same_padding
from .steps import Step


def lower_op(graph, op):
    kernel, template = _LOWERINGS[op.kind](graph, op)
    return Step([op], kernel, op.inputs, template, in_place=op.kind == "sgd_update")


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
