import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/bench/exit-code.js';
import { EXIT } from '../../../src/exit-codes.js';
import type { Row } from '../../../src/result/schema.js';

type Outcome = Pick<Row, 'state' | 'error' | 'measurement'>;

const measured: Outcome = { state: 'measured' };
const unbelievable = {
  state: 'measured',
  measurement: { invalidReadings: [{ reading: 'device time: NaN', samples: 3 }] },
} as unknown as Outcome;
const wrong: Outcome = { state: 'wrong', error: error('wrong_result') };
const implausible: Outcome = { state: 'implausible', error: error('implausible') };
const lost: Outcome = { state: 'failed', error: error('device_lost') };
const defect: Outcome = { state: 'failed', error: error('internal') };

function error(code: string): Row['error'] {
  return { code, message: '', advice: '' };
}

describe('exitCodeOf', () => {
  it.each<[string, Outcome[], number]>([
    ['all is measured', [measured, measured], EXIT.ok],
    ['nothing was run', [], EXIT.unchecked],
    ['a row failed', [measured, lost], EXIT.unchecked],
    ['a result is wrong', [lost, wrong], EXIT.finding],
    ['a time cannot be', [implausible, measured], EXIT.finding],
    ['a device reports what cannot be', [measured, unbelievable], EXIT.finding],
    ['a row failed by a defect of ours', [wrong, defect, measured], EXIT.internal],
  ])('%s', (_, rows, code) => {
    expect(exitCodeOf(rows, false)).toBe(code);
    expect(exitCodeOf(rows, true)).toBe(EXIT.interrupted);
  });
});
