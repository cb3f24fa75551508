"""PyTorch: steps, data loading, copies and synchronisations. Ops are counted in pytorch_ops."""

import importlib
import re
import sys
import warnings

from . import pytorch_ops, recorder, report, windows
from .frames import is_called_by_library, place_of_warning, user_place
from .patching import clock, each, observe, replace

#: Batches up to this size seldom fill a GPU.
_SMALL_BATCH = 16

_MPS_FALLBACKS = (
    re.compile(r"The operator '(?P<op>[^']+)' is not currently \w+ on the MPS backend"),
    re.compile(r"MPS: (?P<op>\w+) .*fall\w* back", re.IGNORECASE | re.DOTALL),
)


def patch(torch, import_ns):
    framework, window = windows.of("pytorch", torch.__version__, import_ns)
    report.hook_process_end()
    hook = Hook(torch, framework, window)
    each(
        "pytorch",
        hook.watch_steps,
        hook.watch_synchronisations,
        hook.watch_moves,
        hook.watch_loaders,
        hook.watch_warnings,
        hook.counter.leave_for_compilers,
        hook.note_build,
        hook.counter.settle,
    )
    report.before_report(hook.ask)
    _hooks.append(hook)


def patch_compiler(module, import_ns):
    """torch.export and torch.onnx, which are imported when they are first used."""
    for hook in _hooks:
        hook.counter.stop_at(module, "export")


def patch_dynamo(rules, import_ns):
    """Dynamo leaves the hook's own functions as they are: `skipfiles` in 2.0, later `trace_rules`."""
    rules.add(__package__)


_hooks = []


class Hook:
    def __init__(self, torch, framework, window):
        self.torch = torch
        self.framework = framework
        self.windows = window
        self.counter = pytorch_ops.Counter(torch, framework, window)

    def watch_steps(self):
        """An optimizer's step ends a step."""
        optimizer = importlib.import_module("torch.optim.optimizer")

        def ended(instance, args, kwargs):
            try:
                self.step_ended(instance)
            except Exception as error:
                recorder.fault("pytorch step", error)

        if hasattr(optimizer, "register_optimizer_step_post_hook"):  # since 2.0
            optimizer.register_optimizer_step_post_hook(ended)
            return

        def make(hook_for_profile):
            def wrapper(instance, *args, **kwargs):
                result = hook_for_profile(instance, *args, **kwargs)
                kind = type(instance)
                if not hasattr(kind.step, "_mpsbench_watched"):
                    replace(kind, "step", lambda step: _then(step, ended))
                    kind.step._mpsbench_watched = True
                return result

            return wrapper

        replace(optimizer.Optimizer, "_hook_for_profile", make)

    def step_ended(self, optimizer):
        begin = clock()
        if self.framework.steps < 3 or self.windows.is_open:
            for group in optimizer.param_groups:
                for parameter in group["params"][:1]:
                    self.framework.device(str(parameter.device))
        self.windows.step()
        self.counter.settle()
        recorder.spent(clock() - begin)
        report.tick()

    def boundary(self):
        """A call of the user's outside of all ops: counting may begin or end here."""
        if not self.framework.steps:
            self.windows.poll()
        self.counter.settle()

    # Reading a tensor's values waits for all that its device has been given before.

    def watch_synchronisations(self):
        torch = self.torch
        for name, how in _READS.items():
            observe(torch.Tensor, name, self._after_read(how), _device_of_first)
        observe(torch.cuda, "synchronize", self._after_wait("torch.cuda.synchronize()", "cuda"))
        for owner in ("Stream", "Event"):
            how = "torch.cuda.%s.synchronize()" % owner
            observe(
                getattr(torch.cuda, owner), "synchronize", self._after_wait(how, "cuda")
            )
        mps = getattr(torch, "mps", None)
        if mps is not None:
            observe(mps, "synchronize", self._after_wait("torch.mps.synchronize()", "mps"))

    def _after_read(self, how):
        is_copy = how in (".numpy()", ".tolist()", ".__array__()")

        def after(device, result, ns, args, kwargs):
            if device is None or (device.type == "cpu" and is_called_by_library(4)):
                return  # Libraries read small tensors of the CPU all the time, which costs nothing.
            size = _bytes(args[0]) if is_copy and device.type != "cpu" else None
            direction = "device-to-host" if is_copy else "synchronize"
            self.framework.transfer(direction, how, str(device), user_place(4), ns, size)
            self.boundary()

        return after

    def _after_wait(self, how, device):
        def after(_, result, ns, args, kwargs):
            self.framework.transfer("synchronize", how, device, user_place(4), ns)
            self.boundary()

        return after

    # Copies between devices.

    def watch_moves(self):
        torch = self.torch
        for name in ("to", "cpu", "cuda", "mps", "copy_"):
            observe(torch.Tensor, name, self._after_move("." + name + "()"), _device_of_source)
        for name in ("to", "cpu", "cuda"):
            observe(torch.nn.Module, name, self._after_module("." + name + "()"), _device_of_module)

    def _after_move(self, how):
        def after(source, result, ns, args, kwargs):
            self.boundary()
            if source is not None and result.device != source:
                self._moved(source, result.device, how, user_place(4), ns, _bytes(result))

        return after

    def _after_module(self, how):
        def after(before, module, ns, args, kwargs):
            self.boundary()
            first = next(module.parameters(), None)
            if first is None:
                return
            place = user_place(4)
            if before is not None and first.device != before:
                size = sum(_bytes(parameter) for parameter in module.parameters())
                self._moved(before, first.device, how, place, ns, size)
            elif first.device.type == "cpu" and (how == ".cpu()" or "cpu" in _words(args, kwargs)):
                text = "The model is kept on the CPU by %s." % how
                self.framework.note("cpu-device-in-script", text, place)

        return after

    def _moved(self, source, target, how, place, ns, size):
        if target.type == "cpu":
            self.framework.transfer("device-to-host", how, str(source), place, ns, size)
        elif source.type == "cpu":
            self.framework.transfer("host-to-device", how, str(target), place, ns, size)
        # What is moved to a device shows that the script uses it, also where no op is counted.
        self.framework.device(str(target))

    # Data.

    def watch_loaders(self):
        from torch.utils.data import dataloader
        from torch.utils.data._utils import worker

        hook = self
        observe(dataloader._BaseDataLoaderIter, "__next__", self._after_batch)
        observe(dataloader.DataLoader, "__iter__", self._after_loader_start)

        def make(loop):
            def _worker_loop(*args, **kwargs):
                try:
                    hook.counter.stop("a DataLoader's worker")
                except Exception as error:
                    recorder.fault("pytorch worker", error)
                return loop(*args, **kwargs)

            return _worker_loop

        replace(worker, "_worker_loop", make)

    def _after_batch(self, _, batch, ns, args, kwargs):
        workers = getattr(args[0], "_num_workers", 0)
        place = user_place(4)
        self.framework.wait("DataLoader", "num_workers=%d" % workers, place, ns)
        size = _first_dimension(self.torch, batch)
        if size is not None and size <= _SMALL_BATCH and not self.framework.steps > 50:
            self.framework.note("small-batch", "batches of %d from the DataLoader" % size, place)
        self.boundary()

    def _after_loader_start(self, _, iterator, ns, args, kwargs):
        workers = getattr(args[0], "num_workers", 0)
        if workers:  # They are started, or told that an epoch begins.
            detail = "num_workers=%d" % workers
            self.framework.wait("DataLoader", detail, user_place(4), ns, calls=0)

    # What PyTorch itself says.

    def watch_warnings(self):
        def make(show):
            def _showwarnmsg(message):
                try:
                    self.warned(str(message.message))
                    place_of_warning(message)
                except Exception as error:
                    recorder.fault("pytorch warning", error)
                return show(message)

            return _showwarnmsg

        replace(warnings, "_showwarnmsg", make)

    def warned(self, text):
        for pattern in _MPS_FALLBACKS:
            found = pattern.search(text)
            if found:
                name = found.group("op")
                op = name if "::" in name else "aten::" + name
                self.framework.fallback(op, text, "mps")
                self.framework.note("fallback-warning", text, user_place(3))
                return

    def note_build(self):
        version = self.torch.version
        mps = getattr(self.torch.backends, "mps", None)
        if sys.platform == "darwin":
            if mps is None or not mps.is_built():
                self.framework.note("cpu-only-build", "This PyTorch is built without MPS.")
        elif not version.cuda and not getattr(version, "hip", None):
            text = "PyTorch %s is a build for the CPU." % self.torch.__version__
            self.framework.note("cpu-only-build", text)

    def ask(self):
        """Before a report: what would cost too much, or change something, at another time."""
        torch = self.torch
        self.windows.settle()
        count = 0
        if torch.cuda.is_initialized():
            count = torch.cuda.device_count()
        elif hasattr(torch.cuda, "_device_count_nvml") and torch.version.cuda:
            # Starts no CUDA, after which the program could fork no more.
            count = max(0, torch.cuda._device_count_nvml())
        for index in range(count):
            self.framework.available["cuda:%d" % index] = True
        mps = getattr(torch.backends, "mps", None)
        if mps is not None and mps.is_available():
            self.framework.available["mps:0"] = True


