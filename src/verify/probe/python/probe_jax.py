"""JAX: its devices, the default backend, and two compiled functions."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe as host  # noqa: E402


def device_of(array):
    devices = getattr(array, "devices", None)
    if callable(devices):
        return next(iter(devices()))
    device = array.device  # a method before 0.4.31
    return device() if callable(device) else device


def probe():
    example = host.read_examples()["add"]
    host.stage("import")
    watch = host.Stopwatch()
    import jax
    import jax.numpy as jnp

    import_seconds = watch.seconds()
    host.stage("devices")
    devices = [
        {"name": str(device), "platform": device.platform, "hardware": device.device_kind}
        for device in jax.devices()
    ]
    a = jnp.asarray(host.nested(example, "a"), dtype=jnp.float32)
    b = jnp.asarray(host.nested(example, "b"), dtype=jnp.float32)
    host.stage("example add")
    total = jax.jit(lambda x, y: x + y)(a, b)
    total.block_until_ready()
    host.stage("matmul")
    product = jax.jit(lambda x, y: jnp.matmul(x, y, precision="highest"))(a, b)
    product.block_until_ready()
    host.stage("done")
    return {
        "version": jax.__version__,
        "importSeconds": import_seconds,
        "devices": devices,
        "backend": jax.default_backend(),
        "outputs": {"add": {"c": host.flat(total.tolist())}},
        "matmul": host.flat(product.tolist()),
        "placements": [
            {"op": "add", "kind": "add", "device": str(device_of(total))},
            {"op": "matmul", "kind": "matmul", "device": str(device_of(product))},
        ],
    }


host.run(probe)
