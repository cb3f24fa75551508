import { describe, expect, it } from 'vitest';
import { backendsNeeded, selectDevices } from '../../../src/bench/select-devices.js';
import type { Discovery } from '../../../src/runner/discover.js';

const nothing: Discovery = {
  devices: [],
  fused: {},
  backends: [
    { id: 'metal', state: 'unavailable', reason: 'Metal exists on macOS only' },
    { id: 'cpu', state: 'unavailable', reason: 'the cpu backend was stopped.', remedy: 'Wait.' },
  ],
};

it.each(['pytorch', 'torch+compile', 'pytorch:cuda+compile', 'PyTorch@3.12:cuda:1'])(
  '%s needs the first environment that holds the framework, or the one it names',
  (spec) => {
    const held = ['pytorch@3.11', 'pytorch@3.12'].map((backend) => ({
      backend,
      ...{
        framework: 'pytorch' as const,
        python: '/p',
        prefix: '/',
        distribution: 'torch',
        version: '2',
      },
    }));
    const named = spec.includes('@') ? 'pytorch@3.12' : 'pytorch@3.11';
    const needed = backendsNeeded(spec, false, ['cpu'], { all: false, interpreters: held });
    expect(needed).toEqual([named]);
  },
);

describe('every device of a backend', () => {
  const device = (id: string) => ({
    ...{ id, backend: id.split(':')[0], name: id, kind: 'gpu' as const },
    ...{ dtypes: ['f32' as const], details: {} },
  });
  const found: Discovery = {
    devices: [device('cuda:0'), device('cuda:1'), device('webgpu:0')],
    fused: {},
    backends: [
      { id: 'metal', state: 'unavailable', reason: 'Metal exists on macOS only' },
      { id: 'cuda', state: 'available' },
      { id: 'webgpu', state: 'available' },
    ],
  };
  const ids = (spec: string) => selectDevices(spec, found, false).devices.map(({ id }) => id);

  it('is selected by a star, in the requested order and each once', () => {
    expect(ids('cuda:*')).toEqual(['cuda:0', 'cuda:1']);
    expect(ids('nvidia:*,webgpu:*')).toEqual(['cuda:0', 'cuda:1', 'webgpu:0']);
    expect(ids('cuda:1,cuda:*')).toEqual(['cuda:1', 'cuda:0']);
    expect(backendsNeeded('CUDA:*', false, ['metal', 'cuda', 'cpu'])).toEqual(['cuda']);
  });

  it('is an error if there is no device, with the reason', () => {
    expect(() => ids('metal:*')).toThrow('Metal exists on macOS only');
    expect(() => backendsNeeded('cudda:*', false, ['cuda'])).toThrow('Did you mean');
    expect(() => ids('cuda:**')).toThrow('There is no device cuda:**');
  });
});

describe('an empty specification', () => {
  it.each(['', ' ', ',', ' , '])('"%s" is a usage error', (spec) => {
    const usage = expect.objectContaining({
      code: 'usage',
      message: `--device "${spec}" names no device.`,
    });
    expect(() => backendsNeeded(spec, false, ['cpu'])).toThrow(usage);
    // The comparison adds the CPU to what was requested, and that was nothing.
    expect(() => selectDevices(spec, nothing, true)).toThrow(usage);
  });
});

describe('without a device', () => {
  it('gives the reason of every backend, each with one full stop', () => {
    expect(() => selectDevices('gpu', nothing, false)).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message:
          'No hardware GPU was found. metal: Metal exists on macOS only. cpu: the cpu backend was stopped.',
        // Whoever prints it indents the lines.
        advice: 'cpu: Wait.\nmpsbench devices lists what is here.',
      }),
    );
  });
});

describe('the names that people type', () => {
  const known = ['metal', 'cuda', 'webgpu', 'cpu', 'pytorch', 'tensorflow'];

  it.each([
    ['METAL:0', ['metal']],
    ['mps', ['metal']],
    ['nvidia:1, CPU', ['cuda', 'cpu']],
    ['vulkan', ['webgpu']],
    ['torch:mps,tf:gpu', ['pytorch', 'tensorflow']],
  ])('%s', (spec, backends) => {
    expect(backendsNeeded(spec, false, known)).toEqual(backends);
  });

  it('a backend that the user calls so comes first', () => {
    expect(backendsNeeded('mps:0', false, [...known, 'mps'])).toEqual(['mps']);
  });

  it('what is not known is answered with the nearest name', () => {
    expect(() => backendsNeeded('mettal:0', false, known)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'Unknown device: mettal. Did you mean "metal"?',
        advice: expect.stringMatching(/^Use one of auto, gpu, cpu, all, metal:0, cuda:0/),
      }),
    );
  });
});
