import { describe, expect, it } from 'vitest';
import { MpsbenchError } from '../../../src/errors.js';
import { renderJson } from '../../../src/report/json.js';
import { parseResult } from '../../../src/result/parse.js';
import { failuresBench } from '../../fakes/faulty-results.js';
import { devicesResult, gpuBench } from '../../fakes/results.js';

function failureOf(text: string): MpsbenchError {
  try {
    parseResult(text, 'result.json');
  } catch (error) {
    if (error instanceof MpsbenchError) return error;
  }
  throw new Error('it was read');
}

describe('parseResult', () => {
  it.each([devicesResult, gpuBench, failuresBench])(
    'reads what was written ($command)',
    (result) => {
      expect(parseResult(renderJson(result))).toEqual(result);
    },
  );

  it('keeps the fields that a later version has added', () => {
    const more = { ...devicesResult, colour: 'green' };
    expect(parseResult(JSON.stringify(more))).toEqual(more);
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(parseResult(`\ufeff${renderJson(devicesResult)}`)).toEqual(devicesResult);
  });

  it('says where a value is wrong, and what was expected', () => {
    const broken = JSON.parse(renderJson(gpuBench));
    broken.rows[1].measurement.wall.median = 'fast';
    broken.rows[0].device = undefined;
    const { code, message, advice } = failureOf(JSON.stringify(broken));
    expect(code).toBe('usage');
    expect(message).toContain('rows[0].device: expected string, received undefined');
    expect(message).toContain('rows[1].measurement.wall.median: expected number, received string');
    expect(advice).toBe('Give it a file that was written with --json or --html.');
  });

  it('does not list a hundred mistakes', () => {
    const { message } = failureOf('{"schema": 2, "command": "bench"}');
    expect(message).toMatch(/; and \d+ more\.$/);
  });

  it.each([
    ['', 'result.json is not JSON: it is empty.'],
    ['[1, 2', /^result\.json is not JSON: /],
    ['[1, 2]', 'result.json has no "schema" field: it is not an mpsbench result.'],
    ['null', 'result.json has no "schema" field: it is not an mpsbench result.'],
    ['{"schema": 1}', 'result.json has schema version 1; this mpsbench reads version 2.'],
    ['{"schema": 2, "command": "dance"}', /command: /],
  ])('explains what is wrong with %j', (text, expected) => {
    const { code, message } = failureOf(text);
    expect(code).toBe('usage');
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
  });
});
