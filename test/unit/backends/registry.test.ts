import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BACKENDS_VARIABLE,
  backendEntries,
  HIDDEN_VARIABLE,
} from '../../../src/backends/registry.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mpsbench-registry-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const entries = (value: string) => backendEntries({ [BACKENDS_VARIABLE]: value });

/** Loads a module with this text as the backend `chip`. */
function load(text: string) {
  const path = join(folder, 'chip.mjs');
  writeFileSync(path, text);
  return entries(`chip=${path}`)[0].load();
}

const methods = 'probe: async () => ({ state: "available" }), devices: async () => []';

describe('a backend of MPSBENCH_BACKENDS', () => {
  it('comes before those that are built in', async () => {
    expect(entries('chip=a.js; other=b.js').map(({ id }) => id)).toEqual([
      'chip',
      'other',
      ...entries('').map(({ id }) => id),
    ]);
    const backend = await load(`export const backend = { id: 'chip', ${methods} };`);
    expect(backend.id).toBe('chip');
  });

  it.each([
    ['cpu=a.js', /names a backend cpu, and there is another of that name/],
    ['chip=a.js;chip=b.js', /names a backend chip, and/],
    ['a.js', /has the entry "a\.js"/],
  ])('%s is wrong usage', (value, message) => {
    const usage = { code: 'usage', message: expect.stringMatching(message) };
    expect(() => entries(value)).toThrow(expect.objectContaining(usage));
  });

  it.each([
    ['nothing', '', /exports no "backend" with probe\(\) and devices\(\)$/],
    ['half a backend', 'export const backend = { id: "chip" };', /exports no "backend"/],
    [
      'one of another name',
      `export const backend = { id: 'fake', ${methods} };`,
      /exports the backend "fake", not "chip"$/,
    ],
    ['what throws', 'throw new Error("no licence");', /does not load: no licence$/],
  ])('that exports %s is unavailable, and no defect of ours', async (_, text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(message),
      advice: expect.stringContaining(BACKENDS_VARIABLE),
    });
  });

  it('that is not there is unavailable', async () => {
    const path = join(folder, 'nowhere.js');
    await expect(entries(`chip=${path}`)[0].load()).rejects.toMatchObject({
      code: 'unavailable',
      message: `${path}, which ${BACKENDS_VARIABLE} names, is not there`,
    });
  });
});

it('leaves out the backends that MPSBENCH_HIDE names', () => {
  const ids = (value: string) => backendEntries({ [HIDDEN_VARIABLE]: value }).map(({ id }) => id);
  expect(ids('')).toEqual(['metal', 'cuda', 'webgpu', 'cpu']);
  expect(ids('metal, webgpu')).toEqual(['cuda', 'cpu']);
});
