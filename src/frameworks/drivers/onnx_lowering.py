"""A graph as an ONNX model. Four-dimensional tensors are NCHW and OIHW inside, as ONNX has them."""

import struct

from . import onnx_model
from .graph import same_padding

#: The axes of a tensor of the graph in the order of ONNX, and back.
IMAGE_TO_ONNX, IMAGE_FROM_ONNX = (0, 3, 1, 2), (0, 2, 3, 1)
FILTER_TO_ONNX, FILTER_FROM_ONNX = (3, 2, 0, 1), (2, 3, 1, 0)

#: The next value of a state tensor, which the caller feeds back.
NEXT = ".next"


def to_onnx_axes(graph, tensor):
    """The order of axes in which a stored tensor is held, or None for fewer than four axes."""
    if len(tensor.shape) != 4:
        return None
    return FILTER_TO_ONNX if tensor.id in graph.only_filters() else IMAGE_TO_ONNX


def from_onnx_axes(graph, tensor):
    if len(tensor.shape) != 4:
        return None
    return FILTER_FROM_ONNX if tensor.id in graph.only_filters() else IMAGE_FROM_ONNX


def onnx_shape(graph, tensor):
    axes = to_onnx_axes(graph, tensor)
    return tensor.shape if axes is None else tuple(tensor.shape[axis] for axis in axes)


class Lowering:
    """Collects the nodes and the constants of a graph; `kernels` is the op type of each op."""

    def __init__(self, graph):
        self.graph = graph
        self.nodes = []
        self.constants = []
        self.kernels = {}
        #: The name under which a tensor's latest value is known.
        self._latest = {}
        for op in graph.ops:
            getattr(self, "_" + op.kind)(op)

    def model(self, weights):
        """ModelProto; `weights` maps ids of stored tensors that are constants to their bytes."""
        graph = self.graph
        inputs = [self._value(tensor) for tensor in graph.stored if tensor.id not in weights]
        outputs = [self._value(graph.tensors[output]) for output in graph.outputs]
        outputs += [self._value(state, NEXT) for state in self.updated_states()]
        constants = [
            onnx_model.initializer(
                tensor.id, graph.dtype, onnx_shape(graph, tensor), weights[tensor.id]
            )
            for tensor in graph.stored
            if tensor.id in weights
        ]
        return onnx_model.model(self.nodes, inputs, outputs, self.constants + constants)

    def updated_states(self):
        return [state for state in self.graph.with_role("state") if state.id in self._latest]

    def _value(self, tensor, suffix=""):
        return (tensor.id + suffix, self.graph.dtype, onnx_shape(self.graph, tensor))

    def _node(self, op, kind, inputs, output=None, part="", **attributes):
        """One node; the last one of an op writes the op's output."""
        output = output or op.output
        name = op.id + part
        self.nodes.append(onnx_model.node(name, kind, inputs, [output], **attributes))
        self.kernels.setdefault(op.id, kind)
        return output

    def _scalar(self, op, value):
        name = op.id + "/constant"
        data = _scalar_bytes(self.graph.dtype, value)
        self.constants.append(onnx_model.initializer(name, self.graph.dtype, (), data))
        return name

    def _integers(self, op, name, values):
        name = op.id + "/" + name
        data = struct.pack("<%dq" % len(values), *values)
        self.constants.append(onnx_model.initializer(name, "i64", (len(values),), data))
        return name

    def _is_image(self, tensor_id):
        return len(self.graph.shape(tensor_id)) == 4

    def _elementwise(self, op):
        self._node(op, {"add": "Add", "sub": "Sub", "mul": "Mul"}[op.kind], op.inputs)

    _add = _sub = _mul = _elementwise

    def _matmul(self, op):
        if not op.transpose_a and not op.transpose_b:
            self._node(op, "MatMul", op.inputs)
            return
        flags = {"transA": int(op.transpose_a), "transB": int(op.transpose_b)}
        self._node(op, "Gemm", op.inputs, **flags)

    def _bias_add(self, op):
        x, bias = op.inputs
        if self._is_image(x):
            shape = self._integers(op, "shape", (-1, 1, 1))
            bias = self._node(op, "Reshape", [bias, shape], op.id + "/bias", "/reshape")
            self.kernels[op.id] = "Add"
        self._node(op, "Add", [x, bias])

    def _relu(self, op):
        self._node(op, "Relu", op.inputs)

    def _conv2d(self, op):
        x, filters = op.inputs
        if filters not in self.graph.only_filters():
            filters = self._node(
                op, "Transpose", [filters], op.id + "/filters", "/filters", perm=(1, 3, 0, 2)
            )
            self.kernels[op.id] = "Conv"
        attributes = {"strides": op.strides}
        if op.padding == "same":
            (top, bottom), (left, right) = same_padding(op, self.graph)
            attributes["pads"] = (top, left, bottom, right)
        self._node(op, "Conv", [x, filters], **attributes)

    def _max_pool2d(self, op):
        self._node(op, "MaxPool", op.inputs, kernel_shape=op.window, strides=op.strides)

    def _reshape(self, op):
        x = op.inputs[0]
        shape = self.graph.shape(op.output)
        if self._is_image(x):
            perm = IMAGE_FROM_ONNX
            x = self._node(op, "Transpose", [x], op.id + "/nhwc", "/transpose", perm=perm)
            self.kernels[op.id] = "Reshape"
        target = self._integers(op, "shape", shape)
        if not self._is_image(op.output):
            self._node(op, "Reshape", [x, target])
            return
        made = self._node(op, "Reshape", [x, target], op.id + "/nhwc.made", "/reshape")
        self._node(op, "Transpose", [made], perm=IMAGE_TO_ONNX)

    def _softmax(self, op):
        self._node(op, "Softmax", op.inputs, axis=1 if self._is_image(op.inputs[0]) else -1)

    def _mse_loss(self, op):
        error = self._node(op, "Sub", op.inputs, op.id + "/error", "/sub")
        squares = self._node(op, "Mul", [error, error], op.id + "/squares", "/mul")
        mean = self._node(op, "ReduceMean", [squares], op.id + "/mean", "/mean", keepdims=0)
        self._node(op, "Reshape", [mean, self._integers(op, "shape", (1,))])
        self.kernels[op.id] = "ReduceMean"

    def _mse_grad(self, op):
        count = self.graph.tensors[op.output].elements
        error = self._node(op, "Sub", op.inputs, op.id + "/error", "/sub")
        self._node(op, "Mul", [error, self._scalar(op, 2.0 / count)])

    def _reduce_sum(self, op):
        axes = self._integers(op, "axes", (0,))
        self._node(op, "ReduceSum", [op.inputs[0], axes], keepdims=0)

    def _sgd_update(self, op):
        parameter, gradient = op.inputs
        scaled = self._node(
            op, "Mul", [gradient, self._scalar(op, op.learning_rate)], op.id + "/step", "/mul"
        )
        self._node(op, "Sub", [parameter, scaled], parameter + NEXT)
        self._latest[parameter] = parameter + NEXT


def _scalar_bytes(dtype, value):
    if dtype == "bf16":
        # The upper half of an f32, rounded to nearest even.
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        return struct.pack("<H", (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 & 0xFFFF)
    return struct.pack({"f32": "<f", "f16": "<e", "f64": "<d"}[dtype], value)
