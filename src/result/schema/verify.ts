/** The result of `verify`. */
import { z } from 'zod';
import { resultBase } from './base.js';
import { scalar } from './fields.js';
import { placementSchema } from './row.js';

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
      version: z.string().optional().describe('installed version; missing if it is not installed'),
      gpu: z
        .enum(['yes', 'no', 'unlikely', 'unknown'])
        .optional()
        .describe(
          'whether it reaches the GPU, according to this finding; `unlikely` if the evidence is disputed or a single report',
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
