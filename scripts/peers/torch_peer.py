"""PyTorch: eager with preallocated outputs, torch.compile, and CUDA graphs on a GPU."""

import time

import protocol

channel = protocol.take_stdout()
options = protocol.arguments()

import torch  # noqa: E402  (after stdout is taken)
import torch.nn.functional as F  # noqa: E402

if options.form == "compiled" and not hasattr(torch, "compile"):
    raise SystemExit("this PyTorch has no torch.compile")
torch.set_num_threads(options.threads)
device = torch.device(options.device)
torch.backends.cudnn.benchmark = True
DTYPES = {
    "f32": torch.float32,
    "tf32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
}


def allow_tf32(allowed):
    """f32 means f32, unless TF32 is what is measured."""
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


def finish():
    if device.type == "cuda":
        torch.cuda.synchronize()


def tensor(case, name, shape):
    return torch.from_numpy(case.load(name, shape)).to(device, DTYPES[case.format])


def host(values):
    return values.detach().float().cpu().numpy()


def add(case, make):
    shape = case.params["shape"]
    a, b = tensor(case, "a", shape), tensor(case, "b", shape)
    c = torch.empty_like(a)

    def step():
        torch.add(a, b, out=c)

    return make({"out=": step}, lambda run: (run(), {"c": host(c)})[1])


def copy(case, make):
    """The bandwidth that add is judged by: one of its inputs, copied on the device."""
    shape = case.params["shape"]
    a = tensor(case, "a", shape)
    c = torch.empty_like(a)
    program = make({"copy_": lambda: c.copy_(a)}, lambda run: (run(), {})[1])
    program.step()
    finish()
    program.answer = {
        "checks": [{"name": "every value", "ok": torch.equal(a, c), "maxAbsError": None}],
        "work": {"flops": 0, "bytes": 2 * a.numel() * a.element_size(), "items": a.numel()},
    }
    return program


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
    loss = torch.empty([], device=device, dtype=x.dtype)
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
    for name in ["channels_last", "nchw"]:
        channels_last = name == "channels_last"
        layout = torch.channels_last if channels_last else torch.contiguous_format
        model = Cnn(case, channels_last).eval()
        placed = images.contiguous(memory_format=layout)
        candidates[name] = forward_step(model, placed)

    def results(run):
        # What it says now is from before: only this run may fill it.
        run.output().zero_()
        run()
        finish()
        return {"probabilities": host(run.output())}

    return make(candidates, results)


def forward_step(model, images):
    outputs = {}

    def step():
        outputs["value"] = model(images)

    # For torch.compile, which takes the model itself: it may then fold the weights.
    step.model, step.images = model, images
    step.output = lambda: outputs["value"]
    return step


def in_turn(candidates, results, wrap, label):
    """Wraps every candidate in every way, and keeps the fastest."""
    programs = {}
    for name, step in candidates.items():
        for more, wrapped in wrap(step).items():
            programs[name + more] = protocol.Program(
                wrapped,
                lambda wrapped=wrapped: results(wrapped),
                label + name + more,
                finish,
                getattr(wrapped, "many", None),
            )
    return programs[protocol.fastest(programs)]


def plain(step):
    return {"": step}


def compiled(count):
    """As compiled, and on a GPU also captured, once and several times: the fastest is measured."""
    mode = "max-autotune-no-cudagraphs" if device.type == "cuda" else None

    def wrap(step):
        if hasattr(step, "model"):
            made = forward_step(torch.compile(step.model, mode=mode), step.images)
        else:
            made = torch.compile(step, mode=mode)
        made()
        forms = {"": made}
        if device.type == "cuda":
            forms[", captured"] = capture(made, 1)
            if count > 1 and step_seconds(forms[", captured"]) <= LONG_SECONDS:
                forms[f", captured, {count} at once"] = several(made, count)
        return forms

    return wrap


def capture(step, count):
    """`count` steps as a CUDA graph: one launch for all their kernels."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(count):
            step()

    def replay():
        graph.replay()

    # A graph knows addresses only: without the step nothing would hold the tensors behind them.
    replay.step = step
    if hasattr(step, "output"):
        filled = step.output()
        replay.output = lambda: filled
    return replay


def captured(step):
    return {"": capture(step, 1)}


def step_seconds(step):
    """Of one call, by the wall clock."""
    calls = 10
    step()
    finish()
    start = time.perf_counter()
    for _ in range(calls):
        step()
    finish()
    return (time.perf_counter() - start) / calls


def several(step, count):
    """A graph of several steps; what is left over, and what is verified, is a graph of one."""
    single = capture(step, 1)

    def replay():
        single()

    replay.single, replay.many = single, (count, capture(step, count))
    if hasattr(single, "output"):
        replay.output = single.output
    return replay


def captured_many(count):
    def wrap(step):
        if step_seconds(capture(step, 1)) > LONG_SECONDS:
            raise protocol.NotWorthwhile("launches cost nothing next to steps of this length")
        return {"": several(step, count)}

    return wrap


WORKLOADS = {"add": add, "linear": linear, "cnn": cnn}
# As our CUDA backend has it: longer iterations are launched one by one.
LONG_SECONDS = 100e-6
COPY = "copy_ (bandwidth)"
MANY = "CUDA graph of several"


def wrapper(case, variant):
    """How the steps of a variant are made, and what its note begins with."""
    if variant == "compile":
        return compiled(case.graph_steps), "max-autotune, " if device.type == "cuda" else "inductor, "
    if variant == "CUDA graph" or (variant == COPY and device.type == "cuda"):
        return captured, "captured, "
    if variant == MANY:
        return captured_many(case.graph_steps), f"captured, {case.graph_steps} at once, "
    return plain, ""


def prepare(case, variant):
    if options.form == "compiled":
        torch._dynamo.reset()
        # Constant folding of a frozen model is for inference only.
        torch._inductor.config.freezing = case.workload == "cnn"
    allow_tf32(case.format == "tf32")
    wrap, label = wrapper(case, variant)
    body = copy if variant == COPY else WORKLOADS[case.workload]
    return body(case, lambda candidates, results: in_turn(candidates, results, wrap, label))


def variants():
    formats = ["f32"] if device.type == "cpu" else list(DTYPES)
    if options.form == "compiled":
        return [{"name": "compile", "formats": formats}]
    copies = {"name": COPY, "formats": formats, "workloads": ["add"]}
    if device.type == "cpu":
        return [{"name": "eager", "formats": formats}, copies]
    several = {"name": MANY, "formats": formats, "several": True}
    ones = [{"name": name, "formats": formats} for name in ["eager", "CUDA graph"]]
    return [*ones, several, copies]


hello = {
    "name": "PyTorch",
    "version": torch.__version__,
    "variants": variants(),
    "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
}
with torch.no_grad():
    protocol.serve(channel, hello, prepare)
