"""Computes a graph in both memory layouts of the PyTorch driver; prints the largest difference.

Usage: pytorch_layouts.py MAIN.py GRAPH.json FOLDER
"""

import importlib
import importlib.util
import json
import os
import sys


def values_in(layout_is_last, modules, driver, graph, folder):
    """The first output of one iteration, as a list."""
    torch = driver.torch

    class Program(modules["pytorch_driver"].TorchProgram):
        def _faster_layout(self):
            return modules["pytorch_lowering"].Layout(torch, graph, layout_is_last)

    program = Program(driver, graph, "eager")
    path = os.path.join(folder, "tensor")
    torch.manual_seed(1)
    for tensor in graph.stored:
        with open(path, "wb") as file:
            file.write(memoryview(torch.rand(tensor.shape).numpy()).cast("B"))
        program.write(tensor, modules["files"].TensorFile(path, tensor))
    program.run(1, True)
    return list(memoryview(program.read(graph.tensors[graph.outputs[0]])).cast("B").cast("f"))


def main(main_path, graph_path, folder):
    spec = importlib.util.spec_from_file_location("main", main_path)
    entry = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(entry)
    entry._load_package()
    names = ["files", "graph", "pytorch_driver", "pytorch_lowering"]
    modules = {name: importlib.import_module(entry.PACKAGE + "." + name) for name in names}
    driver = modules["pytorch_driver"].Driver()
    driver.load()
    driver.open("cpu", 0, None, False)
    with open(graph_path, encoding="utf-8") as file:
        graph = modules["graph"].parse_graph(json.load(file))
    both = [values_in(is_last, modules, driver, graph, folder) for is_last in (False, True)]
    print(json.dumps(max(abs(a - b) for a, b in zip(*both))))


main(*sys.argv[1:])
