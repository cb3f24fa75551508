/** The result of `watch`. */
import { z } from 'zod';
import { resultBase } from './base.js';
import { warningSchema } from './machine.js';

const share = z.number();

const spread = z.object({
  mean: z.number().describe('over the time watched'),
  max: z.number().describe('highest sample'),
});

export const watchedDeviceSchema = z.object({
  id: z.string().describe('device id, as mpsbench counts them in this environment'),
  name: z.string().describe('as its driver names it'),
  uuid: z.string().optional().describe('as its driver says it'),
  scope: z
    .enum(['processes', 'alone', 'device', 'none'])
    .describe(
      'what `usedShare` is of: `processes`: the watched processes, by the driver; `alone`: the device, on which no other process was seen; `device`: all processes, as the driver does not tell them apart here; `none`: no counter of utilization',
    ),
  held: z
    .boolean()
    .optional()
    .describe(
      'whether a watched process was seen on the device; missing where that cannot be seen',
    ),
  usedShare: share
    .optional()
    .describe('share of the time with work on the device (see `scope`), 0 to 1'),
  busyShare: share.optional().describe('the same for all processes'),
  others: z.number().optional().describe('most processes of others on the device at one time'),
  memoryPeakBytes: z
    .number()
    .optional()
    .describe('device memory of the watched processes, at most'),
  deviceMemoryPeakBytes: z.number().optional().describe('the same for all processes'),
  memoryBytes: z.number().optional().describe('memory of the device'),
  clockMHz: spread.optional().describe('clock of the processors'),
  powerW: spread.optional().describe('of the whole device'),
});

const usedDevice = z.object({
  used: share.optional().describe('of the watched processes, 0 to 1'),
  busy: share.optional().describe('of all processes, 0 to 1'),
  clockMHz: z.number().optional().describe('clock of the processors'),
  powerW: z.number().optional().describe('of the whole device'),
  memoryBytes: z.number().optional().describe('device memory of the watched processes'),
  deviceMemoryBytes: z.number().optional().describe('device memory of all processes'),
});

export const watchPointSchema = z.object({
  atS: z.number().describe('end of the period, in seconds since the start'),
  cpus: z.number().optional().describe('CPUs that the processes kept busy'),
  memoryBytes: z.number().optional().describe('resident memory of the processes'),
  devices: z.array(usedDevice).describe('in the order of `devices`'),
});

const codePlace = {
  file: z.string().optional().describe('file of the line'),
  line: z.number().optional().describe('number of the line'),
};

export const watchedFrameworkSchema = z.object({
  framework: z.string().describe('`tensorflow`, `pytorch`, `jax`, `mlx` or `onnxruntime`'),
  version: z.string().describe('as the framework reports it'),
  processes: z.number().describe('Python processes that imported it'),
  scripts: z.array(z.string()).describe('the scripts that did'),
  interpreters: z.array(z.string()).describe('the Pythons that it was imported in'),
  wallNs: z.number().describe('time that these processes ran, all together, nanoseconds'),
  devices: z.array(z.string()).describe("where its ops ran, in the framework's own spelling"),
  availableDevices: z.array(z.string()).describe('GPUs that it says it reaches'),
  counted: z.enum(['off', 'first-steps', 'all']).describe('which ops were counted (--ops)'),
  countedNs: z.number().describe('wall time during which ops were counted, nanoseconds'),
  steps: z.number().describe('training steps or compiled calls that were seen'),
  countedSteps: z.number().describe('those of them during which ops were counted'),
  ops: z
    .array(
      z.object({
        op: z.string().describe('name in the framework'),
        device: z.string().describe('where it ran'),
        dtype: z.string().describe('element type'),
        calls: z.number().describe('how often'),
        timeNs: z.number().nullable().describe('nanoseconds; null if it was not timed'),
        fallback: z.string().nullable().describe('why it did not run on the GPU'),
      }),
    )
    .describe('kinds of ops, the most time or calls first'),
  transfers: z
    .array(
      z.object({
        direction: z
          .enum(['device-to-host', 'host-to-device', 'synchronize'])
          .describe('what was done'),
        how: z.string().describe('the call'),
        device: z
          .string()
          .optional()
          .describe('what is read, written or waited for; on `cpu` nothing is copied'),
        ...codePlace,
        calls: z.number().describe('how often'),
        timeNs: z.number().nullable().describe('nanoseconds; null if it was not timed'),
        bytes: z.number().nullable().describe('copied; null if unknown'),
      }),
    )
    .describe('copies and synchronizations, the most time or calls first'),
  waits: z
    .array(
      z.object({
        what: z.string().describe('what was waited for'),
        detail: z.string().describe('its settings'),
        calls: z.number().describe('how often'),
        timeNs: z.number().describe('nanoseconds'),
        ...codePlace,
      }),
    )
    .describe('where the GPU waited for the CPU, the longest first'),
  notes: z
    .array(
      z.object({
        code: z.string().describe('stable name'),
        text: z.string().describe('what was seen'),
        ...codePlace,
      }),
    )
    .describe('what else was seen'),
});

