/**
 * What a driver answers. It runs in the user's interpreter, where anything may be installed: nothing
 * that it says is used before it has been checked.
 */
import { z } from 'zod';
import { DTYPES } from '../result/dtypes.js';

const text = z.string().max(4096);
const nanoseconds = z.number().nonnegative();

/** A device as a driver lists it; `kind` as the framework names it. */
export const describedDevice = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9]*$/),
  index: z.number().int().nonnegative().default(0),
  name: text,
  isGpu: z.boolean(),
  memoryBytes: z.number().positive().nullish(),
  dtypes: z.array(z.enum(DTYPES)),
  /** Whether `open` with tf32 lets f32 products be rounded to TF32 on it. */
  tf32: z.boolean().nullish(),
  modes: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).min(1),
  deviceClock: z.boolean().nullish(),
  integrated: z.boolean().nullish(),
  threads: z.number().int().positive().nullish(),
  details: z.record(z.string(), z.union([text, z.number(), z.boolean()])).nullish(),
});
export type DescribedDevice = z.infer<typeof describedDevice>;

export const describeReply = z.object({
  framework: text,
  version: text,
  python: text,
  importNs: nanoseconds,
  builtFor: text.nullish(),
  devices: z.array(describedDevice).max(1024),
  /** Where no device is a GPU. */
  whyNoGpu: text.nullish(),
});
export type DescribeReply = z.infer<typeof describeReply>;

export const buildReply = z.object({
  buildNs: nanoseconds,
  firstCallNs: nanoseconds.nullish(),
  /** Of an iteration: its calls, as if they computed next to nothing; in the usual mode only. */
  dispatchNs: nanoseconds.nullish(),
  steps: z.array(z.object({ ops: z.array(z.string()).min(1), kernel: text })).min(1),
  deviceBytes: z.number().nonnegative().nullish(),
});
export type BuildReply = z.infer<typeof buildReply>;

export const runReply = z.object({
  wallNs: z.number(),
  deviceNs: z.number().nullish(),
});

export const traceReply = z.object({
  ops: z.array(
    z.object({
      op: z.string(),
      placed: text,
      kernel: text,
      evidence: z.enum(['observed_per_op', 'observed_per_run', 'reported', 'assumed']),
      reason: text.nullish(),
    }),
  ),
  warnings: z.array(text).default([]),
});
export type TraceReply = z.infer<typeof traceReply>;

/** The drivers' levels of evidence in the words of results. */
export const EVIDENCE = {
  observed_per_op: 'observed-per-op',
  observed_per_run: 'observed-per-run',
  reported: 'reported',
  assumed: 'assumed',
} as const;

export const profileReply = z.array(
  z.object({
    ops: z.array(z.string()),
    kernel: text,
    wallNs: nanoseconds,
    deviceNs: nanoseconds.nullish(),
  }),
);

/** A number, or a nested list of them; null where one is not finite. */
export type Numbers = number | null | readonly Numbers[];
const numbers: z.ZodType<Numbers> = z.lazy(() =>
  z.union([z.number(), z.null(), z.array(numbers).max(4096)]),
);

export const programReply = z.object({
  outputs: z.record(z.string(), numbers),
  wallNs: nanoseconds,
  firstCallNs: nanoseconds.nullish(),
  phases: z.array(z.object({ name: text, ns: nanoseconds })).max(64),
  notes: z.array(text).max(16).default([]),
});
export type ProgramReply = z.infer<typeof programReply>;

export const nothing = z.unknown();

/** A request that failed; the driver goes on. */
export const failure = z.object({
  code: z.enum([
    'unsupported',
    'out_of_memory',
    'unavailable',
    'import_failed',
    'wrong_request',
    'failed',
  ]),
  message: z.string(),
  type: z.string().nullish(),
  traceback: z.string().nullish(),
});
export type Failure = z.infer<typeof failure>;

export const envelope = z.union([
  z.object({ id: z.number(), ok: z.unknown(), error: z.undefined().optional() }),
  z.object({ id: z.number(), error: failure }),
]);
