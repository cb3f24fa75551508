/** The result of `bench`. */
import { z } from 'zod';
import { resultBase } from './base.js';
import { comparedRowSchema, comparedSideSchema, unclearSchema } from './compare.js';
import { conditionsSchema, errorSchema, warningSchema } from './machine.js';
import { rowSchema } from './row.js';
import { sweepSchema } from './sweep.js';

export const thresholdSchema = z.object({
  flag: z
    .enum(['--min-speedup', '--max-time', '--require-device'])
    .describe('the flag that asks for it'),
  rule: z.string().describe('its value: `cnn=2`'),
  workload: z.string().optional().describe('id of the workload'),
  device: z.string().optional().describe('device id'),
  state: z
    .enum(['met', 'missed', 'unchecked'])
    .describe('`unchecked`: there is no row, or no speedup, to compare with it'),
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
      unclear: unclearSchema,
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
    .describe('what was varied, with the results; missing without a sweep'),
});
