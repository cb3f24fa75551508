import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { calls, onlyFramework, runScript } from './hooked.js';

const { python = '', reason } = testPython('onnxruntime');

const DRIVERS = fileURLToPath(new URL('../../src/frameworks', import.meta.url));

const SCRIPT = `
import sys
sys.path.append(sys.argv[1])
import numpy, onnxruntime
from drivers.onnx_model import model, node
nodes = [node("a", "MatMul", ["x", "x"], ["y"]), node("b", "Sin", ["y"], ["z"])]
made = model(nodes, [("x", "f32", (2, 2))], [("z", "f32", (2, 2))], [])
session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
for _ in range(4):
    print(session.run(None, {"x": numpy.ones((2, 2), numpy.float32)}))
`;

describe.skipIf(!python)(`the hook in ONNX Runtime${python ? '' : ` (${reason})`}`, () => {
  it('counts the nodes of each run with their providers', () => {
    const run = runScript(python, SCRIPT, { args: [DRIVERS] });
    expect(run.stdout).toBe(runScript(python, SCRIPT, { args: [DRIVERS], hook: null }).stdout);
    expect(run.reports[0]?.errors).toEqual([]);
    const framework = onlyFramework(run);
    expect(framework).toMatchObject({
      framework: 'onnxruntime',
      devices: ['CPUExecutionProvider'],
      steps: 4,
    });
    expect(calls(framework, 'MatMul', 'CPUExecutionProvider')).toBe(4);
    expect(calls(framework, 'Sin', 'CPUExecutionProvider')).toBe(4);
  });
});
