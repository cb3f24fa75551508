/**
 * The result schema, version 2: the one machine-readable form of every command's outcome. Fields are
 * added, never changed or removed. docs/results.md is generated from it.
 */
import { z } from 'zod';
import { DTYPES, NUMBER_FORMATS } from './dtypes.js';
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
  message: z.string().describe('what was seen'),
  advice: z.string().describe('what to do'),
});

export const deviceSchema = z.object({
  id: z.string().describe('backend:index'),
  backend: z.string().describe('backend that reaches it'),
  name: z.string().describe('as its driver names it'),
  kind: z
    .enum(['gpu', 'integrated', 'software', 'cpu'])
    .describe(
      '`integrated` shares the memory of the host; `software` is a GPU interface on the CPU',
    ),
  vendor: z.string().optional().describe('maker of the hardware'),
  driver: z.string().optional().describe('driver and version'),
  api: z.string().optional().describe('interface that reaches it'),
  memoryBytes: z.number().optional().describe('memory of the device'),
  maxBufferBytes: z.number().optional().describe('largest single allocation'),
  maxTensorBytes: z.number().optional().describe('largest tensor it computes with'),
  dtypes: z.array(dtype).describe('element types it computes with'),
  engine: z.string().optional().describe('CPU: library that computes, with its version'),
  engines: z.array(z.string()).optional().describe('CPU: every engine that can be chosen'),
  threads: z.number().optional().describe('CPU: threads in use'),
  gpuCores: z.number().optional().describe('Apple GPUs: cores of the GPU'),
  gpuFamily: z.string().optional().describe('Metal: GPU families, as in `Apple9, Mac2, Metal3`'),
  tf32: z.boolean().optional().describe('opened with TF32 products (--tf32)'),
  framework: z
    .object({
      name: z.string().describe('`tensorflow`, `pytorch`, `jax`, `mlx` or `onnxruntime`'),
      version: z.string().describe('as the framework itself reports it'),
      mode: z.string().describe('how it runs the graph: `eager`, `compile`, `jit`, ...'),
      python: z.string().describe('interpreter that was started'),
      pythonVersion: z.string().optional().describe('of the interpreter'),
      importSeconds: z.number().optional().describe('time to import the framework'),
    })
    .optional()
    .describe("for a framework's device: what was started"),
  deviceClock: z
    .object({
      source: z.string().describe('what its times come from'),
      resolutionNs: z
        .number()
        .optional()
        .describe('its step, where it is known or was found from readings'),
    })
    .optional()
    .describe("the device's own clock"),
  peak: z
    .object({
      gbPerS: z.number().optional().describe('memory bandwidth, 10^9 bytes per second'),
      gflops: z
        .partialRecord(z.enum(NUMBER_FORMATS), z.number())
        .optional()
        .describe('by dtype, and of f32 products with TF32 factors, 10^9 FLOP/s'),
      source: z.string().describe('where the numbers come from'),
    })
    .optional()
    .describe('physical limits of the hardware'),
  details: z.record(z.string(), scalar).describe('further facts, by name'),
});

export const backendSchema = z.object({
  id: z.string().describe('name of the backend'),
  state: z.enum(['available', 'unavailable']).describe('whether it can start'),
  version: z.string().optional().describe('of what it is built on'),
  reason: z.string().optional().describe('why it is unavailable'),
  remedy: z.string().optional().describe('what to do'),
});

