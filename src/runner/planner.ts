import type { DeviceId, Support } from '../backends/types.js';
import { MpsbenchError } from '../errors.js';
import type { Graph, Op, OpId, Tensor, TensorId } from '../graph/types.js';
import type { DType } from '../result/dtypes.js';

/** What the planner has to know about a device. */
export interface Placeable {
  readonly id: DeviceId;
  supports(op: Op, dtype: DType): Support;
}

export type PlacementPolicy = 'soft' | 'strict';

/** Where one op runs, and why if that is not where it was asked to run. */
export interface Assignment {
  readonly op: Op;
  readonly dtype: DType;
  readonly requested: DeviceId;
  readonly placed: DeviceId;
  readonly reason?: string;
}

/** A run of consecutive ops on one device; becomes one executable. */
export interface Segment {
  readonly device: DeviceId;
  readonly graph: Graph;
  /** Tensors to copy from other segments each time before this one runs. */
  readonly transfers: readonly Transfer[];
}

export interface Transfer {
  readonly tensor: TensorId;
  /** Index of the segment that holds the current value. */
  readonly from: number;
}

export interface Plan {
  readonly assignments: readonly Assignment[];
  readonly segments: readonly Segment[];
  /** The segment that holds each tensor's value after an iteration. */
  readonly holder: ReadonlyMap<TensorId, number>;
}

/**
 * Assigns each op to `requested`, or to `fallback` where `requested` lacks it.
 * @throws MpsbenchError `unsupported`: under `strict`, every op that would have to fall back with
 *   its reason; under `soft`, the ops that no device takes.
 */
export function planPlacement(
  graph: Graph,
  requested: Placeable,
  fallback: Placeable | undefined,
  policy: PlacementPolicy,
): Plan {
  const assignments = assign(graph, requested, fallback, policy);
  const runs = consecutiveRuns(assignments);
  if (runs.length === 1) {
    const holder = new Map(graph.tensors.map((tensor) => [tensor.id, 0]));
    return { assignments, segments: [{ device: runs[0].device, graph, transfers: [] }], holder };
  }
  return { assignments, ...split(graph, runs) };
}

function assign(
  graph: Graph,
  requested: Placeable,
  fallback: Placeable | undefined,
  policy: PlacementPolicy,
): Assignment[] {
  const dtypeOf = new Map(graph.tensors.map((tensor) => [tensor.id, tensor.dtype]));
  const refused: { op: OpId; reason: string }[] = [];
  const assignments = graph.ops.map((op): Assignment => {
    const dtype = dtypeOf.get(op.output) as DType;
    const base = { op, dtype, requested: requested.id };
    const support = requested.supports(op, dtype);
    if (support.ok) return { ...base, placed: requested.id };
    if (policy === 'strict' || !fallback) {
      refused.push({ op: op.id, reason: support.reason });
      return { ...base, placed: requested.id, reason: support.reason };
    }
    const second = fallback.supports(op, dtype);
    if (!second.ok) {
      const reason = `${support.reason}; ${fallback.id}: ${second.reason}`;
      refused.push({ op: op.id, reason });
    }
    return { ...base, placed: fallback.id, reason: support.reason };
  });
  if (refused.length > 0) throw unsupported(requested.id, refused, policy);
  return assignments;
}

function unsupported(
  device: DeviceId,
  refused: readonly { op: OpId; reason: string }[],
  policy: PlacementPolicy,
): MpsbenchError {
  const ops = groupByReason(refused)
    .map(([reason, ids]) => `${ids.join(', ')}: ${reason}`)
    .join('; ');
  const advice =
    policy === 'strict'
      ? 'Use --placement soft to let these ops fall back to the CPU, or another --dtype.'
      : 'Use another --dtype or --device.';
  return new MpsbenchError('unsupported', `${device} cannot run ${ops}`, advice);
}

function groupByReason(
  refused: readonly { op: OpId; reason: string }[],
): [reason: string, ops: OpId[]][] {
  const groups = new Map<string, OpId[]>();
  for (const { op, reason } of refused) groups.set(reason, [...(groups.get(reason) ?? []), op]);
  return [...groups];
}

interface Run {
  readonly device: DeviceId;
  readonly ops: readonly Op[];
}

function consecutiveRuns(assignments: readonly Assignment[]): Run[] {
  const runs: { device: DeviceId; ops: Op[] }[] = [];
  for (const { op, placed } of assignments) {
    const last = runs.at(-1);
    if (last?.device === placed) last.ops.push(op);
    else runs.push({ device: placed, ops: [op] });
  }
  return runs;
}

/**
 * Cuts the graph into one sub-graph a run. A temp that crosses a cut becomes an output of its
 * producer and an input of its readers. A state tensor stays a state where it is updated and is an
 * input elsewhere, copied from its owner before each iteration.
 */
function split(graph: Graph, runs: readonly Run[]): Pick<Plan, 'segments' | 'holder'> {
  const holder = new Map<TensorId, number>();
  runs.forEach((run, index) => {
    for (const op of run.ops) holder.set(op.output, index);
  });
  const usedBy = runs.map((run) => new Set(run.ops.flatMap((op) => [...op.inputs, op.output])));
  const segments = runs.map((run, index): Segment => {
    const used = usedBy[index];
    const tensors = graph.tensors
      .filter((tensor) => used.has(tensor.id))
      .map((tensor): Tensor => {
        const foreign = (holder.get(tensor.id) ?? index) !== index;
        return foreign ? { ...tensor, role: 'input' } : tensor;
      });
    const outputs = tensors
      .filter(({ id, role }) => role === 'temp' && isNeededOutside(id))
      .map(({ id }) => id);
    const transfers = tensors
      .filter(({ id }) => (holder.get(id) ?? index) !== index)
      .map(({ id }) => ({ tensor: id, from: holder.get(id) as number }));
    return {
      device: run.device,
      graph: { name: `${graph.name}.${index}`, tensors, ops: run.ops, outputs },
      transfers,
    };

    function isNeededOutside(id: TensorId): boolean {
      return graph.outputs.includes(id) || usedBy.some((other, i) => i !== index && other.has(id));
    }
  });
  for (const { id } of graph.tensors) {
    if (!holder.has(id)) {
      const first = usedBy.findIndex((used) => used.has(id));
      if (first >= 0) holder.set(id, first);
    }
  }
  return { segments, holder };
}
