"""PyTorch: MPS and CUDA, a matmul, the three examples, and an op that MPS may lack.

PyTorch has no placement log; a dispatch mode sees every op and the device of what it returns.
"""

import os
import sys
import warnings

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe as host  # noqa: E402


def mps_state(torch):
    backend = getattr(torch.backends, "mps", None)
    if backend is None:
        return {"built": False, "available": False, "reason": "this release has no MPS backend"}
    built = bool(backend.is_built())
    available = bool(backend.is_available())
    reason = None
    if not built:
        reason = "this build has no MPS support"
    elif not available:
        reason = "macOS is too old for this build, or there is no Metal device"
    return {"built": built, "available": available, "reason": reason}


def cuda_state(torch):
    built = torch.version.cuda or getattr(torch.version, "hip", None)
    available = bool(torch.cuda.is_available())
    reason = None
    if not built:
        reason = "this build has no CUDA support"
    elif not available:
        try:
            torch.cuda.init()
            reason = "no CUDA device"
        except Exception as error:
            reason = str(error)[:500]
    return {"built": bool(built), "version": built, "available": available, "reason": reason}


class Recorder:
    """The ops that run inside it, each with the device of its result; None where it cannot tell."""

    def __init__(self, torch):
        self.rows = []
        self._torch = torch
        try:
            from torch.utils._python_dispatch import TorchDispatchMode
        except ImportError:  # before 1.13
            self.mode = None
            return
        recorder = self

        class Mode(TorchDispatchMode):
            def __torch_dispatch__(self, function, types, args=(), kwargs=None):
                result = function(*args, **(kwargs or {}))
                recorder.note(function, result)
                return result

        self.mode = Mode

    def note(self, function, result):
        first = result[0] if isinstance(result, (list, tuple)) and result else result
        if isinstance(first, self._torch.Tensor):
            self.rows.append({"kernel": str(function), "device": str(first.device)})

    def run(self, work):
        if self.mode is None:
            return work()
        with self.mode():
            return work()


def run_matmul(torch, device):
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device)
    b = torch.tensor([[5.0, 6.0], [7.0, 8.0]], device=device)
    return host.flat((a @ b).cpu().tolist())


def run_add(torch, example, device, recorder):
    a = torch.tensor(host.nested(example, "a"), device=device)
    b = torch.tensor(host.nested(example, "b"), device=device)
    return {"c": host.flat(recorder.run(lambda: a + b).cpu().tolist())}


def run_linear(torch, example, device, recorder):
    x = torch.tensor(host.nested(example, "x"), device=device)
    targets = torch.tensor(host.nested(example, "targets"), device=device)
    weights = torch.tensor(host.nested(example, "weights"), device=device, requires_grad=True)
    bias = torch.tensor(host.nested(example, "bias"), device=device, requires_grad=True)
    rate = example["params"]["learningRate"]

    def step():
        predictions = x @ weights + bias
        loss = ((predictions - targets) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for parameter in (weights, bias):
                parameter -= rate * parameter.grad
                parameter.grad = None
        return predictions, loss

    # The first step shows the placement of all.
    predictions, loss = recorder.run(step)
    for _ in range(example["params"]["epochs"] - 1):
        predictions, loss = step()
    found = {"predictions": predictions, "loss": loss, "weights": weights, "bias": bias}
    return {name: host.flat(value.detach().cpu().tolist()) for name, value in found.items()}


def run_cnn(torch, example, device, recorder):
    functional = torch.nn.functional
    names = ["images", "filters", "conv_bias", "dense_weights", "dense_bias"]
    images, filters, conv_bias, dense_weights, dense_bias = [
        torch.tensor(host.nested(example, name), device=device) for name in names
    ]
    # NHWC and HWIO, as TensorFlow has them, to NCHW and OIHW.
    images = images.permute(0, 3, 1, 2).contiguous()
    filters = filters.permute(3, 2, 0, 1).contiguous()

    def forward():
        active = functional.relu(functional.conv2d(images, filters, conv_bias))
        pooled = functional.max_pool2d(active, 2)
        features = pooled.permute(0, 2, 3, 1).reshape(pooled.shape[0], -1)
        return functional.softmax(features @ dense_weights + dense_bias, dim=1)

    return {"probabilities": host.flat(recorder.run(forward).cpu().tolist())}


def try_missing_op(torch, device):
    """Eigenvalues of a general matrix: MPS has had no kernel for them."""
    matrix = torch.tensor([[2.0, 0.0], [0.0, 3.0]], device=device)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            torch.linalg.eigvals(matrix).cpu()
        except Exception as error:
            return {"state": "refused", "message": str(error)[:500]}
    fell_back = [str(one.message) for one in caught if "fall back" in str(one.message)]
    if fell_back:
        return {"state": "fell back", "message": fell_back[0][:500]}
    return {"state": "ran", "message": ""}


def probe():
    examples = host.read_examples()
    host.stage("import")
    watch = host.Stopwatch()
    import torch

    import_seconds = watch.seconds()
    host.stage("devices")
    mps = mps_state(torch)
    cuda = cuda_state(torch)
    device = "mps" if mps["available"] else "cuda" if cuda["available"] else "cpu"
    hardware = torch.cuda.get_device_name(0) if cuda["available"] else None
    # The answers are compared at float32; TF32 would round the operands to 11 bits.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    host.stage("matmul")
    matmul = run_matmul(torch, device)
    outputs = {}
    placements = {}
    for name, example in (("add", run_add), ("linear", run_linear), ("cnn", run_cnn)):
        host.stage("example " + name)
        recorder = Recorder(torch)
        outputs[name] = example(torch, examples[name], device, recorder)
        placements[name] = recorder.rows
    host.stage("fallback")
    fallback = try_missing_op(torch, device)
    host.stage("done")
    return {
        "version": str(torch.__version__),
        "importSeconds": import_seconds,
        "device": device,
        "hardware": hardware,
        "mps": mps,
        "cuda": cuda,
        "matmul": matmul,
        "outputs": outputs,
        "placements": placements,
        "fallback": fallback,
    }


host.run(probe)
