import { Option } from 'commander';
import {
  DEFAULT_TOLERANCE,
  parseTolerances,
  type ToleranceRule,
  WIDE_TOLERANCE,
} from '../../compare/tolerance.js';
import { WORKLOADS } from '../../workloads/registry.js';
import { choiceOption } from '../options.js';

/** The flags of everything that compares with a baseline. */

const UNCLEAR = ['pass', 'fail'] as const;

export const toleranceOption = () =>
  new Option(
    '--tolerance <percent>',
    `how much a time may change: 5%, or cnn=3%, cpu:0=10%, cnn@cpu:0=8%; repeatable (default: ${DEFAULT_TOLERANCE * 100}%, and ${WIDE_TOLERANCE * 100}% on virtual machines, for disturbed rows and single runs; docs/compare.md)`,
  ).argParser((text, before: readonly ToleranceRule[] = []) => [
    ...before,
    ...parseTolerances(
      text,
      WORKLOADS.map(({ id }) => id),
    ),
  ]);

export const unclearOption = () =>
  choiceOption('--unclear', 'verdict', 'fail: exit with 1 for unclear rows too', UNCLEAR).default(
    'pass',
  );

/** The flags as commander leaves them. */
export interface CompareFlags {
  tolerance?: readonly ToleranceRule[];
  unclear: (typeof UNCLEAR)[number];
}
