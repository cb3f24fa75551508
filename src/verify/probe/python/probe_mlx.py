"""MLX: its default device, and two evaluated arrays."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe as host  # noqa: E402


def probe():
    example = host.read_examples()["add"]
    host.stage("import")
    watch = host.Stopwatch()
    import mlx.core as mx

    import_seconds = watch.seconds()
    host.stage("devices")
    kind = "gpu" if mx.default_device() == mx.Device(mx.gpu) else "cpu"
    metal = getattr(mx, "metal", None)
    a = mx.array(host.nested(example, "a"))
    b = mx.array(host.nested(example, "b"))
    host.stage("example add")
    total = mx.add(a, b)
    mx.eval(total)
    host.stage("matmul")
    product = mx.matmul(a, b)
    mx.eval(product)
    host.stage("done")
    return {
        "version": getattr(mx, "__version__", ""),
        "importSeconds": import_seconds,
        "device": kind,
        "metal": bool(metal is not None and metal.is_available()),
        "outputs": {"add": {"c": host.flat(total.tolist())}},
        "matmul": host.flat(product.tolist()),
    }


host.run(probe)
