"""Recomputes what `mpsbench bench all --save-tensors DIR --json RESULT` saved, with NumPy in float64.

Usage: python3 check_tensors.py RESULT DIR. Exits with 1 where a tensor is not what NumPy gets.
docs/tensors.md describes the files and the formulas.
"""
import json
import sys
from pathlib import Path

import numpy as np

# Unit roundoff: half the distance from 1 to the next larger value.
ROUNDOFF = {"f64": 2.0**-53, "f32": 2.0**-24, "tf32": 2.0**-11, "f16": 2.0**-11, "bf16": 2.0**-8}


def add(t, params):
    return {"c": t["a"] + t["b"]}


def linear(t, params):
    # Without .before_last, every step was checked in one piece: repeat them all.
    single = "weights.before_last" in t
    start, steps = (".before_last", 1) if single else (".before", params["epochs"])
    x, targets, weights, bias = t["x"], t["targets"], t["weights" + start], t["bias" + start]
    for _ in range(steps):
        predictions = x @ weights + bias
        loss = np.mean((predictions - targets) ** 2)
        gradient = 2 * (predictions - targets) / predictions.size
        weights = weights - params["learningRate"] * (x.T @ gradient)
        bias = bias - params["learningRate"] * gradient.sum(axis=0)
    return {"predictions": predictions, "loss": [loss], "weights": weights, "bias": bias}


def cnn(t, params):
    # NHWC with one channel, HWIO: windows is (n, height, width, 3, 3).
    windows = np.lib.stride_tricks.sliding_window_view(t["images"][..., 0], (3, 3), axis=(1, 2))
    conv = np.einsum("nyxij,ijf->nyxf", windows, t["filters"][:, :, 0])
    active = np.maximum(conv + t["conv_bias"], 0)
    n, height, width, filters = active.shape
    even = active[:, : height // 2 * 2, : width // 2 * 2]
    pooled = even.reshape(n, height // 2, 2, width // 2, 2, filters).max(axis=(2, 4))
    logits = pooled.reshape(n, -1) @ t["dense_weights"] + t["dense_bias"]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {"probabilities": exponentials / exponentials.sum(axis=1, keepdims=True)}


def check(row, folder):
    """Prints one line per tensor; returns whether all are right."""
    tensors = {path.stem: np.load(path).astype(np.float64) for path in folder.glob("*.npy")}
    expected = {"add": add, "linear": linear, "cnn": cnn}[row["workload"]](tensors, row["params"])
    allowed = 64 * ROUNDOFF["tf32" if row.get("tf32") else row["dtype"]]
    right = True
    for name, values in expected.items():
        error = np.max(np.abs(tensors[name] - values)) / np.max(np.abs(values))
        right &= bool(error <= allowed)  # not a number is wrong, too
        print(f"{folder / name}: error {error:.1e} of the largest value, {allowed:.1e} allowed")
    return right


result, root = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
rows = [row for row in result["rows"] if row["state"] == "measured"]
checked = [check(row, root / row["workload"] / row["device"].replace(":", "-")) for row in rows]
sys.exit(0 if checked and all(checked) else 1)
