"""JAX: calls of compiled functions, compilation, copies and synchronisations.

Everything that JAX runs is a call of a compiled function, eager ops included. Its ops are those of
its jaxpr, before XLA fuses them.
"""

import _thread
import ctypes
import importlib
import sys
import time
import weakref

from . import frames, recorder, report, windows
from .frames import user_place
from .patching import clock, each, observe, replace

#: Of a loop whose trip count only the run knows, the body is counted once.
_LOOPS = {"scan": "length"}

#: Compilation is worth a note from this and a tenth of the time on.
_MIN_COMPILE_SECONDS = 2.0

#: What a counted call takes beside the counting itself: entering through Python, not through C++.
_ENTRY_NS = 1_500

#: Calls are counted as long as that takes less than this share of the time, by `--ops`; programs of many
#: small eager ops are above it.
_SHARES = {"first-steps": 0.03, "all": 0.15}

#: So much is spent on counting, whatever its share, before it pauses.
_FREE_NS = 50_000_000

_MAX_FUNCTIONS = 5000
_MAX_VARIANTS = 50


def patch(jax, import_ns):
    framework, window = windows.of("jax", jax.__version__, import_ns)
    report.hook_process_end()
    hook = Hook(jax, framework, window)
    each(
        "jax",
        hook.watch_calls,
        hook.watch_compilation,
        hook.watch_reads,
        hook.watch_copies,
        hook.note_environment,
    )
    report.before_report(hook.settle)


class Compiled:
    """One function that JAX compiles: how often it ran, by what it yields."""

    __slots__ = ("name", "place", "variants", "latest")

    def __init__(self, name, place):
        self.name = name
        self.place = place
        #: (shape, dtype, devices) of the first result -> Variant
        self.variants = {}
        self.latest = None

    def calls(self):
        return sum(variant.calls for variant in self.variants.values())


class Calling:
    """Whether calls of compiled functions are counted now: not where that takes too much of the time."""

    def __init__(self, kind, counting, windows, share):
        self._kind = kind
        self._counting = counting
        self._plain = kind.__call__
        self._windows = windows
        self._share = share
        self._began = self._opened = clock()
        self._cost = self._total = self._next = self._counted_ns = 0
        self._is_on = False

    def count(self):
        self._kind.__call__ = self._counting
        self._opened = clock()
        self._cost = 0
        self._is_on = True

    def spent(self, ns):
        self._cost += ns
        self._total += ns
        recorder.spent(ns)
        if self._cost < _FREE_NS:
            return
        now = clock()
        passed = now - self._opened
        if self._cost < self._share * passed:
            # Cheap so far; what comes is looked at on its own.
            self._counted_ns += passed
            self._opened, self._cost = now, 0
            return
        self._kind.__call__ = self._plain
        self._is_on = False
        self._counted_ns += passed
        self._windows.close()
        self._next = self._opened + self._cost / self._share

    def poll(self):
        """Goes on when a pause is over."""
        if not self._is_on and clock() >= self._next:
            self.count()
            self._windows.resume()

    def scale(self):
        """The program's own time over the part of it in which calls were counted."""
        if not self._next:
            return 1
        now = clock()
        counted = self._counted_ns + (now - self._opened if self._is_on else 0) - self._total
        return max(1, (now - self._began - self._total) / max(1, counted))


class Variant:
    """A function compiled for some shapes and devices: the ops of one call, and the calls."""

    __slots__ = ("ops", "devices", "calls", "reported")

    def __init__(self, ops, devices):
        self.ops = ops
        self.devices = devices
        self.calls = 0
        self.reported = 0


