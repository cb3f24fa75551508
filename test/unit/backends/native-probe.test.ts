import { expect, test } from 'vitest';
import type { NativeProbe } from '../../../src/backends/native/addon-types.js';
import { type Home, probe } from '../../../src/backends/native/backend.js';
import { ADDON_ABI, type Loaded } from '../../../src/backends/native/load.js';

const HOME: Home = { platform: 'darwin', elsewhere: 'Metal exists on macOS only' };
const NOT_LOADED: Loaded = {
  state: 'unavailable',
  reason: 'not there',
  remedy: 'Build it.',
  attempts: [],
};

/** An addon with the backend metal, which answers so; or without it. */
function loadedWith(metal?: NativeProbe): Loaded {
  const addon = {
    abi: ADDON_ABI,
    backends: () => (metal ? ['metal'] : []),
    probe: () => metal ?? { available: false as const, reason: 'asked for', remedy: '' },
    devices: () => [],
    separateDevices: () => [],
    keepOnCpus: () => [],
    monitors: () => [],
  };
  return { state: 'loaded', addon, from: { label: 'local build', path: 'a' } };
}

test('away from its platform a backend is impossible, and nothing can be done about it', () => {
  const impossible = { state: 'unavailable', reason: HOME.elsewhere, remedy: '' };
  expect(probe(loadedWith(), 'metal', HOME, 'linux')).toEqual(impossible);
  expect(probe(NOT_LOADED, 'metal', HOME, 'linux')).toEqual(impossible);
});

test('on its platform the addon decides', () => {
  expect(probe(NOT_LOADED, 'metal', HOME, 'darwin')).toEqual({
    state: 'unavailable',
    reason: 'not there',
    remedy: 'Build it.',
  });
  expect(probe(loadedWith(), 'metal', HOME, 'darwin')).toMatchObject({
    reason: 'the native addon was built without the backend metal',
    remedy: expect.stringContaining('mpsbench build'),
  });
  const none = { available: false, reason: 'no device', remedy: 'Find one.' } as const;
  expect(probe(loadedWith(none), 'metal', HOME, 'darwin')).toEqual({
    state: 'unavailable',
    reason: 'no device',
    remedy: 'Find one.',
  });
});

test('a build that has the backend all the same is believed', () => {
  const double = { available: true, version: 'macOS 14.5' } as const;
  expect(probe(loadedWith(double), 'metal', HOME, 'linux')).toEqual({
    state: 'available',
    version: 'macOS 14.5',
  });
});
