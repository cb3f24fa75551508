"""The graph that a program is built from: what src/graph/types.ts describes, parsed and checked."""

from .protocol import unsupported, wrong_request

DTYPES = ("f32", "f16", "bf16", "f64")

#: Number of input tensors of each kind of op.
OP_KINDS = {
    "add": 2,
    "sub": 2,
    "mul": 2,
    "matmul": 2,
    "bias_add": 2,
    "relu": 1,
    "conv2d": 2,
    "max_pool2d": 1,
    "reshape": 1,
    "softmax": 1,
    "mse_loss": 2,
    "mse_grad": 2,
    "reduce_sum": 1,
    "sgd_update": 2,
}

_ROLES = ("input", "weight", "state", "temp")
_PADDINGS = ("valid", "same")
_BYTES = {"f32": 4, "f16": 2, "bf16": 2, "f64": 8}


class Tensor:
    """`shape` is NHWC for activations and HWIO for filters."""

    __slots__ = ("id", "shape", "dtype", "role")

    def __init__(self, id, shape, dtype, role):
        self.id = id
        self.shape = shape
        self.dtype = dtype
        self.role = role

    @property
    def elements(self):
        count = 1
        for extent in self.shape:
            count *= extent
        return count

    @property
    def bytes(self):
        return self.elements * _BYTES[self.dtype]


class Op:
    """One op; what only some kinds have is None elsewhere."""

    __slots__ = (
        "id",
        "kind",
        "inputs",
        "output",
        "transpose_a",
        "transpose_b",
        "strides",
        "padding",
        "window",
        "learning_rate",
    )

    def __init__(self, id, kind, inputs, output):
        self.id = id
        self.kind = kind
        self.inputs = inputs
        self.output = output
        self.transpose_a = self.transpose_b = False
        self.strides = self.padding = self.window = self.learning_rate = None


class Graph:
    """Tensors by id, ops in execution order, and the ids of the temps that are read."""

    def __init__(self, name, tensors, ops, outputs):
        self.name = name
        self.tensors = tensors
        self.ops = ops
        self.outputs = outputs

    def with_role(self, *roles):
        """In the order of their declaration."""
        return [tensor for tensor in self.tensors.values() if tensor.role in roles]

    @property
    def stored(self):
        """The tensors that the host writes: inputs, weights and states."""
        return self.with_role("input", "weight", "state")

    def readers(self, tensor_id):
        """The ops that read a tensor."""
        return [op for op in self.ops if tensor_id in op.inputs]

    def only_filters(self):
        """Ids of the stored tensors that convolutions read as filters, and nothing else reads.

        A driver may hold them in its framework's own order.
        """
        return frozenset(tensor.id for tensor in self.stored if self._is_only_filter(tensor.id))

    def _is_only_filter(self, tensor_id):
        readers = self.readers(tensor_id)
        return bool(readers) and all(
            op.kind == "conv2d" and op.inputs[0] != tensor_id for op in readers
        )

    def shape(self, tensor_id):
        return self.tensors[tensor_id].shape

    @property
    def dtype(self):
        """The dtype of the tensors, which all have the same."""
        return next(iter(self.tensors.values())).dtype


