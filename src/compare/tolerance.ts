import { MpsbenchError } from '../errors.js';
import { largest } from '../measure/extremes.js';
import type { ComparedRow, Row } from '../result/schema.js';
import { closenessOf, namesRow, parseRowName, type RowName } from './row-name.js';

/** How much a time may change before it counts, where no flag says so. Shares of the time. */
export const DEFAULT_TOLERANCE = 0.05;
/** On a virtual machine, for a disturbed row, and where a side has a single run. */
export const WIDE_TOLERANCE = 0.1;
/** A single run on a virtual machine or disturbed: nothing is known of differences between runs. */
export const WIDEST_TOLERANCE = 0.25;

/** `--tolerance cnn=3%`. */
export interface ToleranceRule extends RowName {
  readonly share: number;
}

export interface Tolerance {
  readonly share: number;
  readonly from: ComparedRow['toleranceFrom'];
}

/** What decides the tolerance of a row that no rule names. */
export interface ToleranceFacts {
  readonly virtualMachine: boolean;
  readonly disturbed: boolean;
  readonly singleRun: boolean;
}

/** The rule that names a row most closely, the last one where several do; else the default. */
export function toleranceFor(
  row: Pick<Row, 'workload' | 'device'>,
  rules: readonly ToleranceRule[],
  facts: ToleranceFacts,
): Tolerance {
  const fitting = rules.filter((rule) => namesRow(rule, row));
  const closest = largest(fitting.map(closenessOf));
  const rule = fitting.findLast((candidate) => closenessOf(candidate) === closest);
  if (rule) return { share: rule.share, from: 'flag' };
  const isRough = facts.virtualMachine || facts.disturbed;
  if (facts.singleRun && isRough) return { share: WIDEST_TOLERANCE, from: 'single-run' };
  if (facts.virtualMachine) return { share: WIDE_TOLERANCE, from: 'virtual-machine' };
  if (facts.disturbed) return { share: WIDE_TOLERANCE, from: 'disturbed' };
  if (facts.singleRun) return { share: WIDE_TOLERANCE, from: 'single-run' };
  return { share: DEFAULT_TOLERANCE, from: 'default' };
}

/**
 * Reads `5%`, `cnn=3%`, `cpu:0=10%`, `cnn@cpu:0=8%`, several by commas.
 * @param workloads the names that exist, for the advice
 * @throws MpsbenchError `usage`
 */
export function parseTolerances(text: string, workloads: readonly string[]): ToleranceRule[] {
  return text.split(',').map((part) => {
    const [name, value, ...rest] = part.includes('=') ? part.split('=') : ['', part];
    const share = rest.length === 0 ? parseShare(value) : undefined;
    if (share === undefined) throw notATolerance(text);
    return { ...parseRowName('--tolerance', name.trim(), workloads), share };
  });
}

/** `5%` or `5`, both 5 percent. */
function parseShare(text: string): number | undefined {
  const [, number] = /^\s*(\d+\.?\d*|\.\d+)\s*%?\s*$/.exec(text) ?? [];
  const percent = Number(number ?? Number.NaN);
  return percent >= 0 && percent <= 1000 ? percent / 100 : undefined;
}

function notATolerance(text: string): MpsbenchError {
  return new MpsbenchError(
    'usage',
    `--tolerance ${text.trim() === '' ? `'${text}'` : text} is not a percentage from 0 to 1000.`,
    'Write, for example, --tolerance 5%, or --tolerance cnn=3% for one workload.',
  );
}
