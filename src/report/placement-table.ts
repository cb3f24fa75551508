import type { PlacementRow, Row } from '../result/schema.js';
import { formatNs, formatPercent } from '../result/units.js';
import { type Cell, type ColumnOf, type Table, tableOf } from './document.js';

type PlacedOp = PlacementRow & {
  /** The first op of the same launch, for all ops but that one. */
  readonly launchedBy?: string;
  /** Of the step, on the clock that all steps have; only if the step starts. */
  readonly stepNs?: number;
  /** Of the time of all steps. */
  readonly share?: number;
};

const COLUMNS: readonly ColumnOf<PlacedOp>[] = [
  { header: 'op', align: 'left', cell: ({ op }) => op },
  { header: 'requested', align: 'left', dispensable: true, cell: ({ requested }) => requested },
  { header: 'placed on', align: 'left', cell: placedOn },
  {
    header: 'evidence',
    align: 'left',
    cell: ({ evidence }) => ({ text: evidence.replaceAll('-', ' '), tone: 'quiet' }),
  },
  {
    header: 'time',
    align: 'right',
    cell: ({ stepNs }) => (stepNs === undefined ? '' : formatNs(stepNs)),
  },
  {
    header: 'share',
    align: 'right',
    cell: ({ share }) => (share === undefined ? '' : formatPercent(share)),
  },
  { header: 'kernel', align: 'left', wraps: true, cell: kernel },
  { header: 'reason', align: 'left', wraps: true, cell: ({ reason }) => reason },
];

/** Which device ran each op of a row, with the evidence and the kernel, and with --profile the time. */
export function placementTable({ placement }: Pick<Row, 'placement'>): Table {
  return tableOf(withLaunches(placement), COLUMNS);
}

function withLaunches(placement: readonly PlacementRow[]): PlacedOp[] {
  const first = new Map<number, PlacementRow>();
  for (const placed of placement) {
    if (!first.has(placed.step)) first.set(placed.step, placed);
  }
  const steps = [...first.values()];
  const clock = steps.every(({ deviceNs }) => deviceNs !== undefined) ? 'deviceNs' : 'wallNs';
  const totalNs = steps.reduce((sum, step) => sum + (step[clock] ?? 0), 0);
  return placement.map((placed) => {
    const start = first.get(placed.step);
    if (start !== undefined && start !== placed) {
      const reason = placed.reason === start.reason ? undefined : placed.reason;
      return { ...placed, reason, launchedBy: start.op };
    }
    const stepNs = placed[clock];
    if (stepNs === undefined) return placed;
    return { ...placed, stepNs, ...(totalNs > 0 && { share: stepNs / totalNs }) };
  });
}

function placedOn({ placed, requested }: PlacedOp): Cell {
  return { text: placed, tone: placed === requested ? 'plain' : 'doubtful' };
}

function kernel({ kernel, launchedBy }: PlacedOp): Cell | string {
  return launchedBy === undefined ? kernel : { text: `with ${launchedBy}`, tone: 'quiet' };
}
