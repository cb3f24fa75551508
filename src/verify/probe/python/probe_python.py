"""The interpreter itself: which Python it is, for which processor it was built, and where it runs."""

import os
import platform
import struct
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import mpsbench_probe  # noqa: E402


def translated():
    """Whether macOS translates this process from Intel code; None elsewhere."""
    if sys.platform != "darwin":
        return None
    try:
        import ctypes
        value = ctypes.c_int(0)
        size = ctypes.c_size_t(ctypes.sizeof(value))
        system = ctypes.CDLL(None)
        name = b"sysctl.proc_translated"
        failed = system.sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0)
        return None if failed else bool(value.value)
    except Exception:  # no ctypes in this build
        return None


def probe():
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "bits": struct.calcsize("P") * 8,
        "prefix": sys.prefix,
        "translated": translated(),
    }


mpsbench_probe.run(probe)
