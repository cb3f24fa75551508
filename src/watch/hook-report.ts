import { z } from 'zod';
import { printable } from '../text/printable.js';

/**
 * What the Python hook (src/watch/python) writes: one file per Python process. Any program may write there too: every
 * text is made harmless and every list has an end.
 */

const LONGEST_TEXT = 300;
export const MOST_OPS = 2000;
export const MOST_LINES = 200;

const text = z.string().transform((value) => printable(value.slice(0, LONGEST_TEXT)));
const count = z.number().int().nonnegative();
const ns = z.number().nonnegative();
const list = <T extends z.ZodType>(item: T, most: number) =>
  z
    .array(z.unknown())
    .transform((all) => all.slice(0, most))
    .pipe(z.array(item));

const place = { file: text.nullish(), line: count.nullish() };

const framework = z.object({
  framework: z.enum(['tensorflow', 'pytorch', 'jax', 'mlx', 'onnxruntime']),
  version: text,
  devices: list(text, MOST_LINES).default([]),
  availableDevices: list(text, MOST_LINES).default([]),
  counted: z.enum(['off', 'first-steps', 'all']),
  countedNs: ns.default(0),
  steps: count.default(0),
  countedSteps: count.default(0),
  ops: list(
    z.object({
      op: text,
      device: text,
      dtype: text.nullish().transform((dtype) => dtype ?? ''),
      calls: count,
      timeNs: ns.nullish(),
      fallback: text.nullish(),
    }),
    MOST_OPS,
  ).default([]),
  transfers: list(
    z.object({
      direction: z.enum(['device-to-host', 'host-to-device', 'synchronize']),
      how: text,
      device: text.nullish(),
      ...place,
      calls: count,
      timeNs: ns.nullish(),
      bytes: ns.nullish(),
    }),
    MOST_LINES,
  ).default([]),
  waits: list(
    z.object({
      what: text,
      detail: text.nullish().transform((detail) => detail ?? ''),
      calls: count,
      timeNs: ns,
      ...place,
    }),
    MOST_LINES,
  ).default([]),
  notes: list(z.object({ code: text, text, ...place }), MOST_LINES).default([]),
});

export const hookReportSchema = z.object({
  version: z.literal(1),
  pid: count,
  parentPid: count.nullish(),
  script: text.nullish(),
  executable: text.nullish(),
  python: text.nullish(),
  startedNs: ns,
  writtenNs: ns,
  final: z.boolean().default(false),
  hookNs: ns.default(0),
  errors: list(text, MOST_LINES).default([]),
  frameworks: list(framework, 10).default([]),
});

export type HookReport = z.infer<typeof hookReportSchema>;
export type HookFramework = HookReport['frameworks'][number];
