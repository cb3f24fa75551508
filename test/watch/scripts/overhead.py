"""How much the hook costs: plain and hooked runs of steps.py, in turn.

python overhead.py PYTHON FRAMEWORK WIDTH [ROUNDS [SECONDS [DEVICE]]]

Prints, for each choice of --ops, the median over the rounds of hooked step / plain step of the same
round, of the runs' mean steps.
"""

import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOOK = os.path.join(HERE, *[os.pardir] * 3, "src", "watch", "python")
CHOICES = ("plain", "off", "first-steps", "all")


def run(choice, python, framework, width, seconds, device):
    env = dict(os.environ, OMP_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3")
    with tempfile.TemporaryDirectory() as reports:
        if choice != "plain":
            env.update(
                PYTHONPATH=os.path.abspath(HOOK),
                MPSBENCH_WATCH_REPORTS=reports,
                MPSBENCH_WATCH_OPS=choice,
            )
        command = [python, os.path.join(HERE, "steps.py"), framework, width, seconds, device]
        output = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    median, mean, _ = map(int, output.stdout.split())
    return median, mean


def main(python, framework, width, rounds="5", seconds="3", device="cpu"):
    ratios = {choice: [] for choice in CHOICES[1:]}
    plain = []
    for turn in range(int(rounds)):
        order = CHOICES if turn % 2 == 0 else CHOICES[::-1]
        steps = {one: run(one, python, framework, width, seconds, device) for one in order}
        plain.append(steps["plain"])
        for choice in ratios:
            ratios[choice].append([a / b for a, b in zip(steps[choice], steps["plain"])])
    median = statistics.median(step for step, _ in plain)
    print("%s, width %s: plain step %.2f ms" % (framework, width, median / 1e6))
    for choice, found in ratios.items():
        by_median, by_mean = (statistics.median(column) - 1 for column in zip(*found))
        print("  %-12s %+6.1f %% (median step) %+6.1f %% (mean step)" % (choice, by_median * 100, by_mean * 100))


main(*sys.argv[1:])
