import { expect, test } from 'vitest';
import { type Found, jsonValues } from '../../../src/fleet/json-values.js';

const parse = (bytes: Buffer) => JSON.parse(bytes.toString());

/** In pieces of a few bytes, as a pipe may give them. */
async function found(text: string): Promise<Found[]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
  }
  const all: Found[] = [];
  for await (const one of jsonValues(pieces(), 'a pipe', parse)) all.push(one);
  return all;
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

test('one object, one per line, or each over several lines', async () => {
  expect(await found('\ufeff{"a": 1}')).toEqual([{ line: 1, value: { a: 1 } }]);
  expect(await found('{"a":1}\n\n{"a":2}\r\n')).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 3, value: { a: 2 } },
  ]);
  const nested = { a: [{ b: '}\n{' }], c: {} };
  expect(await found(`${pretty(nested)}\n${pretty({ a: 2 })}`)).toEqual([
    { line: 1, value: nested },
    { line: 9, value: { a: 2 } },
  ]);
});

test('the log of containers: other lines before, between and after', async () => {
  expect(await found(`looking for devices ...\n${pretty({ a: 1 })}\ndone`)).toEqual([
    { line: 1, other: 'looking for devices ...' },
    { line: 2, value: { a: 1 } },
    { line: 5, other: 'done' },
  ]);
});

test('an object that ends early costs itself only', async () => {
  expect(await found(`{\n  "a": [\n${pretty({ a: 1 })}\n{"b`)).toEqual([
    { line: 1, damage: 'is cut off' },
    { line: 3, value: { a: 1 } },
    { line: 6, damage: 'is cut off' },
  ]);
  expect(await found('{\n  "a": 1,,\n}\n{"a": 2}')).toEqual([
    { line: 1, damage: 'is not JSON' },
    { line: 4, value: { a: 2 } },
  ]);
});

test('a damaged line that is not cut off says so', async () => {
  expect(await found('{"a":[{{1}]}\n{"a": 2}\n{"b": {},,}\n')).toEqual([
    { line: 1, damage: 'is not JSON' },
    { line: 2, value: { a: 2 } },
    { line: 3, damage: 'is not JSON' },
  ]);
});

test('what is no JSON, and nothing at all', async () => {
  expect(await found('')).toEqual([]);
  expect(await found('[1, 2]\n')).toEqual([{ line: 1, other: '[1, 2]' }]);
});
