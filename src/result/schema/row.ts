/** One workload on one device. */
import { z } from 'zod';
import { dtype, interval, scalar } from './fields.js';
import { errorSchema } from './machine.js';
import { measurementSchema, summarySchema } from './measurement.js';
import { coordinates } from './sweep.js';

export const placementSchema = z.object({
  op: z.string().describe('id of the op in the graph'),
  kind: z.string().describe('what it computes'),
  dtype: dtype.describe('element type'),
  requested: z.string().describe('device id'),
  placed: z.string().describe('device id'),
  evidence: z
    .enum(['observed-per-op', 'observed-per-run', 'reported', 'assumed'])
    .describe(
      "how the placement is known, the strongest first: the op's own device time (`--profile`); device time or utilization of the run as a whole; the library names its kernel; nothing but the request",
    ),
  kernel: z.string().describe('kernel or library call'),
  reason: z.string().optional().describe('of a fallback'),
  wallNs: z.number().optional().describe('with --profile: of the step, per iteration'),
  deviceNs: z.number().optional().describe('the same by the clock of the device'),
  step: z.number().describe('ops of one step run in one launch'),
});

export const checkSchema = z.object({
  name: z.string().describe('what was compared'),
  tensor: z.string().describe('id of the tensor'),
  compared: z.number().describe('how many values'),
  maxAbsError: z.number().nullable().describe('null if a value is not finite'),
  maxRelError: z.number().nullable().describe('of values that are not zero'),
  tolerance: z
    .object({ abs: z.number().describe('absolute'), rel: z.number().describe('relative') })
    .describe('|actual - expected| <= abs + rel |expected|'),
  ok: z.boolean().describe('whether every value is within the tolerance'),
  worst: z
    .object({
      index: z.number().describe('row-major'),
      expected: z.number().nullable().describe('by the float64 reference'),
      actual: z.number().nullable().describe('by the device'),
    })
    .optional()
    .describe('the value furthest outside the tolerance; NaN and infinity are written as null'),
});

export const verificationSchema = z.object({
  ok: z.boolean().describe('whether every check is'),
  seconds: z.number().describe('time that it took'),
  iterations: z
    .object({
      run: z.number().describe('iterations of the verified run'),
      checked: z.number().describe('how many of them the reference covers'),
    })
    .optional()
    .describe('a row claims no more than what was checked'),
  checks: z.array(checkSchema).describe('one comparison each'),
});

