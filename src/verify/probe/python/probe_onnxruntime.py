"""ONNX Runtime: its execution providers, and a model of one op on the ones it takes by default."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe as host  # noqa: E402


def varint(value):
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(parts + [value])


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, *parts):
    body = b"".join(part if isinstance(part, bytes) else part.encode("ascii") for part in parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def tensor_info(field, name, shape):
    """ValueInfoProto of a float tensor; field numbers as in onnx.proto3."""
    dimensions = message(2, *[message(1, number(1, extent)) for extent in shape])
    return message(field, message(1, name), message(2, message(1, number(1, 1), dimensions)))


def add_model(shape):
    """ModelProto of c = a + b, so that the onnx package is not needed."""
    node = message(1, message(1, "a"), message(1, "b"), message(2, "c"), message(4, "Add"))
    inputs = tensor_info(11, "a", shape) + tensor_info(11, "b", shape)
    graph = message(7, node, message(2, "add"), inputs, tensor_info(12, "c", shape))
    return number(1, 7) + graph + message(8, number(2, 13))


def probe():
    example = host.read_examples()["add"]
    host.stage("import")
    watch = host.Stopwatch()
    import numpy
    import onnxruntime

    import_seconds = watch.seconds()
    host.stage("devices")
    providers = onnxruntime.get_available_providers()
    host.stage("example add")
    model = add_model(example["shapes"]["a"])
    session = onnxruntime.InferenceSession(model, providers=providers)
    feeds = {
        name: numpy.asarray(host.nested(example, name), dtype=numpy.float32) for name in ("a", "b")
    }
    (total,) = session.run(["c"], feeds)
    host.stage("done")
    return {
        "version": onnxruntime.__version__,
        "importSeconds": import_seconds,
        "providers": providers,
        "used": session.get_providers(),
        "outputs": {"add": {"c": host.flat(total.tolist())}},
    }


host.run(probe)
