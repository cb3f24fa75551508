/** What every result begins with. */
import { z } from 'zod';
import { SCHEMA_VERSION } from '../version.js';
import { backendSchema, deviceSchema, hostSchema, warningSchema } from './machine.js';

export const resultBase = {
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
