import { expect, test } from 'vitest';
import { warningBlocks } from '../../../src/report/warnings-section.js';
import type { Row } from '../../../src/result/schema.js';
import { cudaBench } from '../../fakes/results.js';

const rowWith = (...names: string[]): Row => {
  const [row] = cudaBench.rows;
  if (!row.measurement) throw new Error('the fake row has no measurement');
  const warnings = names.map((name) => ({ name, message: `${name}.`, advice: '' }));
  return { ...row, measurement: { ...row.measurement, warnings } };
};

const namesOf = (...rows: Row[]) =>
  warningBlocks([], rows).map((block) =>
    block.kind === 'note' ? block.text.match(/\[(.*)\]$/)?.[1] : '',
  );

test('what follows from a disturbance is not repeated', () => {
  expect(namesOf(rowWith('disturbed', 'not-converged', 'unsettled', 'bimodal'))).toEqual([
    'disturbed',
    'bimodal',
  ]);
});

test('it is shown for a row that was not disturbed', () => {
  expect(namesOf(rowWith('disturbed'), rowWith('not-converged'))).toEqual([
    'disturbed',
    'not-converged',
  ]);
});