export const hostSchema = z.object({
  name: z.string().optional().describe('name of the host on its network'),
  os: z.string().describe('operating system'),
  osBuild: z.string().optional().describe('build of the operating system, on macOS'),
  kernel: z.string().describe('version of its kernel'),
  arch: z.string().describe('architecture of the process'),
  model: z.string().optional().describe('model of the machine, on macOS (`Mac15,9`)'),
  cpu: z.string().describe('CPU model'),
  logicalCpus: z.number().describe('hardware threads'),
  cores: z
    .array(
      z.object({
        kind: z.string().describe('as the system names it'),
        count: z.number().describe('cores of this kind'),
      }),
    )
    .optional()
    .describe('kinds of cores, the fastest first, if the system distinguishes them'),
  memoryBytes: z.number().describe('memory of the host'),
  node: z.string().describe('version of Node.js'),
  virtualMachine: z.string().optional().describe('hypervisor, where one is seen'),
  container: z.string().optional().describe('kind of container, where one is seen'),
  cpuQuota: z.number().optional().describe('CPUs that the control group may use'),
  rosetta: z.boolean().optional().describe('Intel code, translated on Apple silicon'),
});

export const conditionsSchema = z.object({
  at: z.string().describe('ISO 8601'),
  load1: z.number().optional().describe('load average over one minute'),
  freeMemoryBytes: z.number().optional().describe('memory that is free'),
  powerSource: z.enum(['mains', 'battery', 'unknown']).describe('power source of the machine'),
  powerMode: z.string().optional().describe('governor, profile or low-power mode'),
  powerSaving: z
    .enum(['governor', 'mode'])
    .optional()
    .describe('what limits the clocks: the CPU governor, or a mode of the whole system'),
  thermal: z.string().optional().describe('thermal state, as the system names it'),
  thermalPressure: z
    .enum(['nominal', 'moderate', 'heavy', 'trapping', 'sleeping'])
    .optional()
    .describe('thermal pressure level of macOS; `nominal` also if it reports none'),
  throttleEvents: z.number().optional().describe('CPU thermal throttling events since boot'),
  speedLimit: z.number().optional().describe('share of full CPU speed the system allows'),
  cpuMhz: z.number().optional().describe('current clock, mean over the CPUs'),
});

const stoppedBy = z.enum(['precision', 'noise', 'time', 'samples', 'failure', 'interrupt']);

const summarySchema = z
  .object({
    samples: z.number().describe('how many'),
    median: z.number().describe('median'),
    interval: interval
      .optional()
      .describe(
        '95 % interval of the median: of repeated runs, or with a single run of that run only; missing below 6 samples per run',
      ),
    min: z.number().describe('smallest sample'),
    max: z.number().describe('largest sample'),
    mean: z.number().describe('arithmetic mean'),
    p90: z.number().describe('90 % quantile'),
    noise: z.number().describe('IQR / median'),
    outliers: z.array(z.number()).describe('indices of samples outside the fences; still counted'),
  })
  .describe('nanoseconds per iteration');

const activitySchema = z.object({
  spanNs: z
    .number()
    .optional()
    .describe('between the two readings of the counters, a little longer than the sample'),
  cpuNs: z.number().describe('CPU time of the worker process and those it started, all threads'),
  waitedNs: z
    .number()
    .optional()
    .describe('longest time that one of their threads was ready to run and had no CPU'),
  idleNs: z
    .number()
    .optional()
    .describe('CPU devices: time in which none of their threads ran or was ready to'),
  preemptions: z.number().optional().describe('involuntary context switches of the worker'),
  otherNs: z
    .number()
    .optional()
    .describe('CPU time of other programs on the machine, counted in ticks of 10 ms'),
  stolenNs: z.number().optional().describe('CPU time that the hypervisor gave to others'),
  throttledNs: z
    .number()
    .optional()
    .describe('time that the control group was paused because its CPU quota was used up'),
  suspendedNs: z
    .number()
    .optional()
    .describe(
      'earlier attempts at this sample, dropped because the process was stopped or the machine asleep',
    ),
});

