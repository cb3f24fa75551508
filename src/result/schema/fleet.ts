/** The result of `fleet`. */
import { z } from 'zod';
import { resultBase } from './base.js';
import { warningSchema } from './machine.js';

export const fleetGroup = {
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
        members: z
          .array(z.number())
          .optional()
          .describe('index in `hosts` of each host that measured it'),
        timesNs: z
          .array(z.number())
          .optional()
          .describe('their medians per iteration, in the order of `members`'),
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
