import { describe, expect, it } from 'vitest';
import { parseTolerances, toleranceFor } from '../../../src/compare/tolerance.js';

const WORKLOADS = ['add', 'linear', 'cnn'];
const QUIET = { virtualMachine: false, disturbed: false, singleRun: false };
const cnn = { workload: 'cnn', device: 'cpu:0' };

describe('parseTolerances', () => {
  it.each([
    ['5%', [{ share: 0.05 }]],
    [' 2.5 % ', [{ share: 0.025 }]],
    ['5', [{ share: 0.05 }]],
    ['0%', [{ share: 0 }]],
    ['cnn=3%', [{ workload: 'cnn', share: 0.03 }]],
    ['cpu:0=10%', [{ device: 'cpu:0', share: 0.1 }]],
    [
      'cnn@cuda:0=3%,add=10%',
      [
        { workload: 'cnn', device: 'cuda:0', share: 0.03 },
        { workload: 'add', share: 0.1 },
      ],
    ],
  ])('reads %s', (text, rules) => {
    expect(parseTolerances(text, WORKLOADS)).toEqual(rules);
  });

  it.each(['', '%', '-1%', 'abc', '5%%', '1e9', 'cnn=', 'cnn=3%=4%', 'cnn@=3%', '2000%'])(
    'refuses %j',
    (text) => {
      expect(() => parseTolerances(text, WORKLOADS)).toThrow(
        expect.objectContaining({ code: 'usage' }),
      );
    },
  );

  it('names the nearest workload', () => {
    expect(() => parseTolerances('cnnn=3%', WORKLOADS)).toThrow(/Did you mean "cnn"/);
  });
});

describe('toleranceFor', () => {
  it('takes the closest rule, of equals the last', () => {
    const rules = parseTolerances('5%,cnn=3%,cnn@cpu:0=8%,2%', WORKLOADS);
    expect(toleranceFor(cnn, rules, QUIET)).toEqual({ share: 0.08, from: 'flag' });
    expect(toleranceFor({ ...cnn, device: 'cuda:0' }, rules, QUIET).share).toBe(0.03);
    expect(toleranceFor({ ...cnn, workload: 'add' }, rules, QUIET).share).toBe(0.02);
  });

  it('is wider if less is known, unless a rule says otherwise', () => {
    const of = (facts: Partial<typeof QUIET>) => toleranceFor(cnn, [], { ...QUIET, ...facts });
    expect(of({})).toEqual({ share: 0.05, from: 'default' });
    expect(of({ virtualMachine: true })).toEqual({ share: 0.1, from: 'virtual-machine' });
    expect(of({ disturbed: true })).toEqual({ share: 0.1, from: 'disturbed' });
    expect(of({ singleRun: true })).toEqual({ share: 0.1, from: 'single-run' });
    expect(of({ singleRun: true, virtualMachine: true }).share).toBe(0.25);
    expect(toleranceFor(cnn, [{ share: 0.01 }], { ...QUIET, virtualMachine: true }).share).toBe(
      0.01,
    );
  });
});
