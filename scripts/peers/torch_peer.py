"""PyTorch: eager with preallocated outputs, torch.compile, and CUDA graphs on a GPU."""

import protocol

channel = protocol.take_stdout()
options = protocol.arguments()

import torch  # noqa: E402  (after stdout is taken)
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(options.threads)
device = torch.device(options.device)
# f32 means f32: no TF32 in convolutions or products.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True


def finish():
    if device.type == "cuda":
        torch.cuda.synchronize()


def tensor(case, name, shape):
    return torch.from_numpy(case.load(name, shape)).to(device)


def host(values):
    return values.detach().cpu().numpy()


def add(case, make):
    shape = case.params["shape"]
    a, b = tensor(case, "a", shape), tensor(case, "b", shape)
    c = torch.empty_like(a)

    def step():
        torch.add(a, b, out=c)

    return make({"out=": step}, lambda run: (run(), {"c": host(c)})[1])


def linear(case, make):
    p = case.params
    rows, features, units = p["rows"], p["features"], p["units"]
    x = tensor(case, "x", [rows, features])
    targets = tensor(case, "targets", [rows, units])
    weights = tensor(case, "weights", [features, units])
    bias = tensor(case, "bias", [units])
    start = weights.clone(), bias.clone()
    predictions = torch.empty_like(targets)
    error = torch.empty_like(targets)
    loss = torch.empty([], device=device)
    d_bias = torch.empty_like(bias)
    count = rows * units
    rate = 2 * p["learningRate"] / count

    def step():
        torch.addmm(bias, x, weights, out=predictions)
        torch.sub(predictions, targets, out=error)
        flat = error.view(-1)
        torch.dot(flat, flat, out=loss)
        loss.div_(count)
        # The update in the product itself: W <- W - rate x^T e, without a gradient in between.
        weights.addmm_(x.t(), error, alpha=-rate)
        torch.sum(error, 0, out=d_bias)
        bias.add_(d_bias, alpha=-rate)

    def results(run):
        weights.copy_(start[0])
        bias.copy_(start[1])
        run()
        finish()
        return {
            "predictions": host(predictions),
            "loss": host(loss),
            "weights": host(weights),
            "bias": host(bias),
        }

    return make({"out=, fused update": step}, results)


class Cnn(torch.nn.Module):
    """With `channels_last` the flattening is free; else the dense weights take NCHW order."""

    def __init__(self, case, channels_last):
        super().__init__()
        p = case.params
        filters = tensor(case, "filters", [3, 3, 1, p["filters"]]).permute(3, 2, 0, 1)
        pooled = (p["image"] - 2) // 2
        dense = tensor(case, "dense_weights", [pooled, pooled, p["filters"], 10])
        if not channels_last:
            dense = dense.permute(2, 0, 1, 3)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.channels_last = channels_last
        self.filters = torch.nn.Parameter(filters.contiguous(memory_format=layout))
        self.conv_bias = torch.nn.Parameter(tensor(case, "conv_bias", [p["filters"]]))
        self.dense = torch.nn.Parameter(dense.reshape(-1, 10).contiguous())
        self.dense_bias = torch.nn.Parameter(tensor(case, "dense_bias", [10]))

    def forward(self, images):
        y = F.max_pool2d(F.conv2d(images, self.filters, self.conv_bias).relu_(), 2)
        if self.channels_last:
            y = y.permute(0, 2, 3, 1)
        return torch.addmm(self.dense_bias, y.reshape(y.shape[0], -1), self.dense).softmax(1)


def cnn(case, make):
    batch, image = case.params["batch"], case.params["image"]
    images = tensor(case, "images", [batch, 1, image, image])
    candidates = {}
    outputs = {}
    for name in ["channels_last", "nchw"]:
        channels_last = name == "channels_last"
        layout = torch.channels_last if channels_last else torch.contiguous_format
        model = Cnn(case, channels_last).eval()
        placed = images.contiguous(memory_format=layout)
        candidates[name] = forward_step(model, placed, outputs)

    def results(run):
        run()
        finish()
        return {"probabilities": host(outputs["value"])}

    return make(candidates, results)


def forward_step(model, images, outputs):
    def step():
        outputs["value"] = model(images)

    # For torch.compile, which takes the model itself: it may then fold the weights.
    step.model, step.images, step.outputs = model, images, outputs
    return step


def in_turn(candidates, results, wrap, label):
    steps = {name: wrap(step) for name, step in candidates.items()}
    name = protocol.fastest({key: (step, finish) for key, step in steps.items()})
    step = steps[name]
    return protocol.Program(step, lambda: results(step), label + name, finish)


def compiled(step):
    if not hasattr(step, "model"):
        return torch.compile(step)
    model = torch.compile(step.model)
    return forward_step(model, step.images, step.outputs)


def captured(step):
    """The step as a CUDA graph: one launch for all its kernels."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


WRAPPERS = {
    "eager": (lambda step: step, ""),
    "compile": (compiled, "inductor, "),
    "CUDA graph": (captured, "captured, "),
}
WORKLOADS = {"add": add, "linear": linear, "cnn": cnn}


def prepare(case, variant):
    torch._dynamo.reset()
    # Constant folding of a frozen model is for inference only.
    torch._inductor.config.freezing = case.workload == "cnn"
    wrap, label = WRAPPERS[variant]
    return WORKLOADS[case.workload](
        case, lambda candidates, results: in_turn(candidates, results, wrap, label)
    )


variants = ["eager", "compile"] if device.type == "cpu" else ["eager", "CUDA graph"]
hello = {
    "name": "PyTorch",
    "version": torch.__version__,
    "variants": variants,
    "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
}
with torch.no_grad():
    protocol.serve(channel, hello, prepare)