const timedSchema = z.object({
  iterations: z.number().describe('iterations of the group'),
  wallNs: z.number().describe('of the whole group, by the clock of the host'),
  deviceNs: z.number().optional().describe('of the whole group, by the clock of the device'),
  activity: activitySchema
    .optional()
    .describe("what happened on the CPUs meanwhile, by the kernel's counters; zeros are left out"),
  disturbed: z
    .array(z.enum(['off-cpu', 'stolen', 'throttled', 'suspended']))
    .optional()
    .describe(
      'why it is not the time of a quiet machine: threads waited for a CPU, the hypervisor ran others, the CPU quota was used up; `suspended` was taken again',
    ),
  invalid: z
    .array(z.string())
    .optional()
    .describe('readings of the backend that cannot be and were left out, with the reason'),
});

const sampleSchema = timedSchema.extend({
  throttling: z
    .array(z.string())
    .optional()
    .describe('why the device was throttled when its block ended'),
});

const sensorsSchema = z.object({
  utilisation: z.number().optional().describe('share of the last period with work, 0 to 1'),
  clockMHz: z.number().optional().describe('clock of the processor'),
  memoryClockMHz: z.number().optional().describe('clock of the memory'),
  temperatureC: z.number().optional().describe('of the chip'),
  powerW: z.number().optional().describe('drawn by the device'),
  energyJ: z.number().optional().describe('a counter; only differences mean something'),
  energyPeriodS: z
    .number()
    .optional()
    .describe('how far apart updates of the counter may lie, if more than 0.1 s'),
  memoryFreeBytes: z.number().optional().describe('memory of the device that is free'),
  otherProcesses: z
    .number()
    .optional()
    .describe("processes on the device besides mpsbench's own, only those that are certain"),
  throttling: z.array(z.string()).optional().describe('why the clocks are throttled'),
  invalid: z
    .array(z.string())
    .optional()
    .describe('sensors whose readings cannot be (text, NaN, negative power) and were left out'),
});

const readingSchema = z.object({
  atNs: z.number().describe('since the first reading'),
  iterations: z.number().describe('run by then, warm-up included'),
  ...sensorsSchema.shape,
});

const telemetrySchema = z.object({
  before: readingSchema.describe('before calibration and warm-up'),
  blocks: z
    .array(readingSchema)
    .describe('right after each block of samples; none once a sensor has failed'),
  after: readingSchema.describe(
    'after the last block of all devices, or the last before a sensor failed',
  ),
  energy: z
    .object({
      joulesPerIteration: z.number().describe('of the whole device, by its energy counter'),
      iterations: z.number().describe('of the span'),
      spanNs: z.number().describe('the longest stretch of runs without a pause; at least 1 s'),
    })
    .optional()
    .describe('missing where no stretch was long enough for the counter'),
});

export const measurementSchema = z.object({
  iterationsPerSample: z.number().describe('iterations of a sample'),
  warmup: z.array(timedSchema).describe('kept, not counted'),
  samples: z.array(sampleSchema).describe('every raw sample; times are totals over the group'),
  blocks: z.array(z.number()).describe('lengths of the blocks of consecutive samples'),
  runs: z
    .array(
      z.object({
        samples: z.number().describe('number of consecutive samples that belong to this run'),
        medianNs: z.number().describe('median wall time, nanoseconds per iteration'),
        deviceMedianNs: z.number().optional().describe('the same by the clock of the device'),
        stoppedBy: stoppedBy.describe('what ended this run'),
      }),
    )
    .describe('one entry per fresh worker process, in the order in which they ran'),
  wall: summarySchema.describe('by the clock of the host, nanoseconds per iteration'),
  device: summarySchema
    .optional()
    .describe('by the clock of the device, nanoseconds per iteration'),
  telemetry: telemetrySchema.optional().describe("what the device's sensors said"),
  disturbance: z
    .object({
      samples: z.number().describe('how many are labelled as disturbed'),
      offCpu: z
        .number()
        .describe('share of the sampled time in which a thread waited for a CPU, 0 to 1'),
      ownCpus: z.number().describe('CPUs that the worker kept busy, on average'),
      otherCpus: z.number().optional().describe('CPUs that other programs kept busy, on average'),
      stolen: z.number().describe('share of the sampled time that the hypervisor took'),
      throttled: z.number().describe('share of the sampled time paused by the CPU quota'),
      suspendedNs: z.number().describe('time stopped or asleep; not part of any sample'),
      unreliable: z
        .boolean()
        .describe('disturbed so much that the times do not hold for a quiet machine'),
    })
    .optional()
    .describe('what disturbed the samples, all together; missing where no counter can be read'),
  invalidReadings: z
    .array(
      z.object({
        reading: z.string().describe('what was read, and what is wrong with it'),
        samples: z.number().describe('how many have it'),
      }),
    )
    .optional()
    .describe(
      'readings of the device that cannot be: its times were left out, and rates use wall time. A finding: the command exits with 1',
    ),
  stoppedBy: stoppedBy.describe('what ended the sampling; of several runs, the worst reason'),
  warnings: z.array(warningSchema).describe('doubts about the numbers'),
});

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
  maxAbsError: z.number().nullable().describe('null where a value is not finite'),
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

