import { MpsbenchError } from '../../errors.js';

const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;

const CODE_OF = {
  validation: 'unsupported',
  'out-of-memory': 'out_of_memory',
  internal: 'internal',
} as const;

const ADVICE_OF = {
  validation: 'Choose smaller sizes or another device; if that does not help, please report it.',
  'out-of-memory': 'Choose smaller sizes, or free memory of the device, and try again.',
  internal: "The device's driver refused the work: try smaller sizes or a newer driver.",
} as const;

/**
 * Runs `work`, which creates WebGPU objects, and turns the first error that the device reports for it
 * into an MpsbenchError `out_of_memory`, `unsupported` or `internal`.
 */
export async function withErrorScopes<T>(
  device: GPUDevice,
  what: string,
  work: () => T | Promise<T>,
): Promise<T> {
  for (const scope of SCOPES) device.pushErrorScope(scope);
  let result: T | undefined;
  let thrown: unknown;
  try {
    result = await work();
  } catch (error) {
    thrown = error;
  }
  const caught = await Promise.all(
    SCOPES.toReversed().map(async (scope) => ({ scope, error: await device.popErrorScope() })),
  );
  const first = caught
    .toSorted((a, b) => Number(b.scope === 'out-of-memory') - Number(a.scope === 'out-of-memory'))
    .find(({ error }) => error);
  if (first?.error) {
    throw new MpsbenchError(
      CODE_OF[first.scope],
      `${what} failed: ${firstLine(first.error.message)}`,
      ADVICE_OF[first.scope],
      { cause: first.error },
    );
  }
  if (thrown !== undefined) throw thrown;
  return result as T;
}

export function deviceLost(id: string, reason: string): MpsbenchError {
  return new MpsbenchError(
    'device_lost',
    `The device ${id} was lost: ${firstLine(reason) || 'no reason given'}`,
    'A driver reset or too long a kernel does this: choose smaller sizes and run again.',
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
