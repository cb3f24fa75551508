/** The result of `devices`. */
import { z } from 'zod';
import { resultBase } from './base.js';

export const devicesResultSchema = z.object({
  ...resultBase,
  command: z.literal('devices').describe('which command'),
});