def same_padding(op, graph):
    """((top, bottom), (left, right)) of a `same` convolution: the odd one at the end."""
    x = graph.shape(op.inputs[0])
    filters = graph.shape(op.inputs[1])
    out = graph.shape(op.output)
    pairs = []
    for axis in (1, 2):
        stride = op.strides[axis - 1]
        total = max((out[axis] - 1) * stride + filters[axis - 1] - x[axis], 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def parse_graph(value):
    """A Graph from its JSON.

    Raises RequestError `wrong_request` for what is not a graph, `unsupported` for an unknown op.
    """
    value = _object(value, "graph")
    tensors = {}
    for item in _list(value.get("tensors"), "graph.tensors"):
        tensor = _tensor(item)
        if tensor.id in tensors:
            raise wrong_request("tensor %s is declared twice" % tensor.id)
        tensors[tensor.id] = tensor
    if not tensors:
        raise wrong_request("the graph has no tensors")
    if len({tensor.dtype for tensor in tensors.values()}) > 1:
        raise unsupported("the tensors of the graph differ in dtype")
    ops = [_op(item, tensors) for item in _list(value.get("ops"), "graph.ops")]
    outputs = [_known(item, tensors) for item in _list(value.get("outputs"), "graph.outputs")]
    graph = Graph(str(value.get("name", "")), tensors, ops, outputs)
    _check_order(graph)
    return graph


def _check_order(graph):
    written = {tensor.id for tensor in graph.stored}
    for op in graph.ops:
        for tensor_id in op.inputs:
            if tensor_id not in written:
                raise wrong_request("op %s reads %s before it is written" % (op.id, tensor_id))
        role = graph.tensors[op.output].role
        if op.kind == "sgd_update":
            if role != "state" or op.output != op.inputs[0]:
                raise wrong_request("op %s must update a state tensor in place" % op.id)
        elif role != "temp" or op.output in written:
            raise wrong_request("op %s must write a temp tensor of its own" % op.id)
        written.add(op.output)
    for tensor_id in graph.outputs:
        if tensor_id not in written:
            raise wrong_request("output %s is never written" % tensor_id)


def _tensor(item):
    item = _object(item, "tensor")
    tensor_id = _text(item.get("id"), "tensor.id")
    dtype = item.get("dtype")
    if dtype not in DTYPES:
        raise unsupported("tensor %s has the unknown dtype %r" % (tensor_id, dtype))
    role = item.get("role")
    if role not in _ROLES:
        raise wrong_request("tensor %s has the unknown role %r" % (tensor_id, role))
    shape = _extents(item.get("shape"), "shape of tensor " + tensor_id)
    return Tensor(tensor_id, shape, dtype, role)


def _op(item, tensors):
    item = _object(item, "op")
    op_id = _text(item.get("id"), "op.id")
    kind = item.get("kind")
    if kind not in OP_KINDS:
        raise unsupported("op %s has the unknown kind %r" % (op_id, kind))
    inputs = [_known(tensor, tensors) for tensor in _list(item.get("inputs"), "op.inputs")]
    if len(inputs) != OP_KINDS[kind]:
        raise wrong_request("op %s needs %d inputs" % (op_id, OP_KINDS[kind]))
    op = Op(op_id, kind, inputs, _known(item.get("output"), tensors))
    if kind == "matmul":
        op.transpose_a = item.get("transposeA") is True
        op.transpose_b = item.get("transposeB") is True
    if kind in ("conv2d", "max_pool2d"):
        op.strides = _extents(item.get("strides"), "strides of op " + op_id, 2)
    if kind == "conv2d":
        op.padding = item.get("padding")
        if op.padding not in _PADDINGS:
            raise wrong_request("op %s has the unknown padding %r" % (op_id, op.padding))
    if kind == "max_pool2d":
        op.window = _extents(item.get("window"), "window of op " + op_id, 2)
    if kind == "sgd_update":
        rate = item.get("learningRate")
        if isinstance(rate, bool) or not isinstance(rate, (int, float)):
            raise wrong_request("op %s needs a learning rate" % op_id)
        op.learning_rate = float(rate)
    return op


def _object(value, what):
    if not isinstance(value, dict):
        raise wrong_request("%s must be an object" % what)
    return value


def _list(value, what):
    if not isinstance(value, list):
        raise wrong_request("%s must be an array" % what)
    return value


def _text(value, what):
    if not isinstance(value, str) or not value:
        raise wrong_request("%s must be a string" % what)
    return value


def _known(tensor_id, tensors):
    if not isinstance(tensor_id, str) or tensor_id not in tensors:
        raise wrong_request("there is no tensor %r" % (tensor_id,))
    return tensor_id


def _extents(value, what, count=None):
    extents = tuple(_list(value, what))
    if count is not None and len(extents) != count:
        raise wrong_request("%s must have %d numbers" % (what, count))
    for extent in extents:
        if isinstance(extent, bool) or not isinstance(extent, int) or extent < 1:
            raise wrong_request("%s must be whole numbers above 0" % what)
    return extents
