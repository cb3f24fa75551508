"""The line protocol between peers.mjs and the Python processes that it measures.

One JSON object a line. The process says hello with its name and variants (name, formats that it
takes, its workloads where it does not take all, and `several` where it is for more than one
iteration in a graph), then answers:
  {"op": "prepare", "workload", "params", "folder", "variant", "format", "graphSteps"}
                        -> {"note": how it is computed} or {"skipped": why it takes no part}
  {"op": "run", "variant", "iterations"} -> {"wallNs": of all iterations}
  {"op": "release", "variant"}           -> {}
The format is f32, tf32 (f32 with TF32 products), f16, bf16 or f64. A variant that computes
something else than the workload (a copy) also answers with `checks`, which it made itself, and
`work`.
`prepare` reads the tensors of the workload from folder/<tensor>.f32 (raw float32, row-major), runs
one iteration, and writes what it computed to folder/<variant>/<tensor>.f32, where the caller
compares it with the same float64 reference as our own result.
"""

import argparse
import gc
import json
import os
import sys
import time
import traceback

import numpy


class Case:
    """One workload at one size and format: its parameters and its tensors."""

    def __init__(self, workload, params, folder, format, graph_steps):
        self.workload = workload
        self.params = params
        self.folder = folder
        self.format = format
        self.graph_steps = graph_steps

    def load(self, tensor, shape):
        path = os.path.join(self.folder, tensor + ".f32")
        return numpy.fromfile(path, dtype=numpy.float32).reshape(shape)

    def save(self, variant, tensors):
        folder = os.path.join(self.folder, variant)
        os.makedirs(folder, exist_ok=True)
        for name, values in tensors.items():
            path = os.path.join(folder, name + ".f32")
            numpy.ascontiguousarray(values, dtype=numpy.float32).tofile(path)


class NotWorthwhile(Exception):
    """A variant that would only repeat another one at this size: it takes no part."""


class Program:
    """A prepared workload: `step()` is one iteration; `results()` the tensors after it.

    `many` is a pair of a number of iterations and a function that does so many at once.
    """

    def __init__(self, step, results, note="", finish=lambda: None, many=None, answer=None):
        self.step = step
        self.results = results
        self.note = note
        self.finish = finish
        self.many = many
        self.answer = answer or {}

    def run(self, iterations):
        step = self.step
        at_once, steps = self.many or (1, step)
        whole, rest = divmod(iterations, at_once)
        start = time.perf_counter_ns()
        for _ in range(whole):
            steps()
        for _ in range(rest):
            step()
        self.finish()
        return time.perf_counter_ns() - start


def fastest(programs, seconds=0.3, burst=5e-3):
    """The name of the program with the shortest iteration: each peer in its best form.

    Timed as it is measured later, many iterations to a wait.
    """
    if len(programs) == 1:
        return next(iter(programs))
    times = {}
    for name, program in programs.items():
        at_once = program.many[0] if program.many else 1
        program.run(3 * at_once)
        calls = max(1, int(burst * 1e9 / program.run(at_once)))
        durations = []
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline or len(durations) < 3:
            durations.append(program.run(calls * at_once) / (calls * at_once))
        times[name] = sorted(durations)[len(durations) // 2]
    return min(times, key=times.get)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--form", default="plain")
    return parser.parse_args()


def take_stdout():
    """Keeps stdout for the protocol: whatever else is printed goes to stderr."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return channel


def serve(channel, hello, prepare):
    """Answers requests until stdin ends. `prepare(case, variant)` returns a Program."""

    def answer(value):
        channel.write(json.dumps(value) + "\n")
        channel.flush()

    answer(hello)
    programs = {}
    for line in sys.stdin:
        request = json.loads(line)
        variant = request["variant"]
        try:
            if request["op"] == "prepare":
                case = Case(
                    request["workload"],
                    request["params"],
                    request["folder"],
                    request["format"],
                    request["graphSteps"],
                )
                program = prepare(case, variant)
                # A program may have run while it was tuned: `results` starts from the beginning.
                case.save(variant, program.results())
                programs[variant] = program
                answer({"note": program.note, **program.answer})
            elif request["op"] == "run":
                answer({"wallNs": programs[variant].run(request["iterations"])})
            elif request["op"] == "release":
                programs.pop(variant, None)
                gc.collect()
                answer({})
            else:
                answer({"error": "unknown op " + str(request["op"])})
        except NotWorthwhile as reason:
            answer({"skipped": str(reason)})
        except Exception as error:  # The caller decides what a failure means.
            traceback.print_exc()
            answer({"error": type(error).__name__ + ": " + str(error)[:500]})
