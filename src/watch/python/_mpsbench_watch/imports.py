"""Patches a framework right after the program has imported it."""

import importlib
import sys
import time

from . import recorder, report

#: The module whose import triggers the hook -> what of this package patches it.
_HOOKS = {
    "torch": ("on_pytorch", "patch"),
    "torch.export": ("on_pytorch", "patch_compiler"),
    "torch.onnx": ("on_pytorch", "patch_compiler"),
    "torch._dynamo.trace_rules": ("on_pytorch", "patch_dynamo"),
    "torch._dynamo.skipfiles": ("on_pytorch", "patch_dynamo"),
    "tensorflow": ("on_tensorflow", "patch"),
    "jax": ("on_jax", "patch"),
    "mlx.core": ("on_mlx", "patch"),
    "onnxruntime": ("on_onnxruntime", "patch"),
}


class _Finder:
    """Finds nothing itself: it lets the other finders find, and watches the module being run."""

    def find_spec(self, name, path=None, target=None):
        hook = _HOOKS.get(name)
        if hook is None:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None:
                _patch_after(spec.loader, hook)
                return spec
        return None


def _patch_after(loader, hook):
    """Runs the hook once the loader has run its module; the loader stays what it was."""
    try:
        execute = loader.exec_module
    except AttributeError:
        return

    def exec_module(module):
        try:
            del loader.exec_module
        except AttributeError:
            pass
        begin = time.perf_counter_ns()
        execute(module)
        imported = time.perf_counter_ns()
        try:
            patch = getattr(importlib.import_module("." + hook[0], __package__), hook[1])
            patch(module, imported - begin)
        except Exception as error:
            recorder.fault(hook[0], error)
        # A program that is killed soon has told this much.
        report.write(False)
        recorder.spent(time.perf_counter_ns() - imported)

    try:
        loader.exec_module = exec_module
    except AttributeError:  # A loader without attributes of its own: this framework is not hooked.
        recorder.fault(hook[0], "its loader cannot be watched")


def install():
    sys.meta_path.insert(0, _Finder())
