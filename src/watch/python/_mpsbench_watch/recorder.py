"""What was counted in this process: bounded, and cheap enough for every call of a framework."""

import _thread

MAX_OPS = 2000
MAX_LINES = 200
MAX_TEXT = 300
MAX_NOTES = 100
MAX_ERRORS = 20

#: Reentrant: a signal handler of the program may call a hooked function while one is recorded.
lock = _thread.RLock()

frameworks = []
errors = []
_hook_ns = [0]
_changes = [0]


class Framework:
    """What was seen of one framework."""

    def __init__(self, name, version, import_ns, counted):
        self.name = name
        self.version = str(version)
        self.import_ns = import_ns
        #: off, first-steps or all
        self.counted = counted
        #: What a hook keeps to find rows faster.
        self.rows = {}
        self.clear()
        with lock:
            frameworks.append(self)

    def clear(self):
        self.rows.clear()
        self.devices = {}
        self.available = {}
        self.ops = {}
        self.transfers = {}
        self.waits = {}
        self.notes = {}
        self.fallbacks = {}
        self.steps = 0
        self.counted_steps = 0
        self.counted_ns = 0

    def is_empty(self):
        return not (self.ops or self.transfers or self.waits or self.notes or self.steps)

    def op(self, op, device, dtype, calls=1, ns=None):
        """Counts calls of an op. `ns`: how long they took, where the call ends with the op."""
        row = self.ops.get((op, device, dtype))
        if row is None:
            row = self.op_row(op, device, dtype)
            if row is None:
                return
        with lock:
            row[0] += calls
            if ns is not None:
                row[1] = (row[1] or 0) + ns

    def op_row(self, op, device, dtype):
        """[calls, ns or None] of an op, to be added to in place; None where the table is full."""
        with lock:
            _changes[0] += 1
            row = self.ops.get((op, device, dtype))
            if row is None:
                if len(self.ops) >= MAX_OPS:
                    self.note("too-many-ops", "more than %d distinct ops: some are missing" % MAX_OPS)
                    return None
                row = self.ops[op, device, dtype] = [0, None]
                self.device(device)
            return row

    def device(self, device):
        if device not in self.devices and len(self.devices) < MAX_LINES:
            self.devices[device] = True

    def step(self, counted=False):
        with lock:
            _changes[0] += 1
            self.steps += 1
            self.counted_steps += counted

    def transfer(self, direction, how, device, place, ns=None, size=None):
        """`device`: the one that is read, written or waited for. `place`: (file, line)."""
        with lock:
            _changes[0] += 1
            row = self._row(self.transfers, (direction, how, device, place), [0, None, None])
            if row is None:
                return
            row[0] += 1
            if ns is not None:
                row[1] = (row[1] or 0) + ns
            if size is not None:
                row[2] = (row[2] or 0) + size

    def wait(self, what, detail, place, ns, calls=1):
        with lock:
            _changes[0] += 1
            row = self._row(self.waits, (what, detail, place), [0, 0])
            if row is not None:
                row[0] += calls
                row[1] += ns

    def note(self, code, text, place=(None, None)):
        with lock:
            _changes[0] += 1
            if (code, place) not in self.notes and len(self.notes) < MAX_NOTES:
                self.notes[code, place] = text

    def fallback(self, op, reason, device):
        """The framework said that an op of `device` runs on the CPU instead."""
        with lock:
            _changes[0] += 1
            row = self._row(self.fallbacks, op, [0, reason, device])
            if row is not None:
                row[0] += 1

    def _row(self, table, key, fresh):
        row = table.get(key)
        if row is None and len(table) < MAX_LINES:
            row = table[key] = fresh
        return row

    def to_json(self):
        return {
            "framework": self.name,
            "version": self.version,
            "importNs": self.import_ns,
            "devices": list(self.devices),
            "availableDevices": list(self.available),
            "counted": self.counted,
            "countedNs": self.counted_ns,
            "steps": self.steps,
            "countedSteps": self.counted_steps,
            "ops": self._ops(),
            "transfers": [
                {
                    "direction": direction,
                    "how": text(how),
                    "device": device,
                    "file": file,
                    "line": line,
                    "calls": calls,
                    "timeNs": ns,
                    "bytes": size,
                }
                for (direction, how, device, (file, line)), (calls, ns, size) in list(
                    self.transfers.items()
                )
            ],
            "waits": [
                {
                    "what": what,
                    "detail": text(detail),
                    "calls": calls,
                    "timeNs": ns,
                    "file": file,
                    "line": line,
                }
                for (what, detail, (file, line)), (calls, ns) in list(self.waits.items())
            ],
            "notes": [
                {"code": code, "text": text(what), "file": file, "line": line}
                for (code, (file, line)), what in list(self.notes.items())
            ],
        }

    def _ops(self):
        rows, explained = [], set()
        for (op, device, dtype), (calls, ns) in list(self.ops.items()):
            if calls == 0:
                continue
            reason = None
            if op in self.fallbacks and device.split(":")[0] == self.fallbacks[op][2]:
                # The result is on the GPU again: only the framework's word tells where it was made.
                reason, device = self.fallbacks[op][1], "cpu"
                explained.add(op)
            rows.append(_op(op, device, dtype, calls, ns, reason))
        for op, (calls, reason, _) in list(self.fallbacks.items()):
            if op not in explained:
                rows.append(_op(op, "cpu", None, calls, None, reason))
        return rows


def _op(op, device, dtype, calls, ns, reason):
    return {
        "op": text(op),
        "device": device,
        "dtype": dtype,
        "calls": calls,
        "timeNs": ns,
        "fallback": None if reason is None else text(reason),
    }


def text(value):
    return None if value is None else str(value)[:MAX_TEXT]


def fault(where, error):
    """Something in the hook failed; the program goes on."""
    kind = "" if isinstance(error, str) else type(error).__name__ + ": "
    message = text("%s: %s%s" % (where, kind, error))
    with lock:
        if message not in errors and len(errors) < MAX_ERRORS:
            errors.append(message)
            _changes[0] += 1


def spent(ns):
    """Adds to the time that the hook itself took."""
    _hook_ns[0] += ns


def hook_ns():
    return _hook_ns[0]


def changes():
    """A number that grows with everything that is recorded."""
    return _changes[0]


def forget():
    """In a new process: what the parent counted is in the parent's report."""
    global lock
    lock = _thread.RLock()
    del errors[:]
    _hook_ns[0] = 0
    for framework in frameworks:
        framework.clear()
