"""Loaded by every Python that `mpsbench watch` starts: hooks the frameworks, then steps aside.

Whatever happens here, the program runs as it would without: nothing is raised, the next
sitecustomize (the user's, Debian's) runs, and this folder leaves sys.path.
"""

import sys


def _start(folder):
    """Loads the hook from its own folder, which is on sys.path no more."""
    import importlib.util
    import os

    if "MPSBENCH_WATCH_REPORTS" not in os.environ:
        return
    name = "_mpsbench_watch"
    package = os.path.join(folder, name)
    spec = importlib.util.spec_from_file_location(
        name, os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.start()


def _next_sitecustomize():
    """What Python would have imported instead of this file."""
    import importlib.machinery
    import importlib.util

    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is None:
        # What site.py sees, and ignores, where there is none.
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_folder = __file__.rpartition("/sitecustomize")[0]
sys.path[:] = [path for path in sys.path if path != _folder]
try:
    _start(_folder)
except Exception:  # A report is missing then; the program must not notice.
    pass
_next_sitecustomize()
