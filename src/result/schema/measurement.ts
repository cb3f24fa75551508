/** The times of one row: samples, what disturbed them, sensors, summaries. */
import { z } from 'zod';
import { interval } from './fields.js';
import { warningSchema } from './machine.js';

export const stoppedBy = z.enum(['precision', 'noise', 'time', 'samples', 'failure', 'interrupt']);

export const summarySchema = z
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

export const activitySchema = z.object({
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

export const timedSchema = z.object({
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
      'why it is not the time of a quiet machine: threads waited for a CPU, the hypervisor ran others, the CPU quota was used up; `suspended` was repeated',
    ),
  invalid: z
    .array(z.string())
    .optional()
    .describe('readings of the backend that cannot be and were left out, with the reason'),
});

export const sampleSchema = timedSchema.extend({
  throttling: z
    .array(z.string())
    .optional()
    .describe('why the device was throttled when its block ended'),
});

export const sensorsSchema = z.object({
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
  cpuEnergyJ: z
    .number()
    .optional()
    .describe('Apple silicon: counter of all CPU cores, other programs included'),
  memoryEnergyJ: z
    .number()
    .optional()
    .describe('Apple silicon: counter of the memory, other programs included'),
  railPeriodS: z
    .number()
    .optional()
    .describe('how far apart updates of these two counters may lie, as far as was seen'),
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

export const readingSchema = z.object({
  atNs: z.number().describe('since the first reading'),
  iterations: z.number().describe('run by then, warm-up included'),
  ...sensorsSchema.shape,
});

export const energySchema = z.object({
  joulesPerIteration: z.number().describe('of the whole device, by its energy counter'),
  iterations: z.number().describe('of the span'),
  spanNs: z.number().describe('the longest stretch of runs without a pause; at least 1 s'),
});

/** Of a rail, whose counter is that of the whole machine. */
const railSchema = z.object({
  joulesPerIteration: z.number().describe('of the whole machine, other programs included'),
  iterations: z.number().describe('of the span'),
  spanNs: z
    .number()
    .describe('the longest stretch of runs without a pause; at least ten updates of the counter'),
});

export const telemetrySchema = z.object({
  before: readingSchema.describe('before calibration and warm-up'),
  blocks: z
    .array(readingSchema)
    .describe('right after each block of samples; none once a sensor has failed'),
  after: readingSchema.describe(
    'after the last block of all devices, or the last before a sensor failed',
  ),
  energy: energySchema.optional().describe('missing if no stretch was long enough for the counter'),
  rails: z
    .object({
      cpu: railSchema.optional().describe('all CPU cores'),
      memory: railSchema.optional().describe('the memory'),
    })
    .optional()
    .describe(
      'Apple silicon: energy of other parts of the chip while the device ran; missing if no stretch was long enough, 10 s or more',
    ),
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
    .describe('what disturbed the samples, all together; missing if no counter can be read'),
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
