/**
 * Lowering: the ops of a graph become launches of kernels. Fused patterns are tried in order at each
 * op that no earlier pattern covers, the widest first; every op has a general kernel.
 */

import { MpsbenchError } from '../../errors.js';
import { tensorBytes } from '../../graph/shapes.js';
import type { Graph, TensorId } from '../../graph/types.js';
import type { KernelDType, Packing, WorkgroupLimits } from '../../kernels/kernel.js';
import type { KernelLevel } from '../../result/schema.js';
import { GraphView } from './graph-view.js';
import type { BufferId, Dispatch, LoweredGraph, LoweredStep } from './lowered.js';
import type { Emitter, Match, Pattern } from './pattern.js';
import { PATTERNS } from './patterns.js';
import { singleOp } from './single-op.js';

export function lower(
  graph: Graph,
  limits: WorkgroupLimits,
  kernels: KernelLevel = 'best',
): LoweredGraph {
  const view = new GraphView(graph);
  const matches = matchAll(view, limits, kernels === 'best' ? PATTERNS : []);
  const dtype = kernelDType(graph);
  const bufferOf = new Map<TensorId, BufferId>();
  const buffers = new Map<BufferId, number>();
  const packings = new Map<TensorId, Packing>();
  const steps: { ops: string[]; kernel: string; dispatches: readonly Dispatch[] }[] = [];
  const stepOf = new Map<BufferId, (typeof steps)[number]>();

  const claim = (tensor: TensorId, bytes: number): BufferId => {
    const known = bufferOf.get(tensor);
    if (known !== undefined) return known;
    bufferOf.set(tensor, tensor);
    buffers.set(tensor, bytes);
    return tensor;
  };
  const emitter: Emitter = {
    dtype,
    limits,
    buffer: (tensor) => claim(tensor, tensorBytes(view.tensor(tensor))),
    packed: (tensor, packing) => {
      packings.set(tensor, packing);
      return claim(tensor, packing.elements * (dtype === 'f16' ? 2 : 4));
    },
    scratch: (elements) => {
      const id = `scratch.${buffers.size}`;
      buffers.set(id, elements * 4);
      return id;
    },
  };

  for (const match of matches) {
    const ids = match.ops.map((index) => graph.ops[index].id);
    const op = graph.ops[match.at];
    const source = op.kind === 'reshape' ? stepOf.get(bufferOf.get(op.inputs[0]) ?? '') : undefined;
    if (source) {
      // A temp under another shape is the same memory: the step that computes it does the reshape.
      bufferOf.set(op.output, emitter.buffer(op.inputs[0]));
      source.ops.push(...ids);
      continue;
    }
    const dispatches = match.emit(emitter);
    const step = { ops: ids, kernel: dispatches[0].kernel.name, dispatches };
    steps.push(step);
    for (const index of match.ops) {
      const buffer = bufferOf.get(graph.ops[index].output);
      if (buffer !== undefined && graph.ops[index].kind !== 'sgd_update') stepOf.set(buffer, step);
    }
  }
  for (const tensor of graph.tensors) {
    if (tensor.role !== 'temp') emitter.buffer(tensor.id);
  }
  return { steps: steps satisfies LoweredStep[], buffers, bufferOf, packings };
}

/** Whether a fused pattern matches the graph, so that the levels `best` and `library` differ. */
export function fuses(graph: Graph, limits: WorkgroupLimits): boolean {
  return matchAll(new GraphView(graph), limits, PATTERNS).some(({ ops }) => ops.length > 1);
}

function matchAll(view: GraphView, limits: WorkgroupLimits, patterns: readonly Pattern[]): Match[] {
  const taken = new Set<number>();
  const matches: Match[] = [];
  view.graph.ops.forEach((_, index) => {
    if (taken.has(index)) return;
    const match = firstMatch(view, index, limits, patterns, taken) ?? singleOp(view, index, limits);
    for (const op of match.ops) taken.add(op);
    matches.push(match);
  });
  return matches.sort((a, b) => a.at - b.at);
}

function firstMatch(
  view: GraphView,
  index: number,
  limits: WorkgroupLimits,
  patterns: readonly Pattern[],
  taken: ReadonlySet<number>,
): Match | undefined {
  for (const pattern of patterns) {
    const match = pattern(view, index, limits);
    if (match && !match.ops.some((op) => taken.has(op))) return match;
  }
  return undefined;
}

/** The one dtype of the graph's tensors. */
function kernelDType(graph: Graph): KernelDType {
  const dtypes = [...new Set(graph.tensors.map(({ dtype }) => dtype))];
  const [dtype] = dtypes;
  if (dtypes.length === 1 && (dtype === 'f32' || dtype === 'f16')) return dtype;
  throw new MpsbenchError(
    'unsupported',
    `The webgpu backend runs graphs of f32 or of f16, not of ${dtypes.join(' and ')}.`,
    'Choose --dtype f32.',
  );
}
