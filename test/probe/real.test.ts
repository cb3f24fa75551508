/** The probe on real frameworks: TensorFlow and PyTorch as the test set-up has installed them. */
import { describe, expect, test } from 'vitest';
import { testPython } from '../../scripts/setup/test-pythons.mjs';
import { systemSource } from '../../src/host/source.js';
import { type Finding, findingSchema } from '../../src/result/schema.js';
import { probeChecks } from '../../src/verify/probe/index.js';
import type { VerifyContext } from '../../src/verify/types.js';

const tensorflow = testPython('tensorflow');
const torch = testPython('pytorch');
/** Of a cold start on a busy machine. */
const TIMEOUT_MS = 180_000;

/** What a check says of an environment with this interpreter and package. */
async function probe(id: string, interpreter: string, distribution: string): Promise<Finding> {
  const context: VerifyContext = {
    // The tests are about a machine without a GPU, also if there is one.
    source: { ...systemSource, env: { ...process.env, CUDA_VISIBLE_DEVICES: '' } },
    platform: process.platform,
    signal: new AbortController().signal,
    timeoutMs: TIMEOUT_MS,
    probe: true,
    discovery: async () => ({ backends: [], devices: [], fused: {} }),
    environments: async () => [
      {
        prefix: '/env',
        interpreter,
        origin: 'test',
        architectures: [],
        managed: false,
        layout: 'plain',
        conda: new Map(),
        packages: new Map([[distribution, []]]),
        notes: [],
      },
    ],
  };
  const findings = await probeChecks.find((check) => check.id === id)?.run(context);
  expect(findings).toHaveLength(1);
  return findingSchema.parse(findings?.[0]);
}

describe.skipIf(!tensorflow.python)(`TensorFlow ${tensorflow.reason}`, () => {
  test(
    'computes the examples, and its own log places every op on the CPU',
    async () => {
      const finding = await probe('probe.tensorflow', tensorflow.python ?? '', 'tensorflow-cpu');
      expect(finding).toMatchObject({
        state: 'pass',
        message: expect.stringMatching(
          /^TensorFlow 2\.\d+\.\d+ computes add, linear and cnn correctly on cpu \(no GPU: this build is for the CPU\)$/,
        ),
        details: {
          devices: 'cpu',
          sum: '[[6, 8], [10, 12]]',
          'prediction for x = 5': '9.68349',
          'output shape': '(1, 10)',
          'row sums': '1',
        },
      });
      const rows = finding.placement ?? [];
      expect(new Set(rows.map(({ requested, placed }) => `${requested} ${placed}`))).toEqual(
        new Set(['tensorflow:cpu tensorflow:cpu']),
      );
      expect(rows.every(({ evidence, reason }) => evidence === 'reported' && !reason)).toBe(true);
      expect(kindsOf(rows, 'add')).toEqual(['add']);
      expect(kindsOf(rows, 'linear').slice(0, 2)).toEqual(['matmul', 'bias_add']);
      expect(kindsOf(rows, 'linear').filter((kind) => kind === 'sgd_update')).toHaveLength(2);
      expect(kindsOf(rows, 'cnn')).toEqual([
        'conv2d',
        'bias_add',
        'relu',
        'max_pool2d',
        'reshape',
        'matmul',
        'bias_add',
        'softmax',
      ]);
      expect(rows.find(({ op }) => op === 'cnn/conv')?.kernel).toMatch(
        /^(Conv2D|_FusedConv2D|tf\.nn\.conv2d)$/,
      );
      expect(rows.find(({ op }) => op === 'linear/update.bias')?.kernel).toBe(
        'AssignSubVariableOp',
      );
    },
    TIMEOUT_MS,
  );

  test('an environment that only claims to have JAX: the module is missing', async () => {
    const finding = await probe('probe.jax', tensorflow.python ?? '', 'jax');
    expect(finding).toMatchObject({
      state: 'fail',
      rule: 'import.missing-module',
      message: 'JAX: The module jax is missing from this environment.',
    });
  });
});

describe.skipIf(!torch.python || process.platform === 'darwin')(`PyTorch ${torch.reason}`, () => {
  test(
    'computes the examples on the CPU, and says why neither MPS nor CUDA is available',
    async () => {
      const finding = await probe('probe.pytorch', torch.python ?? '', 'torch');
      expect(finding).toMatchObject({
        state: 'pass',
        message: expect.stringMatching(
          /^PyTorch \d+\.\d+\S* computes add, linear and cnn correctly on cpu \(no GPU: .+\)$/,
        ),
        details: {
          devices: 'cpu',
          whyNoGpu: expect.stringMatching(
            /^(this build has neither MPS nor CUDA|CUDA: (Found no NVIDIA driver|No CUDA GPUs).*)$/,
          ),
          sum: '[[6, 8], [10, 12]]',
          'prediction for x = 5': '9.68349',
          'output shape': '(1, 10)',
          'row sums': '1',
        },
      });
      const rows = finding.placement ?? [];
      expect(new Set(rows.map(({ placed }) => placed))).toEqual(new Set(['pytorch:cpu']));
      expect(kindsOf(rows, 'add')).toEqual(['add']);
      expect(kindsOf(rows, 'linear')[0]).toBe('matmul');
      expect(kindsOf(rows, 'cnn').slice(0, 3)).toEqual(['conv2d', 'bias_add', 'relu']);
      expect(kindsOf(rows, 'cnn').at(-1)).toBe('softmax');
    },
    TIMEOUT_MS,
  );
});

const kindsOf = (rows: NonNullable<Finding['placement']>, workload: string) =>
  rows.filter(({ op }) => op.startsWith(`${workload}/`)).map(({ kind }) => kind);
