"""Entry point: `main.py FRAMEWORK` serves one framework over stdin and stdout (see server.py);
`main.py probe python|FRAMEWORK MARKER INPUTS` answers once (see probe.py).

The drivers run in whatever interpreter the user chose, so they use the standard library and the
framework only, and keep to Python 3.9.
"""

import importlib
import os
import sys
import types

PACKAGE = "mpsbench_drivers"


def _load_package():
    """Makes this folder a package without putting it on sys.path.

    Nothing in the environment can then shadow a driver's modules, nor they anything in it.
    """
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or os.curdir) != folder]
    package = types.ModuleType(PACKAGE)
    package.__path__ = [folder]
    sys.modules[PACKAGE] = package


def main(arguments):
    _load_package()
    if len(arguments) == 4 and arguments[0] == "probe":
        return importlib.import_module(PACKAGE + ".probe").main(*arguments[1:])
    protocol = importlib.import_module(PACKAGE + ".protocol")
    # First of all: whatever is printed from here on must not reach the protocol's stream.
    channel = protocol.take_standard_streams()
    server = importlib.import_module(PACKAGE + ".server")
    if len(arguments) != 1 or arguments[0] not in server.DRIVERS:
        sys.stderr.write("usage: main.py " + "|".join(server.DRIVERS) + "\n")
        return 64
    module = importlib.import_module(PACKAGE + "." + server.DRIVERS[arguments[0]])
    server.serve(channel, module.Driver())
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # At once: what a framework does at exit can hang or crash, and nobody waits for it.
    os._exit(status)
