/** Damaged results in every format: either a sentence about what is wrong, or a report. */
import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { MpsbenchError } from '../../src/errors.js';
import { renderAs } from '../../src/report/registry.js';
import { DTYPES } from '../../src/result/dtypes.js';
import { type FormatId, MACHINE_FORMATS } from '../../src/result/outputs.js';
import { parseResult } from '../../src/result/parse.js';
import type { Result } from '../../src/result/schema.js';
import { printable } from '../../src/text/printable.js';
import { failuresBench, fallbackBench } from '../fakes/faulty-results.js';
import { mutate } from '../fakes/mutations.js';
import { cudaBench, devicesResult, gpuBench, softwareBench } from '../fakes/results.js';
import { fuzz, HOSTILE, inputsOr, type Random, rawCharacter, SEED } from './fuzzing.js';

const INPUTS = inputsOr(500);

const FORMATS: readonly FormatId[] = ['table', ...MACHINE_FORMATS.map(({ id }) => id)];

const verifyResult = {
  ...devicesResult,
  command: 'verify',
  findings: ['pass', 'warning', 'fail', 'unchecked', 'not-applicable'].map((state, i) => ({
    check: `frameworks.${i}`,
    group: (['system', 'devices', 'compute', 'frameworks', 'probe'] as const)[i],
    state,
    subject: '/home/ada/venv',
    message: 'torch 2.9.1: no GPU code',
    fixes: [{ text: 'Install it.', command: 'pip install torch' }],
    rule: 'torch-no-gpu-code',
    confidence: 'medium',
    sources: ['https://pytorch.org'],
    details: { effect: 'limit' },
    placement: gpuBench.rows[0].placement,
  })),
};

/** Results as they are written, with few samples: what is rendered are their summaries. */
const BASES: readonly string[] = [
  cudaBench,
  devicesResult,
  failuresBench,
  fallbackBench,
  gpuBench,
  softwareBench,
  verifyResult as unknown as Result,
].map((result) =>
  JSON.stringify(result, (key, value) =>
    Array.isArray(value) && ['samples', 'warmup'].includes(key) ? value.slice(0, 2) : value,
  ),
);

const NUMBERS = [0, -0, 1, -1, 0.5, 1e-300, 1e300, Number.MAX_SAFE_INTEGER, 2 ** 31, 1e21];

function odd(random: Random): unknown {
  switch (random.below(6)) {
    case 0:
      return random.pick(HOSTILE);
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return random.pick([null, true, false, [], {}, [[]], [null], [1, 2, 3]]);
    case 3:
      return random.pick([...DTYPES, 'measured', 'wrong', 'gpu', 'cpu:0', 'wall', 'bench']);
    case 4:
      return Array.from({ length: random.below(300) }, () => random.pick(HOSTILE));
    default:
      return Object.fromEntries(HOSTILE.map((text) => [text, random.pick(HOSTILE)]));
  }
}

interface Place {
  readonly node: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  const places: Place[] = [];
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ node: node as Record<string, unknown>, key });
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(value);
  return places;
}

/** One to four wounds in the tree; most keep the type, so that the result is still read. */
function damage(random: Random, text: string): string {
  const value: unknown = JSON.parse(text);
  const places = placesIn(value);
  for (let wounds = 1 + random.below(4); wounds > 0; wounds--) {
    const { node, key } = random.pick(places);
    const held = node[key];
    const kind = random.below(32);
    if (typeof held === 'string' && kind < 28) node[key] = random.pick(HOSTILE);
    else if (typeof held === 'number' && kind < 28) node[key] = random.pick(NUMBERS);
    else if (Array.isArray(held) && kind < 28) {
      node[key] = random.oneIn(2)
        ? []
        : Array(1 + random.below(40))
            .fill(held)
            .flat()
            .slice(0, 300);
    } else if (kind === 28) delete node[key];
    else if (kind < 28 && !Array.isArray(node)) node[random.pick(HOSTILE)] = odd(random);
    else if (kind === 29) node[key] = nested(random.below(300), held);
    else node[key] = odd(random);
  }
  const damaged = JSON.stringify(value);
  return random.oneIn(10) ? mutate(random.number, damaged) : damaged;
}

function nested(depth: number, inside: unknown): unknown {
  let value = inside;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { value };
  return value;
}

/** What `mpsbench report` does with a file. */
function report(text: string): Result | MpsbenchError {
  try {
    return parseResult(text, 'result.json');
  } catch (error) {
    if (error instanceof MpsbenchError) return error;
    throw error;
  }
}

test(`${INPUTS} damaged results neither break nor stall a report (seed ${SEED})`, {
  timeout: 60_000 + INPUTS * 200,
}, async () => {
  let refused = 0;
  const { problems, slowestMs } = await fuzz(INPUTS, async (random) => {
    const text = damage(random, random.pick(BASES));
    const result = report(text);
    if (result instanceof MpsbenchError) {
      refused++;
      if (result.code !== 'usage') return `${result.code}: ${result.message}`;
      const said = printable(result.message) + printable(result.advice);
      return rawCharacter(said) && `the message holds ${rawCharacter(said)}`;
    }
    const options = {
      colour: new Chalk({ level: random.oneIn(8) ? 3 : 0 }),
      width: 20 + random.below(180),
      saved: random.oneIn(2),
      details: random.oneIn(2),
    };
    for (const format of FORMATS) {
      const shown = await renderAs(format, result, options);
      if (format === 'json' && JSON.stringify(JSON.parse(shown)) !== JSON.stringify(result)) {
        return 'json is not what was read';
      }
      const isColoured = format === 'table' && options.colour.level > 0;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are our own.
      const plain = isColoured ? shown.replace(/\x1b\[\d+m/g, '') : shown;
      if (rawCharacter(plain)) return `${format} holds ${rawCharacter(plain)}`;
    }
    return undefined;
  });
  console.log(
    `${INPUTS} results, ${refused} refused, the slowest took ${Math.round(slowestMs)} ms`,
  );
  expect(problems).toEqual([]);
  // Neither all nor none: the damage is of the right size.
  expect(refused).toBeGreaterThan(INPUTS / 20);
  expect(refused).toBeLessThan(INPUTS * 0.9);
});
