"""The workloads of scripts/bench-webgpu.mjs in PyTorch on an NVIDIA GPU, eager and as CUDA graphs.

Times are per iteration by CUDA events, the median over groups. f32 without TF32, so that the same
arithmetic is compared. Prints JSON.

    python3 scripts/peers/torch_cuda.py
"""

import json
import statistics

import torch
from torch import nn

SAMPLES = 15
SAMPLE_MS = 50.0


def sample(run):
    """Median microseconds of one call of `run`."""

    def group_ms(iterations):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(iterations):
            run()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end)

    for _ in range(5):
        run()
    torch.cuda.synchronize()
    iterations = max(1, round(SAMPLE_MS / (group_ms(3) / 3)))
    group_ms(iterations)
    return statistics.median(group_ms(iterations) / iterations for _ in range(SAMPLES)) * 1e3


def captured(run):
    """`run` as a CUDA graph, after warm-up on a side stream."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def add(elements=2**26):
    a, b = (torch.rand(elements, device="cuda") for _ in range(2))
    c = torch.empty_like(a)
    return lambda: torch.add(a, b, out=c)


def copy(elements=2**26):
    a = torch.rand(elements, device="cuda")
    b = torch.empty_like(a)
    return lambda: b.copy_(a)


def linear(rows=8192, features=4096, units=4096, rate=0.1):
    x = torch.rand(rows, features, device="cuda")
    target = torch.rand(rows, units, device="cuda")
    layer = nn.Linear(features, units, device="cuda")
    loss_of = nn.MSELoss()

    def step():
        layer.zero_grad(set_to_none=True)
        loss_of(layer(x), target).backward()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter -= rate * parameter.grad

    return step


def cnn(batch=16384):
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(5408, 10),
        nn.Softmax(dim=1),
    ).cuda()
    x = torch.rand(batch, 1, 28, 28, device="cuda")

    def forward():
        with torch.no_grad():
            return model(x)

    return forward


def main():
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    results = {}
    for make in (copy, add, linear, cnn):
        run = make()
        results[make.__name__] = {"eagerUs": sample(run), "cudaGraphUs": sample(captured(run))}
    device = torch.cuda.get_device_name()
    print(json.dumps({"torch": torch.__version__, "device": device, "results": results}))


if __name__ == "__main__":
    main()
