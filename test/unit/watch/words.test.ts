import { describe, expect, it } from 'vitest';
import { cudaNames } from '../../../src/backends/native/cuda-order.js';
import { isCpuDevice } from '../../../src/result/framework-devices.js';
import { parsePs } from '../../../src/watch/ps-tree.js';
import { isolatingFlag } from '../../../src/watch/python-flags.js';
import { watchedName } from '../../../src/watch/watched-name.js';

describe('the name of a command', () => {
  it.each([
    ['python train.py --epochs 3', 'train.py'],
    ['/usr/bin/python3.11 -u src/train.py', 'train.py'],
    ['uv run python -m pkg.train', '-m pkg.train'],
    ['torchrun --nproc-per-node 4 train.py', 'train.py'],
    ['./run.sh --x a.py', 'run.sh'],
    ['python', 'python'],
    ['bash -c ls', 'bash'],
    ['/opt/bin/render scene', 'render'],
  ])('of `%s` is %s', (line, name) => expect(watchedName(line.split(' '))).toBe(name));
});

describe('a Python that does not load the hook', () => {
  it.each([
    ['python -I train.py', '-I'],
    ['/usr/bin/python3.12 -u -X dev -sE train.py', '-sE'],
    ['env A=1 python3 -W error -S -m pkg', '-S'],
    ['python -Ic pass', '-Ic'],
  ])('`%s` has %s', (line, flag) => expect(isolatingFlag(line.split(' '))).toBe(flag));
  it.each([
    'python train.py -I',
    'python -m pkg -E',
    'python -c import -S',
    'python -WIgnore -Xfrozen_modules=off train.py',
    'python -W ISE train.py',
    './train -I',
  ])('`%s` is none', (line) => expect(isolatingFlag(line.split(' '))).toBe(undefined));
});

describe('devices of frameworks', () => {
  it.each([
    'cpu',
    'cpu:0',
    '/device:CPU:0',
    '/job:localhost/replica:0/task:0/device:CPU:0',
    'CPUExecutionProvider',
    'TFRT_CPU_0',
    'Device(cpu, 0)',
  ])('%s is a CPU', (device) => expect(isCpuDevice(device)).toBe(true));
  it.each([
    'cuda:0',
    'mps:0',
    '/device:GPU:0',
    'CUDAExecutionProvider',
    'CoreMLExecutionProvider',
    'Device(gpu, 0)',
  ])('%s is none', (device) => expect(isCpuDevice(device)).toBe(false));
});

describe('the ids that CUDA gives', () => {
  const cards = [{ uuid: 'GPU-aa11' }, { uuid: 'GPU-bb22' }, { uuid: 'GPU-cc33' }];
  const ids = (visible?: string) => cudaNames(cards, visible).map(({ id }) => id);

  it('are those of NVML, unless CUDA_VISIBLE_DEVICES hides or reorders GPUs', () => {
    expect(ids()).toEqual(['cuda:0', 'cuda:1', 'cuda:2']);
    expect(ids('2,0')).toEqual(['cuda:1', 'nvidia-smi:1', 'cuda:0']);
    expect(ids('GPU-bb')).toEqual(['nvidia-smi:0', 'cuda:0', 'nvidia-smi:2']);
    expect(ids('1,7,0')).toEqual(['nvidia-smi:0', 'cuda:0', 'nvidia-smi:2']);
    expect(ids('')).toEqual(['nvidia-smi:0', 'nvidia-smi:1', 'nvidia-smi:2']);
  });
});

describe('ps', () => {
  it('prints times with minutes, hours and days', () => {
    const lines =
      '  501     1  12345   0:01.50\n 502 501 2048 1:00:02\n bad line\n 503 501 1 2-00:00:01\n';
    expect(parsePs(lines)).toEqual([
      { pid: 501, parent: 1, memoryBytes: 12345 * 1024, cpuNs: 1.5e9 },
      { pid: 502, parent: 501, memoryBytes: 2048 * 1024, cpuNs: 3602e9 },
      { pid: 503, parent: 501, memoryBytes: 1024, cpuNs: 172801e9 },
    ]);
  });
});
