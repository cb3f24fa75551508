"""Where PyTorch ran each op: its dispatcher, its warnings, and on CUDA its profiler."""

import warnings

#: Dispatched functions that compute nothing: they show the same memory under another shape.
_VIEWS = {
    "t",
    "view",
    "permute",
    "transpose",
    "expand",
    "detach",
    "alias",
    "as_strided",
    "_unsafe_view",
}

_FALLBACK = "fall back"


def trace_steps(torch, run_steps, device):
    """The reply to `trace` where each step is dispatched by itself.

    `run_steps(visit)` as TorchProgram.run_steps.
    """
    ops, said = [], []

    def visit(step, function, arguments):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            kernels, result = _dispatched(torch, function, arguments)
            observed = _device_kernels(torch, device, function, arguments)
        messages = [str(one.message) for one in caught]
        said.extend(messages)
        ops.extend(_row(op, step, kernels, result, observed, messages) for op in step.ops)
        return result

    # By default, the warning of a fallback comes once in a process.
    always = getattr(torch, "is_warn_always_enabled", lambda: False)()
    torch.set_warn_always(True)
    try:
        run_steps(visit)
    finally:
        torch.set_warn_always(always)
    return {"ops": ops, "warnings": list(dict.fromkeys(said))}


def trace_whole(torch, program, graph, kernel):
    """The reply to `trace` where an iteration is one step: what is known holds for all its ops."""
    device = next(iter(program.device_types()), "cpu")
    restore = program.snapshot()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        observed = _device_kernels(torch, torch.device(device), program.step, ())
    restore()
    evidence = "observed_per_run" if observed else "reported"
    row = {"placed": device, "kernel": kernel, "evidence": evidence}
    return {
        "ops": [{"op": op.id, **row} for op in graph.ops],
        "warnings": list(dict.fromkeys(str(one.message) for one in caught)),
    }


def _row(op, step, kernels, result, observed, messages):
    computing = [kernel for kernel in kernels if kernel.split(".")[1] not in _VIEWS] or kernels
    row = {
        "op": op.id,
        "placed": result.device.type,
        "kernel": observed[0] if observed else computing[0] if computing else step.kernel,
        "evidence": "observed_per_op" if observed else "reported",
    }
    fallbacks = [message for message in messages if _FALLBACK in message]
    if fallbacks:
        row.update(placed="cpu", reason=fallbacks[0][:500])
    return row


def try_missing_op(torch, device):
    """What becomes of an op that MPS has had no kernel for: eigenvalues of a general matrix."""
    matrix = torch.tensor([[2.0, 0.0], [0.0, 3.0]], device=device)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            torch.linalg.eigvals(matrix).cpu()
        except Exception as error:
            return {"state": "refused", "message": str(error)[:500]}
    fell_back = [str(one.message) for one in caught if _FALLBACK in str(one.message)]
    if fell_back:
        return {"state": "fell back", "message": fell_back[0][:500]}
    return {"state": "ran", "message": ""}


def _dispatched(torch, function, arguments):
    """(names of the functions that were dispatched, the result), for example `aten.mm.default`."""
    try:
        from torch.utils._python_dispatch import TorchDispatchMode
    except ImportError:  # before 1.13
        return [], function(*arguments)
    names = []

    class Recorder(TorchDispatchMode):
        # Newer releases would import all of torch._dynamo for a mode: two seconds and more.
        @classmethod
        def _should_skip_dynamo(cls):
            return False

        def __torch_dispatch__(self, dispatched, types, args=(), kwargs=None):
            names.append(str(dispatched))
            return dispatched(*args, **(kwargs or {}))

    with Recorder():
        result = function(*arguments)
    return names, result


def _device_kernels(torch, device, function, arguments):
    """Names of the kernels that the GPU ran, the longest first; none where nothing can tell."""
    if device.type != "cuda":
        return []
    try:
        from torch.profiler import ProfilerActivity, profile

        torch.cuda.synchronize()
        with profile(activities=[ProfilerActivity.CUDA]) as profiler:
            function(*arguments)
            torch.cuda.synchronize()
        kernels = [
            event
            for event in profiler.events()
            if event.device_type == torch.autograd.DeviceType.CUDA
        ]
    except Exception as error:  # Evidence of a weaker kind remains.
        warnings.warn("torch.profiler does not work here: %s" % error, stacklevel=1)
        return []
    kernels.sort(key=lambda event: event.time_range.elapsed_us(), reverse=True)
    return [event.name[:500] for event in kernels]
