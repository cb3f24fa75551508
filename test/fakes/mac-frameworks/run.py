"""A scripted Python of a Mac: runs a script with fake frameworks in front of all others.

Started by the `python` that scripted-mac.ts writes; nothing in `modules` computes on a GPU. The drivers
that it runs are the real ones.
"""

import os
import runpy
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules"))
# `-E -B -X utf8 -u main.py ...`: the flags are for an interpreter, which this is not.
script = next(index for index, word in enumerate(sys.argv[1:], 1) if word.endswith(".py"))
sys.argv = sys.argv[script:]
runpy.run_path(sys.argv[0], run_name="__main__")
