"""The part of `mpsbench watch` that runs inside the user's Python programs.

Standard library only, Python 3.9 and later. Importing it is cheap: a framework's module is loaded
when the program has imported that framework.

    imports     patches a framework right after the program has imported it
    patching    wraps functions so that a fault in the hook never reaches the program
    recorder    what was counted
    report      the file that tells mpsbench, and when it is written
    frames      the line of the user's code
    windows     when ops are counted
    on_*        one module per framework: all that depends on its releases
"""


def start():
    """Hooks this process. Called once, by sitecustomize."""
    from . import imports, report

    report.start()
    imports.install()
