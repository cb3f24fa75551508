/**
 * The result schema, version 1: the one machine-readable form of every command's outcome. Fields are
 * added, never changed or removed. docs/results.md is generated from it.
 */
import { z } from 'zod';
import { DTYPES } from '../graph/types.js';
import { SCHEMA_VERSION } from './version.js';

const dtype = z.enum(DTYPES);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const interval = z.tuple([z.number(), z.number()]).describe('lower and upper end');

export const errorSchema = z.object({
  code: z.string().describe('stable error code'),
  message: z.string().describe('what happened'),
  advice: z.string().describe('what to do; may be empty'),
});

export const warningSchema = z.object({
  name: z.string().describe('stable name of the warning'),
  message: z.string(),
  advice: z.string(),
});

export const deviceSchema = z.object({
  id: z.string().describe('backend:index'),
  backend: z.string(),
  name: z.string(),
  kind: z.enum(['gpu', 'integrated', 'software', 'cpu']),
  vendor: z.string().optional(),
  driver: z.string().optional(),
  api: z.string().optional(),
  memoryBytes: z.number().optional(),
  maxBufferBytes: z.number().optional(),
  dtypes: z.array(dtype),
  engine: z.string().optional(),
  engines: z.array(z.string()).optional(),
  threads: z.number().optional(),
  deviceClock: z.object({ source: z.string(), resolutionNs: z.number().optional() }).optional(),
  peak: z
    .object({
      gbPerS: z.number().optional().describe('memory bandwidth, 10^9 bytes per second'),
      gflops: z.partialRecord(dtype, z.number()).optional().describe('by dtype, 10^9 FLOP/s'),
      source: z.string(),
    })
    .optional()
    .describe('physical limits of the hardware'),
  details: z.record(z.string(), scalar),
});

export const backendSchema = z.object({
  id: z.string(),
  state: z.enum(['available', 'unavailable']),
  version: z.string().optional(),
  reason: z.string().optional().describe('why it is unavailable'),
  remedy: z.string().optional().describe('what to do'),
});

export const hostSchema = z.object({
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  cpu: z.string().describe('CPU model'),
  logicalCpus: z.number(),
  memoryBytes: z.number(),
  node: z.string(),
  virtualMachine: z.string().optional().describe('hypervisor, where one is seen'),
  container: z.string().optional().describe('kind of container, where one is seen'),
  cpuQuota: z.number().optional().describe('CPUs that the control group may use'),
  rosetta: z.boolean().optional().describe('Intel code, translated on Apple silicon'),
});

export const conditionsSchema = z.object({
  at: z.string().describe('ISO 8601'),
  load1: z.number().optional().describe('load average over one minute'),
  freeMemoryBytes: z.number().optional(),
  powerSource: z.enum(['mains', 'battery', 'unknown']),
  powerMode: z.string().optional().describe('governor, profile or low-power mode'),
  powerSaving: z
    .enum(['governor', 'mode'])
    .optional()
    .describe('what holds the clocks down: the CPU governor, or a mode of the whole system'),
  thermal: z.string().optional().describe('thermal state, as the system names it'),
  throttleEvents: z.number().optional().describe('thermal slow-downs of the CPU since boot'),
  speedLimit: z.number().optional().describe('share of full CPU speed the system allows'),
  cpuMhz: z.number().optional().describe('current clock, mean over the CPUs'),
});

const summarySchema = z
  .object({
    samples: z.number(),
    median: z.number(),
    interval: interval.describe('95 % interval of the median'),
    min: z.number(),
    max: z.number(),
    mean: z.number(),
    p90: z.number(),
    noise: z.number().describe('IQR / median'),
    outliers: z.array(z.number()).describe('indices of samples outside the fences; still counted'),
  })
  .describe('nanoseconds per iteration');

const sampleSchema = z.object({
  iterations: z.number(),
  wallNs: z.number(),
  deviceNs: z.number().optional(),
});

export const measurementSchema = z.object({
  iterationsPerSample: z.number(),
  warmup: z.array(sampleSchema).describe('kept, not counted'),
  samples: z.array(sampleSchema).describe('every raw sample; times are totals over the group'),
  blocks: z.array(z.number()).describe('lengths of the blocks of consecutive samples'),
  wall: summarySchema,
  device: summarySchema.optional(),
  stoppedBy: z.enum(['precision', 'noise', 'time', 'samples', 'failure', 'interrupt']),
  warnings: z.array(warningSchema),
});

