import { withRule } from '../errors.js';
import type { BenchResult, Row } from '../result/schema.js';
import { answerOf } from './answer.js';
import { unavailableBlocks } from './devices-document.js';
import type { Block, Document, Fact } from './document.js';
import { gateAnswer, gateDetails } from './gate-blocks.js';
import { machineFacts, systemFact } from './system-facts.js';
import { comparisonTable } from './timing-table.js';
import { verifyHint } from './verify-hint.js';
import { warningBlocks } from './warnings-section.js';
import { needsPlacement, workloadSections } from './workload-section.js';

export interface BenchDocumentOptions {
  /** The result is in a file already. */
  readonly saved?: boolean;
  /** `report --last` shows it again. */
  readonly kept?: boolean;
  /** Also the machine, device times, sensors, and every op's placement. */
  readonly details?: boolean;
  /** The sections of the workloads have been printed already, as they finished. */
  readonly withoutSections?: boolean;
}

/** The output of `mpsbench bench`: the answer, then its tables. */
export function benchDocument(
  result: BenchResult,
  {
    saved = false,
    kept = false,
    details = false,
    withoutSections = false,
  }: BenchDocumentOptions = {},
): Document {
  return [
    ...answerBlocks(result),
    ...(withoutSections ? [] : workloadSections(result, details)),
    ...unavailable(result),
    ...gateDetails(result, details),
    ...warningBlocks(result.warnings, result.rows),
    ...(details ? systemSection(result) : []),
    {
      kind: 'facts',
      facts: [
        ...(details ? [] : [...placementFact(result.rows), systemFact(result)]),
        ...diagnosis(result),
        { label: 'Reproduce', value: result.reproduce, code: true },
        ...(saved ? [] : [{ label: 'Save', value: kept ? SAVE_KEPT : SAVE }]),
      ],
    },
  ];
}

/** For pasting into a discussion: the answer and one table, the rest folded. */
export function benchSummary(result: BenchResult): Document {
  return [
    ...answerBlocks(result),
    ...(result.rows.length > 0 ? [comparisonTable(result.rows, result.devices)] : []),
    ...gateDetails(result, false),
    ...warningBlocks(result.warnings, result.rows),
    {
      kind: 'fold',
      summary: 'Details',
      blocks: [
        ...workloadSections(result, true),
        ...unavailable(result),
        ...systemSection(result),
        { kind: 'facts', facts: diagnosis(result) },
      ],
    },
    {
      kind: 'facts',
      facts: [{ label: 'Reproduce', value: withoutOutputs(result.reproduce), code: true }],
    },
  ];
}

/** The command without the flags that name files. */
function withoutOutputs(command: string): string {
  return command.replaceAll(/ --(?:json|csv|markdown)(?:=\S+| (?!-\w|--)(?:'[^']*'|\S+))?/g, '');
}

function answerBlocks(result: BenchResult): Block[] {
  const { error } = result;
  const answer = answerOf(result);
  return [
    ...(answer ? [{ kind: 'text', text: answer } as const] : []),
    ...gateAnswer(result),
    ...(error ? [errorNote(error)] : []),
  ];
}

function unavailable(result: BenchResult): Block[] {
  // An error already names the missing backends.
  return hasGpu(result) || result.error ? [] : unavailableBlocks(result.backends);
}

function systemSection(result: BenchResult): Block[] {
  return [{ kind: 'heading', level: 1, text: 'System' }, machineFacts(result, usedDevices(result))];
}

function diagnosis(result: BenchResult): Fact[] {
  return verifyHint(
    hasGpu(result) ? [] : result.backends,
    usedDevices(result),
    result.rows.some(({ state }) => state === 'wrong' || state === 'implausible'),
  );
}

/** One line where every op ran where it should; the tables of the others follow their workload. */
function placementFact(rows: readonly Row[]): Fact[] {
  const placed = rows.filter(({ placement }) => placement.length > 0);
  if (placed.length === 0 || placed.some((row) => needsPlacement(row, false))) return [];
  return [{ label: 'Placement', value: 'every op ran where requested (--details lists them)' }];
}

const SAVE = 'add --json FILE; mpsbench report FILE shows it again';
const SAVE_KEPT = 'mpsbench report --last shows it again; --json FILE saves it';

function errorNote({ message, advice, rule }: NonNullable<BenchResult['error']>): Block {
  return { kind: 'note', tone: 'bad', text: withRule(message, rule), ...(advice && { advice }) };
}

function hasGpu(result: BenchResult): boolean {
  return usedDevices(result).some(({ kind }) => kind !== 'cpu');
}

function usedDevices({ rows, devices }: BenchResult): BenchResult['devices'] {
  const usedIds = new Set(rows.flatMap(devicesOf));
  return devices.filter(({ id }) => usedIds.has(id));
}

/** The device requested, and those that ran its ops. */
function devicesOf({ device, placement }: Row): string[] {
  return [device, ...placement.map(({ placed }) => placed)];
}