export const watchResultSchema = z.object({
  schema: resultBase.schema,
  tool: resultBase.tool,
  reproduce: resultBase.reproduce,
  environment: resultBase.environment,
  startedAt: resultBase.startedAt,
  seconds: resultBase.seconds,
  exitCode: resultBase.exitCode,
  host: resultBase.host,
  command: z.literal('watch').describe('which command'),
  watched: z
    .object({
      name: z.string().describe('the script or program, for people'),
      words: z.array(z.string()).describe('the command, word by word'),
      pid: z.number().optional().describe('process id'),
      attached: z.boolean().describe('it ran already (--pid)'),
      seconds: z.number().describe('time that it was watched'),
      endedBy: z
        .enum(['itself', 'signal', 'duration', 'interrupt', 'not-started'])
        .describe('`duration`: --duration was over; `interrupt`: watching a process was stopped'),
      exitCode: z.number().optional().describe('of the command'),
      signal: z.string().optional().describe('that ended the command'),
      processes: z.number().optional().describe('most processes at one time'),
      cpuSeconds: z.number().optional().describe('CPU time of all processes'),
      memoryPeakBytes: z
        .number()
        .optional()
        .describe('resident memory of all processes, at most; what they share counts in each'),
    })
    .describe('what was watched'),
  verdict: z
    .object({
      state: z
        .enum(['used', 'barely-used', 'not-used', 'not-checked'])
        .describe('`barely-used`: below 10 % of the time'),
      device: z.string().optional().describe('id of the device that was used most'),
      share: share.optional().describe('share of the time with work on the device, 0 to 1'),
      evidence: z
        .enum(['utilization', 'ops', 'none'])
        .describe(
          "`utilization`: the device's counter; `ops`: a framework ran ops there, though no counter says for how long",
        ),
      message: z.string().describe('in a sentence'),
    })
    .describe('the answer'),
  required: z
    .object({
      share: share.describe('the share of the time that was required (--require-gpu), 0 to 1'),
      state: z.enum(['met', 'missed', 'unchecked']).describe('`unchecked`: it cannot be known'),
    })
    .optional()
    .describe('what was required'),
  devices: z.array(watchedDeviceSchema).describe('GPUs whose sensors were read'),
  sampling: z
    .object({
      samples: z.number().describe('how many were taken'),
      periodS: z.number().describe('time between two'),
      cpuSeconds: z.number().optional().describe('CPU time that sampling took'),
      problem: z.string().optional().describe('why there are no samples of GPUs, or not all'),
    })
    .describe('how the sensors were read'),
  timeline: z
    .array(watchPointSchema)
    .describe('the samples, averaged over periods so that there are at most 600'),
  hook: z
    .object({
      state: z
        .enum(['loaded', 'not-loaded', 'off'])
        .describe('`not-loaded`: no Python process with a known framework reported'),
      processes: z.number().describe('Python processes that reported'),
      overhead: share
        .optional()
        .describe('time in the hook / time of its process, of the process with the most of it'),
      errors: z.array(z.string()).describe('what failed in the hook; the program went on'),
    })
    .describe('what counted ops inside of Python'),
  frameworks: z.array(watchedFrameworkSchema).describe('frameworks that were imported'),
  findings: z.array(warningSchema).describe('what keeps the GPU from being used, and what to do'),
  warnings: z.array(warningSchema).describe('doubts about the result'),
});
