import type { PlacementRow } from '../../result/schema.js';

/** `conv.relu: (Relu): /job:localhost/replica:0/task:0/device:CPU:0`, after `placer.cc:114]`. */
const PLACED =
  /placer\.cc:\d+\]\s+(?<name>[^\s:]+): \((?<type>\w+)\): \S*\/device:(?<device>\w+:\d+)\s*$/;

const CHAPTER = /@mpsbench@\s*(?<record>\{.*\})\s*$/;

/** What feeds, reads and names values, but computes none; sizes live on the host by design. */
const PLUMBING =
  /^(_?Arg|_?Retval|_DeviceArg|_DeviceRetval|_EagerConst|Const|Identity|IdentityN|NoOp|Placeholder|ReadVariableOp|VarHandleOp|AssignVariableOp|VarIsInitializedOp|(Stateful)?PartitionedCall|Shape|ShapeN|Size|Rank|Range|Pack|StridedSlice|Prod|Maximum|FloorDiv|FloorMod|BroadcastGradientArgs|DynamicStitch|ExpandDims|Squeeze|Cast|Fill|ConcatV2|_Send|_Recv|_HostSend|_HostRecv)$/;

/** TensorFlow's op types in the words of our graph, where it has one. */
const KIND_OF_TYPE: Readonly<Record<string, string>> = {
  Add: 'add',
  AddV2: 'add',
  Sub: 'sub',
  Mul: 'mul',
  MatMul: 'matmul',
  BiasAdd: 'bias_add',
  BiasAddGrad: 'reduce_sum',
  Relu: 'relu',
  Conv2D: 'conv2d',
  MaxPool: 'max_pool2d',
  Reshape: 'reshape',
  Softmax: 'softmax',
  SquaredDifference: 'squared_difference',
  Mean: 'mean',
  Tile: 'tile',
  RealDiv: 'div',
  AssignSubVariableOp: 'sgd_update',
};

/**
 * The placement that TensorFlow logged on stderr while it traced the examples: one row for each op
 * that computes, in the order of the log.
 * @param requested the device that TensorFlow takes where it can: `GPU:0` where it sees one
 */
export function parsePlacementLog(stderr: string, requested: string): PlacementRow[] {
  const rows = new Map<string, PlacementRow>();
  let example: string | undefined;
  for (const line of stderr.split('\n')) {
    const chapter = CHAPTER.exec(line)?.groups?.record;
    if (chapter !== undefined) {
      example = /"stage": "example (\w+)"/.exec(chapter)?.[1];
      continue;
    }
    const { name, type, device } = PLACED.exec(line)?.groups ?? {};
    if (!example || !name || !type || !device || PLUMBING.test(type)) continue;
    const op = `${example}/${name}`;
    // An op may be placed again when its function is called from another.
    rows.set(op, {
      ...row(op, KIND_OF_TYPE[type] ?? snakeCase(type), requested, device),
      kernel: `TensorFlow ${type}`,
      ...(device !== requested && {
        reason: `TensorFlow has no kernel of ${type} for ${requested}`,
      }),
      step: rows.get(op)?.step ?? rows.size,
    });
  }
  return [...rows.values()];
}

/** An op of a framework and the device of its result. */
export interface ReportedOp {
  readonly op: string;
  readonly kind: string;
  readonly kernel: string;
  readonly device: string;
}

/** The placement of ops whose results named their device. */
export function placementOf(ops: readonly ReportedOp[], requested: string): PlacementRow[] {
  return ops.map(({ op, kind, kernel, device }, step) => ({
    ...row(op, kind, requested, device),
    kernel,
    ...(device !== requested && { reason: `it was computed on ${device}` }),
    step,
  }));
}

function row(op: string, kind: string, requested: string, placed: string) {
  return { op, kind, dtype: 'f32', requested, placed, evidence: 'reported' } as const;
}

/** The ops that ran elsewhere than requested, each kind once. */
export function fallbacksOf(rows: readonly PlacementRow[]): string[] {
  const elsewhere = rows.filter(({ requested, placed }) => placed !== requested);
  return [...new Set(elsewhere.map(({ kind }) => kind))];
}

/** `ResizeBilinear` -> `resize_bilinear`. */
function snakeCase(type: string): string {
  return type.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
