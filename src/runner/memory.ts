import { MpsbenchError } from '../errors.js';
import { elementCount, graphBytes, tensorBytes } from '../graph/shapes.js';
import type { Graph, Op, Tensor } from '../graph/types.js';
import { type FreeMemory, freeMemory } from '../host/free-memory.js';
import type { DType } from '../result/dtypes.js';
import type { DeviceInfo } from '../result/schema.js';
import { formatBytes } from '../result/units.js';
import type { Params, Workload } from '../workloads/types.js';

/** Kept free for the system and for Node itself, but never more than half of what is free. */
const HOST_RESERVE_BYTES = 512 * 2 ** 20;

const reserveOf = ({ bytes }: FreeMemory): number => Math.min(HOST_RESERVE_BYTES, bytes / 2);

/** What decides whether a problem fits. */
export interface Room {
  readonly device: DeviceInfo;
  /** A fused kernel runs the whole graph: no limit of a vendor's library on its tensors holds. */
  readonly isFused?: () => boolean;
  readonly host?: FreeMemory;
}

/** Why a problem does not fit: `unsupported` where the device computes with no tensor so large. */
interface Overflow {
  readonly code: 'out_of_memory' | 'unsupported';
  /** The end of a sentence. */
  readonly text: string;
}

/**
 * Refuses a problem that cannot fit, before anything is allocated.
 * @throws MpsbenchError `out_of_memory`, `unsupported`: what it needs, what there is, and what could fit
 */
export function requireFit(workload: Workload, params: Params, dtype: DType, room: Room): void {
  const problem = overflow(workload, params, dtype, room);
  if (!problem) return;
  const fitting = largestFitting(workload, params, dtype, room);
  throw new MpsbenchError(
    problem.code,
    `${workload.id} with ${workload.describeSizes(params)} in ${dtype} ${problem.text}.`,
    fitting === undefined
      ? 'Use smaller sizes.'
      : `Use --${workload.scale.name} ${fitting} or less (the largest power of two that could fit).`,
  );
}

/** Whether a problem could fit, with the memory that is free now. */
export function fits(workload: Workload, params: Params, dtype: DType, room: Room): boolean {
  return overflow(workload, params, dtype, room) === undefined;
}

/** What does not fit; undefined where all does. */
function overflow(
  workload: Workload,
  params: Params,
  dtype: DType,
  { device, isFused = () => false, host = freeMemory() }: Room,
): Overflow | undefined {
  const tooLarge = (text: string): Overflow => ({ code: 'out_of_memory', text });
  const graph = workload.graph(params, dtype);
  const onDevice = graphBytes(graph);
  if (graph.tensors.some(({ shape }) => elementCount(shape) > Number.MAX_SAFE_INTEGER)) {
    return tooLarge('has a tensor with more elements than can be counted exactly');
  }
  const largest = Math.max(...graph.tensors.map(tensorBytes));
  if (device.maxBufferBytes !== undefined && largest > device.maxBufferBytes) {
    return tooLarge(
      `needs a buffer of ${formatBytes(largest)}, and ${device.id} allows ${formatBytes(device.maxBufferBytes)}`,
    );
  }
  const computed = Math.max(...computedTensors(graph).map(tensorBytes));
  if (device.maxTensorBytes !== undefined && computed > device.maxTensorBytes && !isFused()) {
    const limit = formatBytes(device.maxTensorBytes + 1);
    return {
      code: 'unsupported',
      text: `computes with a tensor of ${formatBytes(computed)}, and ${device.id} allows less than ${limit}`,
    };
  }
  if (device.memoryBytes !== undefined && onDevice > device.memoryBytes) {
    return tooLarge(
      `needs ${formatBytes(onDevice)}, and ${device.id} has ${formatBytes(device.memoryBytes)}`,
    );
  }
  const onHost = hostBytes(graph) + (device.kind === 'gpu' ? 0 : onDevice);
  const reserved = reserveOf(host);
  if (onHost > host.bytes - reserved) {
    return tooLarge(
      `needs ${formatBytes(onHost)} of host memory; ${formatBytes(host.bytes)} are free${boundText(host)}, of which ${formatBytes(reserved)} stay reserved for the system and Node`,
    );
  }
  return undefined;
}

/** Ops that backends compute in f32 and round once, whatever the dtype of the graph. */
const COMPUTED_IN_F32: readonly Op['kind'][] = ['mse_loss', 'mse_grad', 'reduce_sum', 'sgd_update'];

/** The tensors of the graph, and the f32 copies of those that need them. */
function computedTensors(graph: Graph): readonly Tensor[] {
  const inputs = graph.ops.flatMap(({ kind, inputs }) =>
    COMPUTED_IN_F32.includes(kind) ? inputs : [],
  );
  return graph.tensors.flatMap((tensor) =>
    inputs.includes(tensor.id) && tensor.dtype !== 'f64'
      ? [tensor, { ...tensor, dtype: 'f32' as const }]
      : [tensor],
  );
}

/** Values are made as f32; results are read in the host's type for them and compared with float64. */
function hostBytes(graph: Graph): number {
  return graph.tensors.reduce((sum, { id, role, dtype, shape }) => {
    const made = role === 'temp' ? 0 : Float32Array.BYTES_PER_ELEMENT;
    const isRead = role === 'state' || graph.outputs.includes(id);
    const result = dtype === 'f64' ? Float64Array : Float32Array;
    const read = isRead ? result.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT : 0;
    return sum + elementCount(shape) * (made + read);
  }, 0);
}

/** The largest value of the workload's scale parameter that fits, rounded down to a power of two. */
function largestFitting(
  workload: Workload,
  params: Params,
  dtype: DType,
  room: Room,
): number | undefined {
  const start = 2 ** Math.floor(Math.log2(workload.scale.get(params)));
  for (let value = start; value >= 1; value /= 2) {
    const smaller = workload.scale.set(params, value);
    if (!overflow(workload, smaller, dtype, room)) return value;
  }
  return undefined;
}

function boundText({ bound }: FreeMemory): string {
  if (bound === undefined) return '';
  const limit = formatBytes(bound.limitBytes);
  return bound.what === 'control-group'
    ? ` in the control group (limit ${limit})`
    : ` of the address space (ulimit -v, ${limit})`;
}
