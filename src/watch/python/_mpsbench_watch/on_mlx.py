"""MLX: evaluations and reads. Nothing runs before an evaluation, and all of it runs there."""

import re

from . import report, windows
from .frames import user_place
from .patching import clock, each, observe

#: `12 [label ="Matmul", shape=rectangle]` in the graph that MLX exports; arrays are named.
_PRIMITIVE = re.compile(r'label\s*=\s*"([^"]+)"\s*,\s*shape\s*=\s*rectangle')


def patch(core, import_ns):
    framework, window = windows.of("mlx", getattr(core, "__version__", ""), import_ns)
    report.hook_process_end()
    hook = Hook(core, framework, window)
    each("mlx", hook.watch_evaluations, hook.watch_reads, hook.watch_devices)
    report.before_report(hook.ask)


class Hook:
    def __init__(self, core, framework, window):
        self.core = core
        self.framework = framework
        self.windows = window

    def device(self):
        device = self.core.default_device()
        return "%s:%d" % (str(device.type).rsplit(".", 1)[-1], getattr(device, "index", 0))

    def watch_evaluations(self):
        for name in ("eval", "async_eval"):
            how = "mx.%s()" % name
            observe(self.core, name, self._after_evaluation(how, name == "eval"), self._pending)

    def _pending(self, args, kwargs):
        """The ops that the evaluation is about to run: MLX tells while they have not run."""
        if self.windows.is_open:
            self._count(self._arrays(args))

    def _count(self, arrays):
        if not arrays:
            return
        begin = clock()
        text = _Text()
        self.core.export_to_dot(text, *arrays)
        device = self.device()
        dtype = str(arrays[0].dtype).rsplit(".", 1)[-1]
        for name in _PRIMITIVE.findall("".join(text.parts)):
            self.framework.op(name, device, dtype)
            if dtype == "float64":
                self.framework.note("float64", "%s computes in float64." % name, user_place(6))
        self.windows.op(clock() - begin)

    def _arrays(self, values):
        found = []
        for value in values:
            if isinstance(value, self.core.array):
                found.append(value)
            elif isinstance(value, dict):
                found += self._arrays(value.values())
            elif isinstance(value, (list, tuple)):
                found += self._arrays(value)
        return found

    def _after_evaluation(self, how, waits):
        def after(_, result, ns, args, kwargs):
            if waits:
                self.framework.transfer("synchronize", how, self.device(), user_place(4), ns)
            self.framework.device(self.device())
            self.windows.step()

        return after

    def watch_reads(self):
        array = self.core.array
        for name, how in _READS.items():
            direction = "device-to-host" if name == "tolist" else "synchronize"
            observe(array, name, self._after_read(how, direction), self._pending_of_first)
        observe(self.core, "synchronize", self._after_read("mx.synchronize()", "synchronize"))

    def _pending_of_first(self, args, kwargs):
        if self.windows.is_open:
            self._count(self._arrays(args[:1]))

    def _after_read(self, how, direction):
        def after(_, result, ns, args, kwargs):
            # Memory is shared between CPU and GPU: nothing is copied, but the CPU waits.
            self.framework.transfer(direction, how, self.device(), user_place(4), ns)
            self.framework.device(self.device())
            self.windows.poll()

        return after

    def watch_devices(self):
        def after(_, result, ns, args, kwargs):
            if args and "cpu" in str(args[0]):
                text = "mx.set_default_device chooses the CPU."
                self.framework.note("cpu-device-in-script", text, user_place(4))

        observe(self.core, "set_default_device", after)

    def ask(self):
        self.windows.settle()
        metal = getattr(self.core, "metal", None)
        cuda = getattr(self.core, "cuda", None)
        if any(one is not None and one.is_available() for one in (metal, cuda)):
            self.framework.available["gpu:0"] = True


class _Text:
    """The part of a file that MLX writes to."""

    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(text if isinstance(text, str) else bytes(text).decode("utf-8", "replace"))
        return len(text)

    def flush(self):
        pass

    def seek(self, *position):
        return 0

    def tell(self):
        return sum(map(len, self.parts))

    def close(self):
        pass

    closed = False

    def readable(self):
        return False

    def writable(self):
        return True

    def seekable(self):
        return False


_READS = {
    "item": ".item()",
    "tolist": ".tolist()",
    "__array__": "numpy.array()",
    "__bool__": "bool()",
    "__int__": "int()",
    "__float__": "float()",
    "__repr__": "print()",
}
