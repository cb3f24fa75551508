import { describe, expect, test } from 'vitest';
import { fallbacksOf, parsePlacementLog } from '../../../../src/verify/probe/placement.js';

const chapter = (stage: string) => `@mpsbench@{"stage": "${stage}"}`;
const device = (name: string) => `/job:localhost/replica:0/task:0/device:${name}`;

/** TensorFlow 2.21.0 on a CPU, as it logs. */
const LOG_2_21 = [
  chapter('import'),
  `I0000 00:00:1795473857.950627   31238 placer.cc:162] AddV2: (AddV2): ${device('CPU:0')}`,
  chapter('example add'),
  `I0000 00:00:1795473857.999908   31238 placer.cc:162] x: (_Arg): ${device('CPU:0')}`,
  `I0000 00:00:1795473857.999994   31238 placer.cc:162] add: (AddV2): ${device('CPU:0')}`,
  `I0000 00:00:1795473857.999998   31238 placer.cc:162] Identity: (Identity): ${device('CPU:0')}`,
  `I0000 00:00:1795473858.010641   31238 execute.cc:1775] Executing op __inference_f_9 in device ${device('CPU:0')}`,
  chapter('example cnn'),
  `I0000 00:00:1795473858.020000   31238 placer.cc:162] conv: (Conv2D): ${device('CPU:0')}`,
  `I0000 00:00:1795473858.020001   31238 placer.cc:162] conv.relu: (Relu): ${device('CPU:0')}`,
  chapter('done'),
  `I0000 00:00:1795473858.030000   31238 placer.cc:162] late: (AddV2): ${device('CPU:0')}`,
].join('\n');

/** The form of releases before 2.19, on a Mac with the Metal plugin. */
const LOG_METAL = [
  chapter('example linear'),
  `2024-12-02 10:00:00.000001: I tensorflow/core/common_runtime/placer.cc:125] forward.matmul: (MatMul): ${device('GPU:0')}`,
  `2024-12-02 10:00:00.000002: I tensorflow/core/common_runtime/placer.cc:125] update.bias: (ResourceApplyGradientDescent): ${device('CPU:0')}`,
  `2024-12-02 10:00:00.000003: I tensorflow/core/common_runtime/placer.cc:125] forward.matmul: (MatMul): ${device('GPU:0')}`,
].join('\r\n');

describe("TensorFlow's placement log", () => {
  test('gives a row for each op of the examples that computes', () => {
    const rows = parsePlacementLog(LOG_2_21, 'CPU:0');
    expect(rows).toEqual([
      {
        op: 'add/add',
        kind: 'add',
        dtype: 'f32',
        requested: 'CPU:0',
        placed: 'CPU:0',
        evidence: 'reported',
        kernel: 'TensorFlow AddV2',
        step: 0,
      },
      expect.objectContaining({ op: 'cnn/conv', kind: 'conv2d', step: 1 }),
      expect.objectContaining({ op: 'cnn/conv.relu', kind: 'relu', step: 2 }),
    ]);
    expect(fallbacksOf(rows)).toEqual([]);
  });

  test('names what the GPU has no kernel for; an op placed twice is one row', () => {
    const rows = parsePlacementLog(LOG_METAL, 'GPU:0');
    expect(rows.map(({ op, placed }) => [op, placed])).toEqual([
      ['linear/forward.matmul', 'GPU:0'],
      ['linear/update.bias', 'CPU:0'],
    ]);
    expect(rows[1]).toMatchObject({
      kind: 'resource_apply_gradient_descent',
      reason: 'TensorFlow has no kernel of ResourceApplyGradientDescent for GPU:0',
    });
    expect(fallbacksOf(rows)).toEqual(['resource_apply_gradient_descent']);
  });

  test('of something else is empty', () => {
    expect(parsePlacementLog('', 'CPU:0')).toEqual([]);
    expect(
      parsePlacementLog(`${chapter('example add')}\nadd: (AddV2)\n\0\x1b[31m`, 'CPU:0'),
    ).toEqual([]);
  });
});