const coordinates = z.record(z.string(), z.union([z.string(), z.number()]));

const crossoverSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('between').describe('slower or not distinguishable at `below`'),
    below: z.number().describe('the largest size at which the device does not beat the baseline'),
    from: z.number().describe('the smallest size from which on it beats it at every size measured'),
  }),
  z.object({
    state: z.literal('always').describe('faster at every size measured'),
    from: z.number().describe('the smallest size measured'),
  }),
  z.object({
    state: z.literal('never').describe('not faster at the largest size measured'),
    upTo: z.number().describe('the largest size measured'),
  }),
  z.object({
    state: z
      .literal('unknown')
      .describe('the largest size was disturbed or has too few samples for an interval'),
    upTo: z.number().describe('the largest size measured'),
  }),
]);

export const sweepSchema = z.object({
  workload: z.string().describe('id of the workload'),
  axes: z
    .array(
      z.object({
        name: z.string().describe('as its flag names it, without dashes'),
        values: z
          .array(z.union([z.string(), z.number()]))
          .describe('those of the grid and those between which a crossover was searched'),
      }),
    )
    .describe('what was varied; the rows hold every combination that was measured'),
  over: z.string().optional().describe('the axis that the curves are drawn over'),
  baseline: z.string().optional().describe('device id that speedups refer to'),
  budgetS: z.number().optional().describe('time limit of the command (--budget)'),
  curves: z
    .array(
      z.object({
        device: z.string().describe('device id'),
        at: coordinates.describe('the values of the other axes'),
        overhead: z
          .object({
            ns: z.number().describe('what an iteration takes however little it has to do'),
            interval: interval.describe('95 %'),
          })
          .optional()
          .describe('the floor of the time curve; missing where the sizes do not show one'),
        crossover: crossoverSchema
          .optional()
          .describe('from which size on the device beats the baseline with the whole interval'),
      }),
    )
    .describe('one per device and combination of the other axes'),
  skipped: z
    .array(
      z.object({
        at: coordinates.describe('the point'),
        device: z.string().optional().describe('device id; missing where it holds for all'),
        code: z
          .enum(['memory', 'time', 'budget', 'interrupted'])
          .describe(
            '`time`: an iteration would take too long; `budget`: --budget left no time for it',
          ),
        reason: z.string().describe('in words'),
      }),
    )
    .describe('points of the sweep that were not measured'),
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
  engine: z
    .string()
    .optional()
    .describe('CPU: the engine that was asked for; the kernels say what ran'),
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
    .describe('median wall time of an iteration in nanoseconds, as in `measurement.wall`'),
  deviceMedianNs: z.number().optional().describe('the same by the clock of the device'),
  work: z
    .object({
      flops: z.number().describe('per iteration'),
      bytes: z.number().describe('the fewest bytes an iteration must move'),
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
      'whether the speed is normal for this chip (docs/expected.md); missing where its specification is not known for certain, or where the row is bound by neither memory nor matrix products',
    ),
  speedup: z
    .object({
      over: z.string().describe('device id of the baseline'),
      value: z.number().describe('above 1 is faster'),
      interval: interval
        .optional()
        .describe(
          '95 % interval: lower and upper end; missing where a median has none, or a row was disturbed',
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
        notes: z.array(z.string()).describe('where the program had to be changed to run'),
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
    })
    .optional()
    .describe('what is done once before the first result; not part of any sample'),
  reproduce: z
    .string()
    .describe('the command that measures this row again, without where output goes'),
});

const resultBase = {
  schema: z.literal(SCHEMA_VERSION).describe('version of this schema'),
  tool: z
    .object({
      name: z.literal('mpsbench').describe('always mpsbench'),
      version: z.string().describe('of mpsbench'),
    })
    .describe('what wrote it'),
  reproduce: z.string().describe('the command that makes this result'),
  environment: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'environment variables that can change results or speed, as they were set (OMP_*, CUDA_*, VK_*, PYTORCH_* and others)',
    ),
  startedAt: z.string().describe('ISO 8601'),
  seconds: z.number().describe('time that the command took'),
  exitCode: z.number().describe('what it exited with'),
  host: hostSchema.describe('the machine'),
  backends: z.array(backendSchema).describe('every backend of this build'),
  devices: z.array(deviceSchema).describe('every device that was opened'),
  warnings: z.array(warningSchema).describe('doubts about the whole result'),
};

export const devicesResultSchema = z.object({
  ...resultBase,
  command: z.literal('devices').describe('which command'),
});

const comparedTimeSchema = z.object({
  timeNs: z
    .number()
    .describe(
      'wall time of one iteration, nanoseconds: the geometric mean of the medians of the runs; of a single run its median',
    ),
  runs: z.number().describe('fresh processes, over all files of this side'),
  samples: z.number().describe('over all runs'),
});

const differenceSchema = z.object({
  fact: z.string().describe('what differs: `driver`, `batch`, `power mode`'),
  base: z.string().describe('in BASE'),
  new: z.string().describe('in NEW'),
});

export const comparedRowSchema = z.object({
  workload: z.string().describe('id of the workload'),
  params: z
    .record(z.string(), z.union([scalar, z.array(z.number())]))
    .describe('its sizes, those of NEW where they differ'),
  dtype: dtype.describe('element type'),
  tf32: z.boolean().optional().describe('TF32 products'),
  device: z.string().describe('device id'),
  engine: z.string().optional().describe('CPU: the engine that was asked for'),
  kernels: z.enum(['best', 'library']).optional().describe('level of kernels of NEW'),
  mode: z.enum(['latency', 'throughput']).describe('as in a result of `bench`'),
  point: coordinates.optional().describe('of a sweep: as in a result of `bench`'),
  verdict: z
    .enum(['faster', 'same', 'slower', 'unclear', 'wrong', 'failed', 'not-comparable'])
    .describe(
      '`slower` and `faster`: the interval of the ratio excludes 1, and the change exceeds the tolerance; `same`: the interval lies within the tolerance; `unclear`: neither; `wrong`: correct in BASE, wrong or implausible in NEW; `failed`: measured in BASE, not in NEW',
    ),
  why: z.string().describe('the reason in a sentence'),
  tolerance: z.number().describe('share of the time: 0.05 is 5 %'),
  toleranceFrom: z
    .enum(['flag', 'default', 'virtual-machine', 'disturbed', 'single-run'])
    .describe('where the tolerance comes from'),
  base: comparedTimeSchema.optional().describe('time in BASE'),
  new: comparedTimeSchema.optional().describe('time in NEW'),
  timeRatio: z
    .object({
      value: z.number().describe('above 1 is slower'),
      interval: interval
        .optional()
        .describe('lower and upper end; missing where there are too few samples'),
      confidence: z
        .number()
        .optional()
        .describe('of the interval: 0.99 from several runs, 0.95 where a side has a single one'),
    })
    .optional()
    .describe('time of NEW / time of BASE'),
  differences: z
    .array(differenceSchema)
    .describe(
      'of a row that is not comparable: what forbids it; of every other row: likely causes of a change',
    ),
  confirmed: z
    .boolean()
    .optional()
    .describe('measured again in fresh processes before the verdict (--confirm)'),
  reproduce: z.string().optional().describe('the command that measures the row of NEW again'),
});

const comparedSideSchema = z.object({
  files: z
    .array(
      z.object({
        name: z.string().describe('as on the command line'),
        startedAt: z.string().describe('ISO 8601'),
        version: z.string().describe('of mpsbench'),
      }),
    )
    .describe('the results that were pooled'),
});

const thresholdSchema = z.object({
  flag: z
    .enum(['--min-speedup', '--max-time', '--require-device'])
    .describe('the flag that asks for it'),
  rule: z.string().describe('its value: `cnn=2`'),
  workload: z.string().optional().describe('id of the workload'),
  device: z.string().optional().describe('device id'),
  state: z
    .enum(['met', 'missed', 'unchecked'])
    .describe('`unchecked`: there is no row, or no speedup, to hold against it'),
  message: z.string().describe('in a sentence'),
});

export const benchResultSchema = z.object({
  ...resultBase,
  command: z.literal('bench').describe('which command'),
  conditions: z
    .object({
      before: conditionsSchema.describe('when the command began'),
      after: conditionsSchema.describe('when it ended'),
    })
    .describe('conditions that can distort the times'),
  error: errorSchema.optional().describe('why nothing could be measured; there are no rows then'),
  rows: z.array(rowSchema).describe('one workload on one device each'),
  comparison: z
    .object({
      base: comparedSideSchema.describe('the results to compare with'),
      rows: z.array(comparedRowSchema).describe('one verdict each'),
      warnings: z.array(warningSchema).describe('input that was left out, and other doubts'),
      again: z
        .array(rowSchema)
        .optional()
        .describe('rows that were measured again (--confirm); their runs count for the verdict'),
    })
    .optional()
    .describe('verdicts against `--baseline`'),
  thresholds: z
    .array(thresholdSchema)
    .optional()
    .describe('what was required: `--min-speedup`, `--max-time`, `--require-device`'),
  sweeps: z
    .array(sweepSchema)
    .optional()
    .describe('what was varied, and what came of it; missing where nothing was'),
});

export const fixSchema = z.object({
  text: z.string().describe('what it does, in words'),
  command: z.string().optional().describe('a command to copy'),
});

export const findingSchema = z.object({
  check: z.string().describe('stable id of the check'),
  group: z
    .enum(['system', 'devices', 'compute', 'frameworks', 'probe'])
    .describe('what it is about'),
  state: z
    .enum(['pass', 'warning', 'fail', 'unchecked', 'not-applicable'])
    .describe(
      '`unchecked`: not checked, because the evidence is not visible; `not-applicable`: nothing here that the check is about',
    ),
  subject: z.string().optional().describe('device id, environment or package that it is about'),
  message: z.string().describe('one line'),
  fixes: z.array(fixSchema).describe('what to do, the best first; may be empty'),
  rule: z.string().optional().describe('id of the rule in the compatibility table'),
  confidence: z.enum(['high', 'medium', 'low']).optional().describe('of that rule'),
  sources: z.array(z.string()).describe('where the rule comes from'),
  details: z.record(z.string(), scalar).optional().describe('further facts, by name'),
  framework: z
    .object({
      name: z.string().describe('as people write it'),
      version: z
        .string()
        .optional()
        .describe('installed version; missing where it is not installed'),
      gpu: z
        .enum(['yes', 'no', 'unlikely', 'unknown'])
        .optional()
        .describe(
          'whether it reaches the GPU, as far as this finding shows; `unlikely` where the evidence is disputed or a single report',
        ),
    })
    .optional()
    .describe('the framework that the finding is about'),
  placement: z.array(placementSchema).optional().describe('what a framework itself placed where'),
});

export const verifyResultSchema = z.object({
  ...resultBase,
  command: z.literal('verify').describe('which command'),
  findings: z.array(findingSchema).describe('what the checks found, in the order of their groups'),
});

export const compareResultSchema = z.object({
  schema: resultBase.schema,
  tool: resultBase.tool,
  reproduce: resultBase.reproduce,
  environment: resultBase.environment,
  startedAt: resultBase.startedAt,
  seconds: resultBase.seconds,
  exitCode: resultBase.exitCode,
  command: z.literal('compare').describe('which command'),
  base: comparedSideSchema.describe('the results to compare with'),
  new: comparedSideSchema.describe('the results to judge'),
  rows: z.array(comparedRowSchema).describe('one verdict each'),
  warnings: z.array(warningSchema).describe('input that was left out, and other doubts'),
});

const fleetGroup = {
  chip: z.string().describe('name of the GPU, or of the CPU for CPU devices'),
  cores: z.number().optional().describe('CPUs, or cores of an Apple GPU'),
  memoryBytes: z.number().describe('memory of the host, rounded to GiB'),
  workload: z.string().describe('id of the workload'),
  sizes: z.string().describe('its sizes, as text'),
  dtype: z.string().describe('element type, `tf32` for f32 with TF32 products'),
  mode: z.string().describe('`latency` or `throughput`'),
  kernels: z.string().optional().describe('level of kernels'),
};

export const fleetResultSchema = z.object({
  schema: resultBase.schema,
  tool: resultBase.tool,
  reproduce: resultBase.reproduce,
  environment: resultBase.environment,
  startedAt: resultBase.startedAt,
  seconds: resultBase.seconds,
  exitCode: resultBase.exitCode,
  command: z.literal('fleet').describe('which command'),
  hosts: z
    .array(
      z.object({
        name: z.string().describe('name of the host, else of its file'),
        source: z.string().optional().describe('where its result was read'),
        state: z
          .enum(['ok', 'outlier', 'wrong', 'unchecked', 'missing'])
          .describe('the worst of its rows; `missing`: expected, and no result'),
        why: z.string().optional().describe('of a state other than ok'),
      }),
    )
    .describe('every host, by name'),
  groups: z
    .array(
      z.object({
        ...fleetGroup,
        device: z.string().describe('device id'),
        hosts: z.number().describe('hosts that measured it'),
        medianNs: z.number().describe('median of their times per iteration, in nanoseconds'),
        lowestNs: z.number().describe('fastest host'),
        highestNs: z.number().describe('slowest host'),
        spread: z.number().describe('half of the hosts are within this share of the median'),
      }),
    )
    .describe('like machines that measured the same'),
  outliers: z
    .array(
      z.object({
        host: z.string().describe('name of the host'),
        device: z.string().describe('device id'),
        workload: z.string().describe('id of the workload'),
        sizes: z.string().describe('its sizes, as text'),
        dtype: z.string().describe('element type'),
        timeNs: z.number().describe('its median per iteration, in nanoseconds'),
        groupMedianNs: z.number().describe('of its group'),
        change: z.number().describe('timeNs / groupMedianNs - 1'),
        z: z.number().describe('robust z score: distance in 1.4826 MAD, with a floor of 5 %'),
        slower: z.boolean().describe('whether it is the slow kind'),
        causes: z.array(z.string()).describe('likely causes, the likeliest first; may be empty'),
      }),
    )
    .describe('rows unlike their group, the farthest first'),
  warnings: z.array(warningSchema).describe('input that was left out'),
});

export const resultSchema = z.discriminatedUnion('command', [
  devicesResultSchema,
  benchResultSchema,
  verifyResultSchema,
  compareResultSchema,
  fleetResultSchema,
]);

/** Saved data is never modified: every type derived from the schema is read-only throughout. */
type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };
type Derived<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;