class Hook:
    def __init__(self, jax, framework, window):
        self.jax = jax
        self.framework = framework
        self.windows = window
        self.core = importlib.import_module("jax._src.core")
        self.array = importlib.import_module("jax._src.array").ArrayImpl
        self.numpy_array = sys.modules["numpy"].ndarray
        #: The Python function -> Compiled.
        self.functions = weakref.WeakKeyDictionary()
        self.dropped = []
        self.local = _thread._local()
        #: name -> how often it was compiled
        self.compiled = {}
        self.compile_seconds = 0.0
        self.begin = time.monotonic()
        self.calling = None

    # Calls of compiled functions.

    def watch_calls(self):
        if self.framework.counted == "off":
            return
        pjit = importlib.import_module("jax._src.pjit")
        kind = type(self.jax.jit(lambda: None))
        share = _SHARES[self.framework.counted]
        self.calling = Calling(kind, self._counting(kind.__call__), self.windows, share)
        replace(pjit, "_pjit_call_impl_python", self._profiling)
        self.calling.count()
        _leave_vectorcall(kind)

    def _counting(self, original):
        local, count = self.local, self._count
        is_clean = self.core.trace_state_clean
        hook = self

        def __call__(self, *args, **kwargs):
            calling = hook.calling
            outer = getattr(local, "compiled", None)
            local.compiled = None
            try:
                result = original(self, *args, **kwargs)
                begin = clock()
                try:
                    if is_clean() or _is_concrete(result):
                        count(self, args, result, local.compiled)
                    calling.spent(clock() - begin + _ENTRY_NS)
                except Exception as error:
                    recorder.fault("jax call", error)
                return result
            finally:
                local.compiled = outer

        def _is_concrete(result):
            leaves = self.jax.tree_util.tree_leaves(result)
            return bool(leaves) and not isinstance(leaves[0], hook.core.Tracer)

        return __call__

    def _profiling(self, original):
        """Where a call is not yet known to the C++ part, Python shows what it runs."""

        def _pjit_call_impl_python(*args, **kwargs):
            result = original(*args, **kwargs)
            try:
                self.local.compiled = kwargs["jaxpr"], result[0]
            except Exception as error:
                recorder.fault("jax profile", error)
            return result

        return _pjit_call_impl_python

    def _count(self, function, args, result, compiled):
        found = self._find(function)
        if found is None:
            return
        if compiled is not None or found.latest is None:
            self._profile(found, function, result, compiled)
        elif len(found.variants) > 1:
            found.latest = found.variants.get(self._key(result), found.latest)
        if found.latest is None:
            return
        found.latest.calls += 1
        for value in args:
            if type(value) is self.numpy_array:
                how = "numpy argument of %s()" % found.name
                device = found.latest.devices[0]
                place = user_place(3)
                self.framework.transfer("host-to-device", how, device, place, None, value.nbytes)
        report.tick()

    def _find(self, function):
        key = getattr(function, "_fun", None) or function
        try:
            found = self.functions.get(key)
            if found is None and len(self.functions) < _MAX_FUNCTIONS:
                found = Compiled(getattr(function, "__name__", "jit"), _place_of(key))
                self.functions[key] = found
                weakref.finalize(key, self.dropped.append, found).atexit = False
            return found
        except TypeError:  # A callable that no weak reference can be made to.
            return None

    def _profile(self, found, function, result, compiled):
        jaxpr, outputs = compiled or (_jaxpr_of(function), result)
        if jaxpr is None:
            return
        self._ask()  # Now: when Python ends, JAX has let go of its devices before the last report.
        ops = {}
        _count_equations(self.core, getattr(jaxpr, "jaxpr", jaxpr), 1, ops)
        key = self._key(outputs)
        known = found.variants.get(key)
        if known is not None:  # Other arguments, the same results.
            self._report(known)
            known.ops = ops
        elif len(found.variants) < _MAX_VARIANTS:
            known = found.variants[key] = Variant(ops, key[2] or ("cpu:0",))
        found.latest = known or found.latest
        doubles = [op for op, dtype in ops if dtype in ("float64", "complex128")]
        if doubles:
            text = "%s() computes in float64: %s." % (found.name, ", ".join(sorted(set(doubles))))
            self.framework.note("float64", text, found.place or user_place(3))

    def _key(self, outputs):
        """(shape, dtype, devices) of the first array of a result."""
        for leaf in self.jax.tree_util.tree_leaves(outputs):
            if isinstance(leaf, self.array):
                devices = tuple(sorted(_name(device) for device in leaf.devices()))
                return leaf.shape, str(leaf.dtype), devices
        return (), None, ()

    def _report(self, variant):
        calls = variant.calls - variant.reported
        variant.reported = variant.calls
        for device in variant.devices if calls else ():
            for (op, dtype), times in variant.ops.items():
                self.framework.op(op, device, dtype, calls * times)

    def settle(self):
        """Before a report: adds the calls since the last one to the ops."""
        self._note_compilation()
        self.windows.settle()
        framework = self.framework
        alive = list(self.functions.values())
        finished, self.dropped[:] = list(self.dropped), []
        for found in alive + finished:
            for variant in list(found.variants.values()):
                self._report(variant)
        steps = [found.calls() for found in alive + finished if found.place]
        counted = max([framework.counted_steps, *steps])
        framework.counted_steps = counted
        # Where counting pauses, the steps are as many as there would have been at the same rate.
        framework.steps = round(counted * (self.calling.scale() if self.calling else 1))

    # Compilation.

    def watch_compilation(self):
        monitoring = importlib.import_module("jax._src.monitoring")

        def compiled(event, duration, **details):
            try:
                if event.endswith("backend_compile_duration"):
                    name = str(details.get("fun_name", "a function"))
                    self.compiled[name] = self.compiled.get(name, 0) + 1
                    self.compile_seconds += duration
            except Exception as error:
                recorder.fault("jax compilation", error)

        monitoring.register_event_duration_secs_listener(compiled)

    def _note_compilation(self):
        seconds = time.monotonic() - self.begin
        if self.compile_seconds < max(_MIN_COMPILE_SECONDS, 0.1 * seconds):
            return
        name, times = max(self.compiled.items(), key=lambda item: item[1])
        text = "JAX compiled %d functions in %.1f s, %.0f %% of the time (%s: %d times)." % (
            sum(self.compiled.values()),
            self.compile_seconds,
            100 * self.compile_seconds / seconds,
            name,
            times,
        )
        self.framework.notes["compilation", (None, None)] = text

    # Copies, and reads that wait for the device.

    def watch_reads(self):
        for name, how in _READS.items():
            direction = "device-to-host" if how in _COPIES else "synchronize"
            observe(self.array, name, self._after_read(how, direction), _device_of_array)
        for name in ("block_until_ready", "device_get"):
            how = "jax.%s()" % name
            direction = "device-to-host" if name == "device_get" else "synchronize"
            observe(self.jax, name, self._after_read(how, direction), self._device_of_tree)

    def _after_read(self, how, direction):
        def after(device, result, ns, args, kwargs):
            if self.calling is not None:
                self.calling.poll()
            if device is not None:
                size = None
                if direction == "device-to-host" and not device.startswith("cpu"):
                    leaves = self.jax.tree_util.tree_leaves(args[0])
                    size = sum(getattr(leaf, "nbytes", 0) for leaf in leaves)
                self.framework.transfer(direction, how, device, user_place(4), ns, size)

        return after

    def _device_of_tree(self, args, kwargs):
        for leaf in self.jax.tree_util.tree_leaves(args[0] if args else None):
            if isinstance(leaf, self.array):
                return _name(next(iter(leaf.devices())))
        return None

    def watch_copies(self):
        def after(source, result, ns, args, kwargs):
            target = self._device_of_tree((result,), {})
            if target is None or source == target:
                return
            leaves = self.jax.tree_util.tree_leaves(result)
            size = sum(getattr(leaf, "nbytes", 0) for leaf in leaves)
            place = user_place(4)
            if target.startswith("cpu"):
                if source is not None and not source.startswith("cpu"):
                    how = "jax.device_put()"
                    self.framework.transfer("device-to-host", how, source, place, ns, size)
                elif self.framework.available and "cpu" in str(args[1:]):
                    text = "jax.device_put() places arrays on the CPU."
                    self.framework.note("cpu-device-in-script", text, place)
            else:
                self.framework.transfer(
                    "host-to-device", "jax.device_put()", target, place, ns, size
                )

        observe(self.jax, "device_put", after, self._device_of_tree)

    # What JAX says of itself.

    def note_environment(self):
        if sys.platform.startswith("linux") and importlib.util.find_spec("jax_plugins") is None:
            self.framework.note("cpu-only-build", "JAX has no plugin for a GPU.")

    def _ask(self):
        bridge = sys.modules.get("jax._src.xla_bridge")
        if bridge is None or not bridge.backends_are_initialized():
            return
        for device in self.jax.devices():
            if device.platform != "cpu":
                self.framework.available[_name(device)] = True
        platforms = self.jax.config.jax_platforms
        if platforms == "cpu":
            text = "JAX may only use the CPU: jax_platforms (or JAX_PLATFORMS) is cpu."
            self.framework.note("cpu-device-in-script", text)


