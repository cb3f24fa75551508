"""What the fake frameworks share: a log of their calls, and what the script beside `python` says."""

import json
import os

_FOLDER = os.environ["MPSBENCH_FAKE_MAC"]

with open(os.path.join(_FOLDER, "script.json")) as _file:
    SCRIPT = json.load(_file)


def log(call):
    with open(os.path.join(_FOLDER, "calls"), "a") as file:
        file.write(call + "\n")
