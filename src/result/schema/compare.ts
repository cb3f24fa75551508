/** The result of `compare`. */
import { z } from 'zod';
import { resultBase } from './base.js';
import { dtype, interval, scalar } from './fields.js';
import { warningSchema } from './machine.js';
import { coordinates } from './sweep.js';

export const comparedTimeSchema = z.object({
  timeNs: z
    .number()
    .describe(
      'wall time of one iteration, nanoseconds: the geometric mean of the medians of the runs; of a single run its median',
    ),
  runs: z.number().describe('fresh processes, over all files of this side'),
  samples: z.number().describe('over all runs'),
});

export const differenceSchema = z.object({
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
  engine: z.string().optional().describe('CPU: the requested engine'),
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
        .describe('lower and upper end; missing if there are too few samples'),
      confidence: z
        .number()
        .optional()
        .describe('of the interval: 0.99 from several runs, 0.95 if a side has a single one'),
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

export const comparedSideSchema = z.object({
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

export const unclearSchema = z
  .literal('fail')
  .optional()
  .describe('with --unclear fail: unclear rows count as findings');

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
  unclear: unclearSchema,
  warnings: z.array(warningSchema).describe('input that was left out, and other doubts'),
});