_READS = {
    "__array__": "numpy.asarray()",
    "__bool__": "bool()",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
    "__index__": "__index__()",
    "__repr__": "print()",
    "__format__": "format()",
    "item": ".item()",
    "tolist": ".tolist()",
    "block_until_ready": ".block_until_ready()",
}

_COPIES = ("numpy.asarray()", ".tolist()")


def _device_of_array(args, kwargs):
    return _name(next(iter(args[0].devices())))


_device_names = {}


def _name(device):
    name = _device_names.get(device)
    if name is None:
        name = _device_names[device] = "%s:%d" % (device.platform, device.id)
    return name


def _place_of(function):
    """Where a function of the user's is defined; None for one of a library."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None or frames.is_library(code):
        return None
    return frames.file_name(code.co_filename), code.co_firstlineno


def _jaxpr_of(function):
    """Of a call that a transformation makes: JAX keeps its jaxpr in the function for a miss."""
    miss = getattr(function, "_cache_miss", None)
    miss = getattr(miss, "__wrapped__", miss)
    names = miss.__code__.co_freevars if miss is not None else ()
    if "jaxpr" not in names:
        return None
    return miss.__closure__[names.index("jaxpr")].cell_contents


def _count_equations(core, jaxpr, times, ops):
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        inner = list(_inner_jaxprs(core, equation.params))
        for one in inner:
            repeat = equation.params.get(_LOOPS[name], 1) if name in _LOOPS else 1
            _count_equations(core, one, times * repeat, ops)
        if inner:
            continue
        aval = equation.outvars[0].aval if equation.outvars else None
        dtype = getattr(aval, "dtype", None)
        key = name, None if dtype is None else str(dtype)
        ops[key] = ops.get(key, 0) + times


def _inner_jaxprs(core, parameters):
    for value in parameters.values():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            one = getattr(one, "jaxpr", one)
            if hasattr(one, "eqns") and hasattr(one, "outvars"):
                yield one


def _leave_vectorcall(kind):
    """Makes calls of a C type go through the `__call__` that was set.

    Since 3.12, setting it does that. Before, a type keeps the flag that says that it has a faster way
    (Py_TPFLAGS_HAVE_VECTORCALL), which is cleared as 3.12 does. The place of the flags is part of the
    stable layout of CPython 3.8 to 3.11 on 64-bit machines, and is checked.
    """
    has_vectorcall = 1 << 11
    if not kind.__flags__ & has_vectorcall:
        return
    if sys.implementation.name != "cpython" or sys.maxsize < 2**32:
        raise RuntimeError("calls of compiled functions cannot be counted here")
    flags = ctypes.c_ulong.from_address(id(kind) + 168)
    if flags.value != kind.__flags__:
        raise RuntimeError("the flags of the type are not where they should be")
    flags.value &= ~has_vectorcall
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
