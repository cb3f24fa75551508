"""Writes ONNX models without the onnx package: the parts of onnx.proto3 that the ops need.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
"""

#: 17 is understood by every ONNX Runtime since 1.12 (2022).
OPSET = 17
IR_VERSION = 8

#: TensorProto.DataType
DATA_TYPES = {"f32": 1, "i64": 7, "f16": 10, "f64": 11, "bf16": 16}

_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_STRING, _ATTRIBUTE_INTS = 1, 2, 3, 7


def _varint(value):
    value &= 2**64 - 1  # Negative numbers are ten bytes of two's complement.
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _message(field, *parts):
    body = b"".join(part.encode("utf-8") if isinstance(part, str) else part for part in parts)
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def node(name, kind, inputs, outputs, **attributes):
    """NodeProto. Attributes are whole numbers, tuples of them, or texts."""
    return _message(
        1,
        *[_message(1, tensor) for tensor in inputs],
        *[_message(2, tensor) for tensor in outputs],
        _message(3, name),
        _message(4, kind),
        *[_message(5, _attribute(key, value)) for key, value in sorted(attributes.items())],
    )


def _attribute(name, value):
    """AttributeProto."""
    head = _message(1, name)
    if isinstance(value, str):
        return head + _message(4, value) + _number(20, _ATTRIBUTE_STRING)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, _ATTRIBUTE_INT)
    numbers = b"".join(_number(8, item) for item in value)
    return head + numbers + _number(20, _ATTRIBUTE_INTS)


def initializer(name, dtype, shape, data):
    """TensorProto of a constant; `data` is its little-endian bytes."""
    return _message(
        5,
        *[_number(1, extent) for extent in shape],
        _number(2, DATA_TYPES[dtype]),
        _message(8, name),
        _message(9, bytes(data)),
    )


def _value_info(field, name, dtype, shape):
    dimensions = _message(2, *[_message(1, _number(1, extent)) for extent in shape])
    tensor = _message(1, _number(1, DATA_TYPES[dtype]), dimensions)
    return _message(field, _message(1, name), _message(2, tensor))


def model(nodes, inputs, outputs, initializers):
    """ModelProto as bytes. Inputs and outputs: (name, dtype, shape)."""
    graph = _message(
        7,
        *nodes,
        _message(2, "mpsbench"),
        *initializers,
        *[_value_info(11, *value) for value in inputs],
        *[_value_info(12, *value) for value in outputs],
    )
    return _number(1, IR_VERSION) + graph + _message(8, _number(2, OPSET))
