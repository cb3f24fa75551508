import { z } from 'zod';

const errorSchema = z.object({
  type: z.string(),
  message: z.string(),
  stage: z.string(),
  traceback: z.string(),
});

/** What a script raised, and in which stage. */
export type PythonError = z.infer<typeof errorSchema>;

export type Answer =
  | { readonly state: 'result'; readonly result: unknown }
  | { readonly state: 'error'; readonly error: PythonError }
  /** `stage` is the last one that was begun; missing where not even the script started. */
  | { readonly state: 'none'; readonly stage?: string };

/** Finds the marked lines among all that was printed; the last answer counts. */
export function readAnswer(stdout: string, marker: string): Answer {
  let answer: Answer = { state: 'none' };
  for (const line of stdout.split('\n')) {
    const at = line.indexOf(marker);
    if (at < 0) continue;
    const record = parse(line.slice(at + marker.length));
    const error = errorSchema.safeParse(record.error);
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

// The shapes of the results, as the scripts in python/ give them.

/** Values of the examples' tensors, by workload and tensor; null is NaN or infinity. */
const outputs = z.record(z.string(), z.record(z.string(), z.array(z.number().nullable())));
const importSeconds = z.number();
const hardware = z.string().nullish();

export const pythonResult = z.object({
  version: z.string(),
  implementation: z.string(),
  machine: z.string(),
  bits: z.number(),
  prefix: z.string(),
  translated: z.boolean().nullable(),
});

export const tensorflowResult = z.object({
  version: z.string(),
  importSeconds,
  devices: z.array(z.object({ name: z.string(), type: z.string(), hardware })),
  builtWithCuda: z.boolean(),
  outputs,
});

const acceleratorSchema = z.object({
  built: z.boolean(),
  available: z.boolean(),
  reason: z.string().nullable(),
});

export const pytorchResult = z.object({
  version: z.string(),
  importSeconds,
  device: z.enum(['mps', 'cuda', 'cpu']),
  hardware,
  mps: acceleratorSchema,
  cuda: acceleratorSchema,
  matmul: z.array(z.number().nullable()),
  outputs,
  placements: z.record(z.string(), z.array(z.object({ kernel: z.string(), device: z.string() }))),
  fallback: z.object({ state: z.enum(['ran', 'fell back', 'refused']), message: z.string() }),
});

export const jaxResult = z.object({
  version: z.string(),
  importSeconds,
  devices: z.array(z.object({ name: z.string(), platform: z.string(), hardware })),
  backend: z.string(),
  outputs,
  matmul: z.array(z.number().nullable()),
  placements: z.array(z.object({ op: z.string(), kind: z.string(), device: z.string() })),
});

export const mlxResult = z.object({
  version: z.string(),
  importSeconds,
  device: z.enum(['gpu', 'cpu']),
  metal: z.boolean(),
  outputs,
  matmul: z.array(z.number().nullable()),
});

export const onnxruntimeResult = z.object({
  version: z.string(),
  importSeconds,
  providers: z.array(z.string()),
  used: z.array(z.string()),
  outputs,
});
