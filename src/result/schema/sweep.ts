/** Sizes that were swept, and from which one on a device is ahead. */
import { z } from 'zod';
import { interval } from './fields.js';

export const coordinates = z.record(z.string(), z.union([z.string(), z.number()]));

export const crossoverSchema = z.discriminatedUnion('state', [
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
            ns: z.number().describe('fixed cost per iteration, whatever the size'),
            interval: interval.describe('95 %'),
          })
          .optional()
          .describe('the floor of the time curve; missing if the sizes do not show one'),
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
        device: z.string().optional().describe('device id; missing if it is true of all'),
        code: z
          .enum(['memory', 'time', 'budget', 'interrupted'])
          .describe(
            '`time`: iterations would take too long; `budget`: --budget left no time for it',
          ),
        reason: z.string().describe('in words'),
      }),
    )
    .describe('points of the sweep that were not measured'),
});
