import { Option } from 'commander';
import { parseSpeedups, parseTimes, type ThresholdRule } from '../../compare/thresholds.js';
import {
  DEFAULT_TOLERANCE,
  parseTolerances,
  type ToleranceRule,
  WIDE_TOLERANCE,
} from '../../compare/tolerance.js';
import { MpsbenchError } from '../../errors.js';
import { EXIT_STYLES, type ExitStyle } from '../../exit-codes.js';
import { WORKLOADS } from '../../workloads/registry.js';
import { choiceOption } from '../shared-options.js';

/** The flags of everything that compares with a baseline or has a threshold. */

const UNCLEAR = ['pass', 'fail'] as const;

export const toleranceOption = () =>
  new Option(
    '--tolerance <percent>',
    `how much a time may change: 5%, or cnn=3%, cpu:0=10%, cnn@cpu:0=8%; repeatable (default: ${DEFAULT_TOLERANCE * 100}%, and ${WIDE_TOLERANCE * 100}% on virtual machines, for disturbed rows and single runs; docs/compare.md)`,
  ).argParser((text, before: readonly ToleranceRule[] = []) => [
    ...before,
    ...parseTolerances(text, workloadIds()),
  ]);

export const unclearOption = () =>
  choiceOption('--unclear', 'verdict', 'fail: exit with 1 for unclear rows too', UNCLEAR).default(
    'pass',
  );

export const baselineOption = () =>
  new Option(
    '--baseline <files>',
    'compare with saved results: comma-separated files, or a folder; exits with 1 if a row is slower',
  );

export const confirmOption = () =>
  new Option(
    '--confirm',
    'measure rows that are not the same again, in fresh processes, before the verdict',
  );

export const minSpeedupOption = () =>
  new Option(
    '--min-speedup <factor>',
    'exit with 1 below this speedup over the CPU: 2, or cnn=2, cnn@cuda:0=2; repeatable',
  ).argParser((text, before: readonly ThresholdRule[] = []) => [
    ...before,
    ...parseSpeedups(text, workloadIds()),
  ]);

export const maxTimeOption = () =>
  new Option(
    '--max-time <time>',
    'exit with 1 above this time per iteration: 5ms, or linear=5ms; repeatable',
  ).argParser((text, before: readonly ThresholdRule[] = []) => [
    ...before,
    ...parseTimes(text, workloadIds()),
  ]);

export const requireDeviceOption = () =>
  new Option(
    '--require-device <ids>',
    'exit with 1 unless these devices were measured: metal:0, or cuda for any of it',
  ).argParser((text, before: readonly string[] = []) => [...before, ...deviceNames(text)]);

function deviceNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  if (names.every((name) => /^[a-z][\w-]*(:\w+)?$/.test(name))) return names;
  throw new MpsbenchError(
    'usage',
    `--require-device ${text.trim() === '' ? `'${text}'` : text} names no device.`,
    'Use a device ID such as metal:0; mpsbench devices lists them.',
  );
}

export const exitStyleOption = () =>
  choiceOption(
    '--exit-style',
    'style',
    'nagios: a status line first, and 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN',
    EXIT_STYLES,
  );

/** The flags as commander leaves them. */
export interface CompareFlags {
  tolerance?: readonly ToleranceRule[];
  unclear: (typeof UNCLEAR)[number];
}

/** Those of `bench` besides. */
export interface GateFlags extends CompareFlags {
  baseline?: string;
  confirm?: true;
  minSpeedup?: readonly ThresholdRule[];
  maxTime?: readonly ThresholdRule[];
  requireDevice?: readonly string[];
  exitStyle?: ExitStyle;
}

const workloadIds = () => WORKLOADS.map(({ id }) => id);