export const placementSchema = z.object({
  op: z.string(),
  kind: z.string(),
  dtype,
  requested: z.string().describe('device id'),
  placed: z.string().describe('device id'),
  evidence: z
    .enum(['observed', 'reported', 'requested'])
    .describe(
      'observed: the device clock saw it run; reported: the backend named the kernel; requested: neither',
    ),
  kernel: z.string().describe('kernel or library call'),
  reason: z.string().optional().describe('of a fallback'),
  wallNs: z.number().optional().describe('with --profile: of the step, per iteration'),
  deviceNs: z.number().optional(),
  step: z.number().describe('ops of one step run in one launch'),
});

export const checkSchema = z.object({
  name: z.string().describe('what was compared'),
  tensor: z.string(),
  compared: z.number().describe('how many values'),
  maxAbsError: z.number().nullable().describe('null where a value is not finite'),
  maxRelError: z.number().nullable(),
  tolerance: z.object({ abs: z.number(), rel: z.number() }),
  ok: z.boolean(),
  worst: z
    .object({ index: z.number(), expected: z.number().nullable(), actual: z.number().nullable() })
    .optional()
    .describe('the value furthest outside the tolerance; NaN and infinity are written as null'),
});

export const verificationSchema = z.object({
  ok: z.boolean(),
  seconds: z.number(),
  checks: z.array(checkSchema),
});

export const rowSchema = z.object({
  workload: z.string(),
  params: z.record(z.string(), z.union([scalar, z.array(z.number())])),
  preset: z.string().optional(),
  dtype,
  device: z.string(),
  engine: z.string().optional(),
  mode: z.enum(['latency', 'throughput']),
  state: z
    .enum(['measured', 'wrong', 'failed', 'unsupported', 'interrupted', 'implausible'])
    .describe('only `measured` rows count; every other state has an error'),
  error: errorSchema.optional(),
  work: z.object({
    flops: z.number().describe('per iteration'),
    bytes: z.number().describe('the fewest bytes an iteration must move'),
    items: z.number().describe('per iteration'),
    itemUnit: z.string(),
  }),
  verification: verificationSchema.optional(),
  placement: z.array(placementSchema),
  measurement: measurementSchema.optional(),
  rates: z
    .object({
      clock: z.enum(['wall', 'device']),
      itemsPerS: z.number(),
      gflops: z.number(),
      gbPerS: z.number(),
      rooflineShare: z.number().optional().describe('of min(peak FLOP/s, intensity x bandwidth)'),
      rooflineBound: z.enum(['bandwidth', 'arithmetic']).optional(),
    })
    .optional(),
  speedup: z
    .object({ over: z.string(), value: z.number(), interval, clock: z.enum(['wall', 'device']) })
    .optional(),
  output: z
    .array(z.object({ label: z.string(), value: z.string() }))
    .describe('what the example computed'),
  deviceBytes: z.number().optional(),
  reproduce: z.string().describe('the command of this row'),
});

const resultBase = {
  schema: z.literal(SCHEMA_VERSION),
  tool: z.object({ name: z.literal('mpsbench'), version: z.string() }),
  reproduce: z.string().describe('the command that makes this result'),
  startedAt: z.string().describe('ISO 8601'),
  seconds: z.number(),
  exitCode: z.number(),
  host: hostSchema,
  backends: z.array(backendSchema),
  devices: z.array(deviceSchema),
  warnings: z.array(warningSchema),
};

export const devicesResultSchema = z.object({ ...resultBase, command: z.literal('devices') });

export const benchResultSchema = z.object({
  ...resultBase,
  command: z.literal('bench'),
  conditions: z.object({ before: conditionsSchema, after: conditionsSchema }),
  rows: z.array(rowSchema),
});

export const resultSchema = z.discriminatedUnion('command', [
  devicesResultSchema,
  benchResultSchema,
]);

export type Result = z.infer<typeof resultSchema>;
export type DevicesResult = z.infer<typeof devicesResultSchema>;
export type BenchResult = z.infer<typeof benchResultSchema>;
export type Row = z.infer<typeof rowSchema>;
export type PlacementRow = z.infer<typeof placementSchema>;
export type Verification = z.infer<typeof verificationSchema>;
export type CheckResult = z.infer<typeof checkSchema>;
export type Host = z.infer<typeof hostSchema>;
export type Conditions = z.infer<typeof conditionsSchema>;
export type Warning = z.infer<typeof warningSchema>;
export type BackendRecord = z.infer<typeof backendSchema>;
