import { expect, test } from 'vitest';
import { batchesOf } from '../../../src/fleet/batches.js';
import { type Found, jsonValues } from '../../../src/fleet/json-values.js';

const parse = (bytes: Buffer) => JSON.parse(bytes.toString());

async function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What is found in the batches of a text that comes in pieces of this many bytes. */
async function foundIn(text: string, size: number, batchBytes: number) {
  const all: Found<unknown>[] = [];
  let linesBefore = 0;
  for await (const batch of batchesOf(inPieces(text, size), 'a pipe', batchBytes)) {
    const { found, lines } = jsonValues(batch, parse);
    all.push(...found.map((one) => ({ ...one, line: linesBefore + one.line })));
    linesBefore += lines;
  }
  return all;
}

/** The same, whatever the pieces and the batches; the first piece holds a byte order mark. */
async function found(text: string): Promise<Found<unknown>[]> {
  const whole = await foundIn(text, 1000, 1000);
  for (let size = 3; size < 40; size += 1) {
    for (const batchBytes of [1, 10, 30]) {
      expect(await foundIn(text, size, batchBytes)).toEqual(whole);
    }
  }
  return whole;
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

test('a batch ends where no object is open', async () => {
  const text = '{"a": 1}\nlog\nlog\n{\n "a": {\n }\n}\nlog\n{"a": [\nlog\n{"a": 1}';
  const batches: string[] = [];
  for await (const batch of batchesOf(inPieces(text, 1), 'a pipe', 1)) batches.push(`${batch}`);
  expect(batches).toEqual([
    '{"a": 1}\nlog\n',
    'log\n',
    '{\n "a": {\n }\n}\n',
    'log\n',
    '{"a": [\nlog\n',
    '{"a": 1}',
  ]);
});