export const rowSchema = z.object({
  workload: z.string().describe('id of the workload'),
  params: z.record(z.string(), z.union([scalar, z.array(z.number())])).describe('its sizes'),
  preset: z.string().optional().describe('the preset that the sizes began with'),
  dtype: dtype.describe('element type'),
  tf32: z
    .boolean()
    .optional()
    .describe('products were computed with TF32 factors: not strict f32, and verified as such'),
  device: z.string().describe('device id'),
  engine: z.string().optional().describe('CPU: the requested engine; the kernels say what ran'),
  kernels: z
    .enum(['best', 'library'])
    .optional()
    .describe(
      "`best`: the device's fastest kernels, fused ones of mpsbench included; `library`: vendor libraries and unfused general kernels only",
    ),
  mode: z
    .enum(['latency', 'throughput'])
    .describe('whether the host waits after every iteration or after every group'),
  state: z
    .enum(['measured', 'wrong', 'failed', 'unsupported', 'interrupted', 'implausible'])
    .describe('only `measured` rows count; every other state has an error'),
  error: errorSchema.optional().describe('why the row does not count'),
  medianNs: z
    .number()
    .optional()
    .describe('median wall time per iteration in nanoseconds, as in `measurement.wall`'),
  deviceMedianNs: z.number().optional().describe('the same by the clock of the device'),
  pinnedCpus: z
    .string()
    .optional()
    .describe('CPUs to which the worker was pinned: those near the device that it may use'),
  work: z
    .object({
      flops: z.number().describe('per iteration'),
      bytes: z.number().describe('the minimum number of bytes an iteration moves'),
      items: z.number().describe('per iteration'),
      itemUnit: z.string().describe('what the items are'),
    })
    .describe('what one iteration has to do'),
  verification: verificationSchema.optional().describe('comparison with the float64 reference'),
  placement: z.array(placementSchema).describe('which device ran each op'),
  measurement: measurementSchema.optional().describe('the times'),
  rates: z
    .object({
      clock: z.enum(['wall', 'device']).describe('of which median'),
      itemsPerS: z.number().describe('work.items per second'),
      gflops: z.number().describe('work.flops, 10^9 per second'),
      gbPerS: z.number().describe('work.bytes, 10^9 per second'),
      rooflineShare: z.number().optional().describe('of min(peak FLOP/s, intensity x bandwidth)'),
      rooflineBound: z
        .enum(['bandwidth', 'arithmetic'])
        .optional()
        .describe('which of the two limits is nearer'),
    })
    .optional()
    .describe('from the median'),
  expected: z
    .object({
      state: z
        .enum(['normal', 'borderline', 'low', 'impossible'])
        .describe('`borderline` is between low and normal, or just above normal'),
      limit: z.enum(['bandwidth', 'arithmetic']).describe('what bounds the row'),
      share: z.number().describe("of the chip's specification, 0 to 1"),
      normal: z.array(z.number()).length(2).describe('the shares that are normal, from and to'),
      causes: z.array(z.string()).optional().describe('of a low share, the likeliest first'),
    })
    .optional()
    .describe(
      'whether the speed is normal for this chip (docs/expected.md); missing if its specification is uncertain, or if the row is bound by neither memory nor matrix products',
    ),
  speedup: z
    .object({
      over: z.string().describe('device id of the baseline'),
      value: z.number().describe('above 1 is faster'),
      interval: interval
        .optional()
        .describe(
          '95 % interval: lower and upper end; missing if a median has none, or a row was disturbed',
        ),
      clock: z.enum(['wall', 'device']).describe('of the two medians'),
    })
    .optional()
    .describe('median of the baseline / median of this row'),
  together: z
    .object({
      with: z.array(z.string()).describe('device ids that ran at the same time'),
      wall: summarySchema.describe('nanoseconds per iteration, by the clock of the host'),
      ratio: z.number().describe('median together / median alone: above 1 they share a limit'),
      interval: interval.optional().describe('95 % interval of the ratio'),
      otherKernels: z
        .boolean()
        .optional()
        .describe('the process chose other kernels than alone: the ratio also compares those'),
    })
    .optional()
    .describe('with --together: measured once more while the other devices ran, too'),
  output: z
    .array(
      z.object({ label: z.string().describe('what it is'), value: z.string().describe('as text') }),
    )
    .describe('what the example computed'),
  deviceBytes: z.number().optional().describe('device memory that the run held'),
  point: coordinates.optional().describe('of a sweep: the values of its axes at this row, by name'),
  programs: z
    .array(
      z.object({
        form: z
          .string()
          .describe(
            'how it is written: `keras`, `module` (torch.nn), `function` (tf.function, plain ops)',
          ),
        ok: z.boolean().describe('whether it computed what the example is known to compute'),
        wallNs: z
          .number()
          .describe('add, cnn: one call; linear: the whole training; in nanoseconds'),
        iterations: z.number().describe('calls or training steps in `wallNs`'),
        phases: z
          .array(
            z.object({
              name: z.string().describe('what was done'),
              ns: z.number().describe('nanoseconds'),
            }),
          )
          .describe('parts of the program, in their order'),
        output: z
          .array(
            z.object({
              label: z.string().describe('what it is'),
              value: z.string().describe('as text'),
            }),
          )
          .describe('what it computed'),
        notes: z.array(z.string()).describe('what had to be changed to run the program'),
      }),
    )
    .optional()
    .describe("for a framework's device with `--preset example`: the example as people write it"),
  startup: z
    .object({
      compileNs: z.number().describe('to build and compile the graph, in nanoseconds'),
      firstCallNs: z
        .number()
        .optional()
        .describe(
          'the first call of the graph, where the framework compiles in it, in nanoseconds',
        ),
      dispatchNs: z
        .number()
        .optional()
        .describe(
          'what starting the steps of one iteration costs by itself: their number times a one-element addition in the same mode, in nanoseconds',
        ),
    })
    .optional()
    .describe('what is done once before the first result; not part of any sample'),
  reproduce: z
    .string()
    .describe('the command that measures this row again, without where output goes'),
});