#: Methods that need a tensor's values on the CPU.
_READS = {
    "item": ".item()",
    "tolist": ".tolist()",
    "numpy": ".numpy()",
    "__array__": ".__array__()",
    "__bool__": "bool()",
    "__int__": "int()",
    "__float__": "float()",
    "__index__": "__index__()",
    "__repr__": "print()",
    "__format__": "format()",
}


def _then(function, after):
    def wrapper(instance, *args, **kwargs):
        result = function(instance, *args, **kwargs)
        after(instance, args, kwargs)
        return result

    return wrapper


def _device_of_first(args, kwargs):
    tensor = args[0]
    # The compiler runs methods on tensors without values.
    return None if type(tensor).__name__ == "FakeTensor" else tensor.device


def _device_of_source(args, kwargs):
    """`a.to(...)` reads a; `a.copy_(b)` reads b."""
    source = args[0]
    if len(args) > 1 and hasattr(args[1], "device") and hasattr(args[1], "dtype"):
        source = args[1]
    return None if type(source).__name__ == "FakeTensor" else source.device


def _device_of_module(args, kwargs):
    first = next(args[0].parameters(), None)
    return None if first is None else first.device


def _words(args, kwargs):
    return {str(value) for value in [*args[1:], *kwargs.values()]}


def _bytes(tensor):
    return tensor.numel() * tensor.element_size()


def _first_dimension(torch, batch):
    """Of the first tensor in a batch."""
    if isinstance(batch, torch.Tensor):
        return batch.shape[0] if batch.dim() else None
    if isinstance(batch, dict):
        batch = list(batch.values())
    if isinstance(batch, (list, tuple)) and batch:
        return _first_dimension(torch, batch[0])
    return None
