import type { Comparison } from '../../compare/compare-results.js';
import { looseKeyOf } from '../../compare/identity.js';
import type { ComparedRow, Row } from '../../result/schema.js';

/** Whether a row that was measured again is that of a verdict. */
export function isSameRow(one: ComparedRow, row: Row): boolean {
  return looseKeyOf(one) === looseKeyOf(row);
}

/** Marks the rows whose verdict counts what was measured again. */
export function withConfirmed(comparison: Comparison, again: readonly Row[]): Comparison {
  const measured = again.filter(({ state }) => state === 'measured');
  return {
    ...comparison,
    rows: comparison.rows.map((row) => {
      return measured.some((one) => isSameRow(row, one)) ? { ...row, confirmed: true } : row;
    }),
  };
}
