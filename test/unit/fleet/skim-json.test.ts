import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { skimJson, wantedBy } from '../../../src/fleet/skim-json.js';

const times = z.object({ median: z.number() });
const schema = z.object({
  host: z.string().optional(),
  params: z.record(z.string(), z.unknown()),
  rows: z.array(
    z.object({
      wall: times.optional(),
      notes: z.array(z.object({ name: z.string() })).default([]),
    }),
  ),
});
const WANTED = wantedBy(schema);

const skimmed = (text: string) => skimJson(Buffer.from(text), WANTED);

const ROW =
  '{"wall":{"median":1.5e3,"outliers":[1,2]},"samples":[[1,-0.5E-2],{"a":[]}],"notes":[]}';

test('lists and objects that the schema does not name become 0', () => {
  const text = `{"host":"a","seconds":6,"more":{"x":[1]},"params":{"samples":[1,{"a":2}]},"rows":[${ROW}]}`;
  expect(skimmed(text)).toEqual({
    host: 'a',
    seconds: 6,
    more: 0,
    params: { samples: [1, { a: 2 }] },
    rows: [{ wall: { median: 1500, outliers: 0 }, samples: 0, notes: [] }],
  });
  const pretty = JSON.stringify(JSON.parse(text), null, 2).replaceAll('\n', '\r\n\t');
  expect(skimmed(pretty)).toEqual(skimmed(text));
});

test.each<[what: string, text: string, replaced?: object]>([
  ['a string that reads like a key', '{"host":"\\"samples\\":[1,2","rows":[]}'],
  ['a string that ends in backslashes', '{"host":"\\\\","a":"\\\\\\"","rows":[{"samples":1}]}'],
  [
    'brackets in strings of what is left out',
    '{"a":["]","}","\\"]",{"]":"["}],"host":"b"}',
    { a: 0 },
  ],
  ['escaped text in what is left out', '{"a":["\\u005d\\ud83d\\ude00"],"host":"b"}'],
  ['an escaped key', '{"ro\\u0077s":[{"samples":[1]}]}'],
  ['an escaped key that only looks unwanted', '{"\\/":[1],"host":"b"}'],
  ['a key twice: the last counts', '{"a":[1],"rows":[1],"a":2,"rows":[{"wall":{"median":2}}]}'],
  ['__proto__', '{"__proto__":{"host":"x"},"host":"b"}', { ['__proto__']: 0 }],
  ['text outside ASCII', '{"á":[1],"host":"☃ 𝄞","b":["☃"],"rows":[]}', { á: 0, b: 0 }],
  ['a list in place of an object', '{"rows":[[{"samples":[1]}],5,null,"x"],"params":[[1]]}'],
  ['an object in place of a list', '{"rows":{"samples":[1],"wall":{"median":3}}}'],
  ['a list of all', '[{"samples":[1]}]'],
  ['a number', '-12.5e+3 '],
  [
    'numbers at their limits',
    '{"a":[0,-0,0.0,1e999,0e0,123456789012345678901234567890]}',
    { a: 0 },
  ],
  ['literals', '{"a":[true,false,null],"host":"b"}', { a: 0 }],
  ['many levels', `{"host":"b","a":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ['white space everywhere', ' { "a" : [ 1 , { "b" : 2 } , [ ] , { } ] , "host" : "b" } '],
])('%s reads as with JSON.parse', (_, text, replaced = {}) => {
  const value = skimmed(text);
  const known = schema.partial().safeParse(value);
  expect(known).toEqual(schema.partial().safeParse(JSON.parse(text)));
  if (typeof value === 'object') expect(value).toMatchObject(replaced);
});

test.each([
  ...[
    '',
    ' ',
    '{',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":[',
    '{"a":[1',
    '{"a":[1]',
    '{"a":[1],',
    '{"a":[1],}',
  ],
  ...[
    '[1,]',
    '[,1]',
    '[1 2]',
    '[01]',
    '[-]',
    '[1.]',
    '[.5]',
    '[1e]',
    '[+1]',
    '[0x1]',
    '[NaN]',
    '[tru]',
  ],
  ...[
    '["a]',
    '["\n"]',
    '["\\x"]',
    '["\\u12"]',
    "['a']",
    '[1}',
    '{]',
    '[\u00a01]',
    '[1]]',
    '[nullx]',
  ],
  ...['{"b"}', '{"b":}', '{"b":1,}', '{b:1}', '{"b" 1}', '{"b":1 "c":2}', '{"b":1;"c":2}', '{1:1}'],
])('what is not JSON stays an error, wherever it is: %s', (broken) => {
  for (const text of [broken, `{"a":${broken},"rows":[]}`, `{"rows":[{"samples":[${broken}]}]}`]) {
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    if (valid) expect(() => skimmed(text)).not.toThrow();
    else expect(() => skimmed(text)).toThrow(SyntaxError);
  }
});

test('every shortened and every damaged text is accepted exactly if JSON.parse accepts it', () => {
  const text = `{"host":"\\"a\\\\","a":[{"b":[1.5,-2e3,"]"]},null],"params":{},"rows":[${ROW}]}`;
  const bytes = Buffer.from(text);
  const damages = Buffer.from('"\\[]{},:-.0eu \n');
  const texts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    texts.push(
      bytes.subarray(0, at),
      Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    );
    for (const byte of damages) {
      const damaged = Buffer.from(bytes);
      damaged[at] = byte;
      texts.push(
        damaged,
        Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]),
      );
    }
  }
  const read = (parse: () => unknown) => {
    try {
      return schema.safeParse(parse()).data ?? 'no result';
    } catch {
      return 'not JSON';
    }
  };
  const outcomes = texts.map((own) => ({
    text: own.toString(),
    skimmed: read(() => skimJson(own, WANTED)),
    parsed: read(() => JSON.parse(own.toString())),
  }));
  expect(outcomes.filter((one) => !isDeepStrictEqual(one.skimmed, one.parsed))).toEqual([]);
  // All kinds of outcome are among them.
  const count = (kind: string) => outcomes.filter(({ parsed }) => parsed === kind).length;
  expect(count('not JSON')).toBeGreaterThan(1000);
  expect(outcomes.length - count('not JSON') - count('no result')).toBeGreaterThan(200);
});
