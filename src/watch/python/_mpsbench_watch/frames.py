"""The line of the user's code that led to a call, and tracebacks without the hook."""

import os
import sys
import sysconfig

_HERE = os.path.dirname(os.path.abspath(__file__))
_START = os.getcwd() if hasattr(os, "getcwd") else ""


def _library_folders():
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_paths().get(name) for name in names}
    folders.add(os.path.dirname(os.path.abspath(os.__file__)))
    folders.add(_HERE)
    return tuple(folder + os.sep for folder in folders if folder)


_LIBRARIES = _library_folders()
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)

#: code object -> whether it is a library's; bounded by the program's code.
_is_library = {}


def is_library(code):
    found = _is_library.get(code)
    if found is not None:
        return found
    name = code.co_filename
    found = (
        name.startswith("<frozen")
        or name.startswith(_LIBRARIES)
        or "__autograph_generated_file" in name
        or any(part in name for part in _PACKAGES)
    )
    if len(_is_library) < 100_000:
        _is_library[code] = found
    return found


def user_place(depth=1):
    """(file, line) of the innermost frame of the user's code; (None, None) where there is none.

    Files below the folder in which the program was started are named relative to it.
    """
    frame = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        if not is_library(code):
            return file_name(code.co_filename), frame.f_lineno
        frame = frame.f_back
    return None, None


def is_called_by_library(depth=1):
    """Whether the caller at this depth is a library's code, not the user's own."""
    return is_library(sys._getframe(depth).f_code)


def place_of_warning(message):
    """A warning from C names its innermost Python frame: where that is the hook's, its caller stands for it."""
    if not message.filename.startswith(_HERE):
        return
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    if frame is not None:
        message.filename, message.lineno = frame.f_code.co_filename, frame.f_lineno


_names = {}


def file_name(path):
    name = _names.get(path)
    if name is None:
        name = path
        if _START and path.startswith(_START.rstrip(os.sep) + os.sep):
            name = path[len(_START.rstrip(os.sep)) + 1 :]
        name = name[-300:]
        if len(_names) < 10_000:
            _names[path] = name
    return name


def hide_hook_in_uncaught():
    """An uncaught exception is shown as it is without the hook, as long as Python itself shows it."""
    if sys.excepthook is not sys.__excepthook__:
        return
    show = sys.excepthook

    def excepthook(kind, value, traceback):
        try:
            _strip(value, set())
            traceback = value.__traceback__ if value is not None else traceback
        except Exception:
            pass
        show(kind, value, traceback)

    sys.excepthook = excepthook
    _hide_in_threads()


def _hide_in_threads():
    import threading

    show = threading.excepthook

    def excepthook(args):
        try:
            _strip(args.exc_value, set())
            args = threading.ExceptHookArgs(
                (args.exc_type, args.exc_value, args.exc_value.__traceback__, args.thread)
            )
        except Exception:
            pass
        show(args)

    threading.excepthook = excepthook


def _strip(error, seen):
    """Takes the hook's frames out of a chain of exceptions."""
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = _without_hook(error.__traceback__)
        if error.__context__ is not None:
            _strip(error.__context__, seen)
        error = error.__cause__


def _is_at(entry, *path):
    return entry.tb_frame.f_code.co_filename.endswith(os.path.join(*path))


def _without_hook(entry):
    kept = []
    after_hook = False
    while entry is not None:
        name = entry.tb_frame.f_code.co_filename
        if name.startswith(_HERE):
            after_hook = entry.tb_frame.f_code.co_name == "__torch_dispatch__"
            # PyTorch 1.13 comes to a dispatch mode through Python.
            if after_hook and kept and _is_at(kept[-1], "torch", "utils", "_python_dispatch.py"):
                kept.pop()
        elif not (after_hook and _is_at(entry, "torch", "_ops.py")):
            # Below a dispatch mode, PyTorch calls the op through Python once more.
            kept.append(entry)
            after_hook = False
        entry = entry.tb_next
    for one, following in zip(kept, kept[1:] + [None]):
        one.tb_next = following
    return kept[0] if kept else None
