import { expect, test } from 'vitest';
import type { DeviceRecord } from '../../../src/report/devices-document.js';
import { frameworkSentences } from '../../../src/report/framework-answer.js';
import type { Row } from '../../../src/result/schema.js';

const native = (id: string, kind: DeviceRecord['kind']): DeviceRecord => ({
  id,
  backend: id.split(':')[0] ?? '',
  name: id,
  kind,
  dtypes: ['f32'],
  details: {},
});

const pytorch = (where: string, kind: DeviceRecord['kind'], mode = 'eager'): DeviceRecord => ({
  ...native(`pytorch:${where}`, kind),
  framework: { name: 'pytorch', version: '2.9.0', mode, python: '/usr/bin/python3' },
});

const row = (workload: string, device: string, median: number) =>
  ({ workload, device, measurement: { wall: { median } } }) as unknown as Row;

const GPU = native('metal:0', 'integrated');
const CPU = native('cpu:0', 'cpu');

test('the share of what the hardware can do, in one workload', () => {
  const devices = [GPU, CPU, pytorch('mps', 'integrated')];
  const rows = [
    row('cnn', 'metal:0', 42),
    row('cnn', 'cpu:0', 400),
    row('cnn', 'pytorch:mps', 100),
  ];
  expect(frameworkSentences(rows, devices)).toEqual([
    'PyTorch 2.9.0 gets 42 % of what this GPU can do.',
  ]);
});

test('several workloads, and the framework ahead in one of them', () => {
  const devices = [GPU, pytorch('mps', 'integrated')];
  const rows = [
    row('add', 'metal:0', 100),
    row('add', 'pytorch:mps', 80),
    row('cnn', 'metal:0', 20),
    row('cnn', 'pytorch:mps', 100),
  ];
  expect(frameworkSentences(rows, devices)).toEqual([
    "PyTorch 2.9.0 gets 20 % of what this GPU can do in cnn; it is 1.25x as fast as mpsbench's own kernels in add.",
  ]);
});

test('its own GPU against its own CPU, in the same mode', () => {
  const devices = [pytorch('mps', 'integrated'), pytorch('cpu', 'cpu')];
  const rows = [row('cnn', 'pytorch:mps', 100), row('cnn', 'pytorch:cpu', 310)];
  expect(frameworkSentences(rows, devices)).toEqual([
    'PyTorch 2.9.0 runs 3.10x as fast on its GPU as on its CPU.',
  ]);
});

test('a software GPU is no measure of a GPU', () => {
  const devices = [native('webgpu:0', 'software'), pytorch('mps', 'integrated')];
  const rows = [row('cnn', 'webgpu:0', 1), row('cnn', 'pytorch:mps', 100)];
  expect(frameworkSentences(rows, devices)).toEqual([]);
});

test('dispatch that dwarfs the work', () => {
  const devices = [GPU, pytorch('mps', 'integrated')];
  const rows = [
    ...[row('add', 'metal:0', 0.5), row('add', 'pytorch:mps', 100)],
    ...[row('cnn', 'metal:0', 42), row('cnn', 'pytorch:mps', 100)],
  ];
  expect(frameworkSentences(rows, devices)).toEqual([
    'PyTorch 2.9.0 gets under 1 % of what this GPU can do in add and 42 % in cnn.',
  ]);
});

test('only the usual mode is reported, with any mode that is clearly faster', () => {
  const devices = [
    GPU,
    pytorch('mps', 'integrated'),
    pytorch('mps+compile', 'integrated', 'compile'),
  ];
  const rows = [
    row('cnn', 'metal:0', 40),
    row('cnn', 'pytorch:mps', 100),
    row('cnn', 'pytorch:mps+compile', 50),
  ];
  expect(frameworkSentences(rows, devices)).toEqual([
    'PyTorch 2.9.0 gets 40 % of what this GPU can do (compile: 80 %).',
  ]);
});
