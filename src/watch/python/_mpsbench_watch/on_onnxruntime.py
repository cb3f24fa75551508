"""ONNX Runtime: the providers of each session, the nodes that each of them got, and runs."""

from . import recorder, report, windows
from .frames import user_place
from .patching import clock, each, observe, replace

#: Makes a session keep which provider got which node; since 1.24.
_KEEP_ASSIGNMENT = "session.record_ep_graph_assignment_info"

_CPU = "CPUExecutionProvider"


def patch(onnxruntime, import_ns):
    framework, window = windows.of("onnxruntime", onnxruntime.__version__, import_ns)
    report.hook_process_end()
    hook = Hook(onnxruntime, framework, window)
    each("onnxruntime", hook.watch_sessions, hook.watch_runs)
    report.before_report(hook.ask)


class Hook:
    def __init__(self, onnxruntime, framework, window):
        self.onnxruntime = onnxruntime
        self.framework = framework
        self.windows = window
        #: id of a session -> ({(op, provider): nodes}, its first provider)
        self.sessions = {}

    def watch_sessions(self):
        def make(original):
            def __init__(session, *args, **kwargs):
                args, kwargs = self._keeping_assignment(args, kwargs)
                original(session, *args, **kwargs)
                try:
                    self._made(session)
                except Exception as error:
                    recorder.fault("onnxruntime session", error)

            return __init__

        replace(self.onnxruntime.InferenceSession, "__init__", make)

    def _keeping_assignment(self, args, kwargs):
        """Sets one entry of the session's options, unless the program has set it."""
        try:
            kind = self.onnxruntime.InferenceSession
            if self.framework.counted == "off":
                return args, kwargs
            if not hasattr(kind, "get_provider_graph_assignment_info"):
                return args, kwargs
            options = args[1] if len(args) > 1 else kwargs.get("sess_options")
            if options is None:
                options = self.onnxruntime.SessionOptions()
                if len(args) > 1:
                    args = (args[0], options, *args[2:])
                else:
                    kwargs = {**kwargs, "sess_options": options}
            options.add_session_config_entry(_KEEP_ASSIGNMENT, "1")
        except Exception as error:
            recorder.fault("onnxruntime options", error)
        return args, kwargs

    def _made(self, session):
        providers = session.get_providers()
        place = user_place(3)
        gpus = [name for name in self.onnxruntime.get_available_providers() if _is_gpu(name)]
        if providers[:1] == [_CPU] and gpus:
            text = "The session has only the CPU's provider; %s is available." % gpus[0]
            self.framework.note("cpu-device-in-script", text, place)
        nodes = {}
        # With `--ops off` the session was not told to keep what it would be asked for.
        is_kept = self.framework.counted != "off"
        if is_kept and hasattr(session, "get_provider_graph_assignment_info"):
            try:
                for part in session.get_provider_graph_assignment_info():
                    for node in part.get_nodes():
                        key = _op_of(node), part.ep_name
                        nodes[key] = nodes.get(key, 0) + 1
            except Exception as error:
                recorder.fault("onnxruntime nodes", error)
        if len(self.sessions) < 1000:
            self.sessions[id(session)] = nodes, providers[0] if providers else _CPU
        for name in {provider for _, provider in nodes} or set(providers[:1]):
            self.framework.device(name)

    def watch_runs(self):
        kind = self.onnxruntime.InferenceSession
        observe(kind, "run", self._after_run(".run()"))
        observe(kind, "run_with_iobinding", self._after_run(".run_with_iobinding()"))

    def _after_run(self, how):
        def after(_, result, ns, args, kwargs):
            nodes, provider = self.sessions.get(id(args[0]), ({}, _CPU))
            if self.windows.is_open:
                begin = clock()
                if not nodes:
                    self.framework.op("InferenceSession" + how, provider, None, 1, ns)
                for (op, where), times in nodes.items():
                    self.framework.op(op, where, None, times)
                if provider != _CPU:
                    self._note_fallbacks(nodes, provider)
                self._note_inputs(kwargs.get("input_feed") or (args[2] if len(args) > 2 else None))
                self.windows.op(clock() - begin)
            self.windows.step()

        return after

    def _note_fallbacks(self, nodes, provider):
        for (op, where), _ in nodes.items():
            if where == _CPU:
                reason = "%s has no kernel for it, or left it to the CPU" % provider
                self.framework.fallback(op, reason, _CPU)

    def _note_inputs(self, feed):
        if not isinstance(feed, dict):
            return
        for value in list(feed.values())[:4]:
            dtype = str(getattr(value, "dtype", ""))
            if dtype == "float64":
                self.framework.note("float64", "An input of the model is float64.", user_place(5))

    def ask(self):
        self.windows.settle()
        for name in self.onnxruntime.get_available_providers():
            if _is_gpu(name):
                self.framework.available[name] = True


def _is_gpu(provider):
    words = ("CUDA", "Tensorrt", "TensorRT", "CoreML", "Dml", "ROCM", "MIGraphX", "WebGpu", "OpenVINO")
    return provider.startswith(words)


def _op_of(node):
    return getattr(node, "op_type", None) or str(node)
