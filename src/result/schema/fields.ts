/** Kinds of values that several parts of the result share. */
import { z } from 'zod';
import { DTYPES } from '../dtypes.js';

export const dtype = z.enum(DTYPES);

export const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const interval = z.tuple([z.number(), z.number()]).describe('lower and upper end');