export type Result = DevicesResult | BenchResult | VerifyResult | CompareResult | FleetRecord;
export type DevicesResult = Derived<typeof devicesResultSchema>;
export type BenchResult = Derived<typeof benchResultSchema>;
export type VerifyResult = Derived<typeof verifyResultSchema>;
export type CompareResult = Derived<typeof compareResultSchema>;
/** The result of `fleet`. */
export type FleetRecord = Derived<typeof fleetResultSchema>;
export type FleetHost = FleetRecord['hosts'][number];
export type FleetOutlier = FleetRecord['outliers'][number];
/** A limit of the command line, held against a row. */
export type Threshold = NonNullable<BenchResult['thresholds']>[number];
/** One row of two results, judged. */
export type ComparedRow = Derived<typeof comparedRowSchema>;
export type Verdict = ComparedRow['verdict'];
/** A fact that the two sides of a comparison do not share. */
export type Difference = ComparedRow['differences'][number];
export type Finding = Derived<typeof findingSchema>;
export type Fix = Derived<typeof fixSchema>;
export type Row = Derived<typeof rowSchema>;
export type SweepRecord = Derived<typeof sweepSchema>;
/** The values of a sweep's axes at one of its points. */
export type Coordinates = NonNullable<Row['point']>;
export type SkippedPoint = SweepRecord['skipped'][number];
export type RowState = Row['state'];
/** Which kernels the native devices of a comparison may use. */
export type KernelLevel = NonNullable<Row['kernels']>;
export type PlacementRow = Derived<typeof placementSchema>;
export type Verification = Derived<typeof verificationSchema>;
export type CheckOutcome = Derived<typeof checkSchema>;
export type Host = Derived<typeof hostSchema>;
export type Conditions = Derived<typeof conditionsSchema>;
export type Warning = Derived<typeof warningSchema>;
export type BackendRecord = Derived<typeof backendSchema>;
export type DeviceInfo = Derived<typeof deviceSchema>;
export type DeviceKind = DeviceInfo['kind'];
/** The device's own clock. */
export type DeviceClock = NonNullable<DeviceInfo['deviceClock']>;
/** Physical limits of the hardware, with the source of the numbers. */
export type Peak = NonNullable<DeviceInfo['peak']>;
/** What a device's sensors say at one moment; each only where they say it. */
export type Telemetry = Derived<typeof sensorsSchema>;
/** A reading of the sensors during a measurement. */
export type TelemetryReading = Derived<typeof readingSchema>;
/** The device's sensors over a measurement. */
export type DeviceTelemetry = Derived<typeof telemetrySchema>;
export type Energy = NonNullable<DeviceTelemetry['energy']>;
/** One timed group of iterations. Times are totals over the group. */
export type Sample = Derived<typeof timedSchema>;
/** A sample with what disturbed it. */
export type LabelledSample = Derived<typeof sampleSchema>;
/** What happened on the CPUs while a sample was taken. */
export type Activity = Derived<typeof activitySchema>;
export type Disturbance = NonNullable<Measurement['disturbance']>;
export type Summary = Derived<typeof summarySchema>;
export type Measurement = Derived<typeof measurementSchema>;
/** One fresh worker process's part of a measurement. */
export type Run = Measurement['runs'][number];
export type StoppedBy = Measurement['stoppedBy'];
/** The example as people write it in a framework. */
export type ExampleProgram = NonNullable<Row['programs']>[number];
/** `latency` waits for the device after every iteration, `throughput` after the last one. */
export type RunMode = Row['mode'];
