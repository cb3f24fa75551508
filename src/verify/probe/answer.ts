import { z } from 'zod';
import { type Answer, pythonErrorSchema } from '../../frameworks/faults/asked.js';
import { describedDevice, traceReply } from '../../frameworks/replies.js';

/** Finds the marked lines among all that was printed; the last answer counts. */
export function readAnswer(stdout: string, marker: string): Answer {
  let answer: Answer = { state: 'none' };
  for (const line of stdout.split('\n')) {
    const at = line.indexOf(marker);
    if (at < 0) continue;
    const record = parse(line.slice(at + marker.length));
    const error = pythonErrorSchema.safeParse(record.error);
    if (typeof record.stage === 'string') answer = { state: 'none', stage: record.stage };
    else if (error.success) answer = { state: 'error', error: error.data };
    else if ('result' in record) answer = { state: 'result', result: record.result };
  }
  return answer;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Cut off in the middle of a line.
    return {};
  }
}

// The shapes of the results, as src/frameworks/drivers/probe.py gives them.

export const pythonResult = z.object({
  version: z.string(),
  implementation: z.string(),
  machine: z.string(),
  bits: z.number(),
  prefix: z.string(),
  translated: z.boolean().nullable(),
});

export const frameworkResult = z.object({
  version: z.string(),
  importSeconds: z.number(),
  /** Where the examples ran: the best device that started. */
  device: describedDevice,
  devices: z.array(describedDevice),
  builtFor: z.string().nullish(),
  whyNoGpu: z.string().nullish(),
  /** By workload. */
  examples: z.record(
    z.string(),
    z.object({
      /** Values of the outputs and states; null is NaN or infinity. */
      outputs: z.record(z.string(), z.array(z.number().nullable())),
      placement: traceReply.shape.ops,
    }),
  ),
  /** What became of an op that the device may lack: PyTorch only. */
  fallback: z
    .object({ state: z.enum(['ran', 'fell back', 'refused']), message: z.string() })
    .nullish(),
});
export type FrameworkResult = z.infer<typeof frameworkResult>;
