import { describe, expect, test } from 'vitest';
import { ADDON_ABI, candidates, loadFrom } from '../../../src/backends/native/load.js';

const fakeAddon = (abi: number) => ({ abi, backends: () => [], devices: () => [] });
const places = [
  { label: 'first', path: 'a' },
  { label: 'second', path: 'b' },
];

/** A scripted `require`: an Error is thrown, anything else returned. */
function scriptedLoad(script: Record<string, unknown>) {
  return (path: string) => {
    if (script[path] instanceof Error) throw script[path];
    return script[path];
  };
}

describe('loadFrom', () => {
  test('uses the first one that loads', () => {
    const addon = fakeAddon(ADDON_ABI);
    const loaded = loadFrom(places, scriptedLoad({ a: new Error('no'), b: addon }));
    expect(loaded).toEqual({ state: 'loaded', addon, from: places[1] });
  });

  test('lists every attempt, and says what to type', () => {
    const missing = Object.assign(new Error("Cannot find module 'a'\nRequire stack:"), {
      code: 'MODULE_NOT_FOUND',
    });
    const broken = new Error('libdnnl.so.2: cannot open shared object file\nmore');
    expect(loadFrom(places, scriptedLoad({ a: missing, b: broken }))).toEqual({
      state: 'unavailable',
      reason:
        'the native addon does not load (first: not there; second: libdnnl.so.2: cannot open shared object file)',
      remedy: expect.stringContaining('npx mpsbench build'),
      attempts: ['first: not there', 'second: libdnnl.so.2: cannot open shared object file'],
    });
  });

  test('recognises an addon of another version', () => {
    const loaded = loadFrom(
      [{ label: 'old', path: 'a' }],
      scriptedLoad({ a: fakeAddon(ADDON_ABI + 1) }),
    );
    expect(loaded).toMatchObject({
      attempts: [`old: was built for another version (abi ${ADDON_ABI + 1}, needed ${ADDON_ABI})`],
    });
  });

  test('recognises something that is no addon', () => {
    const loaded = loadFrom([{ label: 'odd', path: 'a' }], scriptedLoad({ a: 42 }));
    expect(loaded).toMatchObject({ attempts: ['odd: is not an mpsbench addon'] });
  });
});

describe('candidates', () => {
  test('the prebuilt package, then the local build', () => {
    const found = candidates({});
    expect(found.map((place) => place.label)).toEqual([
      `package @mpsbench/${process.platform}-${process.arch}`,
      'local build',
    ]);
    expect(found[1]?.path).toMatch(/build\/Release\/mpsbench\.node$/);
  });

  test('an explicit path is the only one tried, and the one to correct', () => {
    const places = candidates({ MPSBENCH_ADDON: '/opt/addon.node' });
    expect(places).toMatchObject([
      { label: 'MPSBENCH_ADDON=/opt/addon.node', path: '/opt/addon.node' },
    ]);
    // To build one would not help: it would not be looked at.
    expect(loadFrom(places, scriptedLoad({}))).toMatchObject({
      remedy: expect.stringMatching(/^Correct MPSBENCH_ADDON, or unset it/),
    });
  });
});
