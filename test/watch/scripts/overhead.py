"""How much the hook costs: plain and hooked runs of steps.py, in turn.

python overhead.py PYTHON FRAMEWORK DEVICE ROUNDS SECONDS WIDTH...

As many steps of each width as take about SECONDS, in every run. Prints for each choice of --ops the
median over the rounds, against the plain run of the same round: how much longer a step is after the
first ones, by the steps' mean and median; how much time the start, the first steps and the end take
more; what both are of a program that runs for 20 s; and what the hook says that it took.
On the CPU it is CPU time, on a GPU wall time.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HOOK = os.path.join(HERE, *[os.pardir] * 3, "src", "watch", "python")
CHOICES = ("plain", "off", "first-steps", "all")
CALIBRATION_STEPS = 60
PROGRAM_NS = 20e9


class Run:
    """One process: its steps by width, its other time, and what its hook says of itself."""

    def __init__(self, choice, python, framework, device, sizes):
        env = dict(os.environ, OMP_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3")
        env.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
        with tempfile.TemporaryDirectory() as reports:
            if choice != "plain":
                env.update(
                    PYTHONPATH=os.path.abspath(HOOK),
                    MPSBENCH_WATCH_REPORTS=reports,
                    MPSBENCH_WATCH_OPS=choice,
                    PYTHONDONTWRITEBYTECODE="1",
                )
            sizes = ["%d:%d" % size for size in sizes.items()]
            command = [python, os.path.join(HERE, "steps.py"), framework, device, *sizes]
            before, begin = os.times(), time.perf_counter_ns()
            output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
            wall, after = time.perf_counter_ns() - begin, os.times()
            cpu = after.children_user + after.children_system
            cpu -= before.children_user + before.children_system
            self.hook = self.problem = None
            for name in os.listdir(reports):
                with open(os.path.join(reports, name), encoding="utf-8") as file:
                    report = json.load(file)
                self.hook = report["hookNs"] / (report["writtenNs"] - report["startedNs"])
                self.problem = report["errors"] or None
        rows = [json.loads(line) for line in output.stdout.splitlines()]
        self.steps = {row["width"]: row for row in rows}
        whole = cpu * 1e9 if device == "cpu" else wall
        counts = dict(map(int, size.split(":")) for size in sizes)
        self.other = whole - sum(row["mean"] * counts[row["width"]] for row in rows)


def steps_of(python, framework, device, seconds, widths):
    found = Run("plain", python, framework, device, {width: CALIBRATION_STEPS for width in widths})
    return {
        width: max(20, int(seconds * 1e9 / found.steps[width]["median"])) for width in widths
    }


def percent(ratio):
    return "%+.1f %%" % (100 * ratio)


def main(python, framework, device, rounds, seconds, *widths):
    sizes = steps_of(python, framework, device, float(seconds), [int(width) for width in widths])
    runs = []
    for turn in range(int(rounds)):
        order = CHOICES if turn % 2 == 0 else CHOICES[::-1]
        runs.append({one: Run(one, python, framework, device, sizes) for one in order})
    for width, steps in sizes.items():
        plain = statistics.median(run["plain"].steps[width]["median"] for run in runs)
        print("%s on %s, width %d: %d steps of %.2f ms" % (framework, device, width, steps, plain / 1e6))
        print("                step (mean)  step (median)  start and end  of 20 s    the hook says")
        for choice in CHOICES[1:]:
            print_row(choice, width, runs)


def print_row(choice, width, runs):
    def over(key):
        return statistics.median(
            run[choice].steps[width][key] / run["plain"].steps[width][key] - 1 for run in runs
        )

    extra = statistics.median(run[choice].other - run["plain"].other for run in runs)
    says = statistics.median(run[choice].hook for run in runs if run[choice].hook is not None)
    row = (percent(over("mean")), percent(over("median")), "%+.0f ms" % (extra / 1e6))
    whole = percent(over("mean") + extra / PROGRAM_NS)
    print("  %-12s%13s%15s%15s%10s%15s" % (choice, *row, whole, "%.1f %%" % (100 * says)))
    for run in runs:
        if run[choice].problem:
            print("    %s" % run[choice].problem)
            break


main(*sys.argv[1:])
