"""ONNX Runtime: one session, inputs and outputs bound to memory that stays in place."""

import protocol

channel = protocol.take_stdout()
options = protocol.arguments()

import numpy  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

OPSET = 17


def session(nodes, inputs, outputs, constants):
    """Inputs and outputs: name -> shape; constants: name -> array."""

    def describe(shapes):
        return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]

    graph = helper.make_graph(
        nodes,
        "peer",
        describe(inputs),
        describe(outputs),
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )


def place(values):
    return onnxruntime.OrtValue.ortvalue_from_numpy(values)


def room(shape):
    return onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, numpy.float32)


def bind(run, inputs, outputs):
    binding = run.io_binding()
    for name, value in inputs.items():
        binding.bind_ortvalue_input(name, value)
    for name, value in outputs.items():
        binding.bind_ortvalue_output(name, value)
    return lambda: run.run_with_iobinding(binding)


def add(case):
    shape = case.params["shape"]
    run = session(
        [helper.make_node("Add", ["a", "b"], ["c"])], {"a": shape, "b": shape}, {"c": shape}, {}
    )
    c = room(shape)
    step = bind(run, {name: place(case.load(name, shape)) for name in ["a", "b"]}, {"c": c})

    def results():
        step()
        return {"c": c.numpy()}

    return step, results


def linear(case):
    p = case.params
    rows, features, units = p["rows"], p["features"], p["units"]
    rate = 2 * p["learningRate"] / (rows * units)
    shapes = {
        "x": [rows, features],
        "targets": [rows, units],
        "weights": [features, units],
        "bias": [units],
    }
    made = {
        "predictions": [rows, units],
        "loss": [1],
        "next_weights": shapes["weights"],
        "next_bias": shapes["bias"],
    }
    nodes = [
        helper.make_node("Gemm", ["x", "weights", "bias"], ["predictions"]),
        helper.make_node("Sub", ["predictions", "targets"], ["error"]),
        helper.make_node("ReduceSumSquare", ["error"], ["squares"], keepdims=0),
        helper.make_node("Mul", ["squares", "one_over_count"], ["loss"]),
        helper.make_node(
            "Gemm", ["x", "error", "weights"], ["next_weights"], alpha=-rate, beta=1.0, transA=1
        ),
        helper.make_node("ReduceSum", ["error", "rows_axis"], ["d_bias"], keepdims=0),
        helper.make_node("Mul", ["d_bias", "rate"], ["bias_update"]),
        helper.make_node("Sub", ["bias", "bias_update"], ["next_bias"]),
    ]
    constants = {
        "one_over_count": numpy.array([1 / (rows * units)], numpy.float32),
        "rate": numpy.array([rate], numpy.float32),
        "rows_axis": numpy.array([0], numpy.int64),
    }
    run = session(nodes, shapes, made, constants)
    fixed = {name: place(case.load(name, shapes[name])) for name in ["x", "targets"]}
    state = [
        {name: place(case.load(name, shapes[name])) for name in ["weights", "bias"]}
        for _ in range(2)
    ]
    out = {name: room(made[name]) for name in ["predictions", "loss"]}
    # Each step reads one copy of the parameters and writes the other.
    steps = [
        bind(run, {**fixed, **old}, {**out, **{"next_" + name: new[name] for name in new}})
        for old, new in [state, state[::-1]]
    ]
    turn = [0]

    def step():
        steps[turn[0]]()
        turn[0] ^= 1

    def results():
        for name, value in state[0].items():
            value.update_inplace(case.load(name, shapes[name]))
        turn[0] = 0
        step()
        return {name: value.numpy() for name, value in {**out, **state[1]}.items()}

    return step, results


def cnn(case):
    p = case.params
    batch, image, filters = p["batch"], p["image"], p["filters"]
    pooled = (image - 2) // 2
    kernels = case.load("filters", [3, 3, 1, filters]).transpose(3, 2, 0, 1)
    # The flattening is in NCHW order here, so the dense weights are too.
    dense = case.load("dense_weights", [pooled, pooled, filters, 10]).transpose(2, 0, 1, 3)
    constants = {
        "kernels": numpy.ascontiguousarray(kernels),
        "conv_bias": case.load("conv_bias", [filters]),
        "dense": numpy.ascontiguousarray(dense).reshape(-1, 10),
        "dense_bias": case.load("dense_bias", [10]),
    }
    nodes = [
        helper.make_node("Conv", ["images", "kernels", "conv_bias"], ["conv"]),
        helper.make_node("Relu", ["conv"], ["active"]),
        helper.make_node("MaxPool", ["active"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "dense", "dense_bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    # One channel: NHWC and NCHW are the same bytes.
    shape = [batch, 1, image, image]
    run = session(nodes, {"images": shape}, {"probabilities": [batch, 10]}, constants)
    out = room([batch, 10])
    step = bind(run, {"images": place(case.load("images", shape))}, {"probabilities": out})

    def results():
        step()
        return {"probabilities": out.numpy()}

    return step, results


WORKLOADS = {"add": add, "linear": linear, "cnn": cnn}


def prepare(case, variant):
    step, results = WORKLOADS[case.workload](case)
    for _ in range(3):
        step()
    return protocol.Program(step, results, "IO binding")


hello = {
    "name": "ONNX Runtime",
    "version": onnxruntime.__version__,
    "variants": [{"name": "session", "formats": ["f32"]}],
}
protocol.serve(channel, hello, prepare)
