import { FRAMEWORKS } from '../../frameworks/catalog.js';
import type { Check, VerifyContext } from '../types.js';
import { type FrameworkResult, frameworkResult } from './answer.js';
import { ask } from './ask.js';
import { frameworkProbe } from './framework.js';

/** One check for each framework, in the order of the catalogue. */
export const frameworkProbes: readonly Check[] = [
  frameworkProbe({
    ...FRAMEWORKS.tensorflow,
    sources: [
      'https://www.tensorflow.org/api_docs/python/tf/config/list_physical_devices',
      'https://www.tensorflow.org/guide/gpu#logging_device_placement',
    ],
  }),
  frameworkProbe({
    ...FRAMEWORKS.pytorch,
    sources: [
      'https://docs.pytorch.org/docs/stable/notes/mps.html',
      'https://docs.pytorch.org/docs/stable/mps_environment_variables.html',
    ],
    more: mpsFallback,
  }),
  frameworkProbe({
    ...FRAMEWORKS.jax,
    sources: ['https://docs.jax.dev/en/latest/installation.html'],
  }),
  frameworkProbe({
    ...FRAMEWORKS.mlx,
    sources: ['https://ml-explore.github.io/mlx/build/html/usage/using_streams.html'],
  }),
  frameworkProbe({
    ...FRAMEWORKS.onnxruntime,
    sources: ['https://onnxruntime.ai/docs/execution-providers/'],
  }),
];

/** What MPS does with an op that it lacks, without and with PyTorch's fallback to the CPU. */
async function mpsFallback(
  interpreter: string,
  { device, fallback }: FrameworkResult,
  context: VerifyContext,
): Promise<Record<string, string>> {
  if (device.kind !== 'mps' || !fallback) return {};
  // PyTorch reads the variable once, when it is imported.
  const variables = { PYTORCH_ENABLE_MPS_FALLBACK: '1' };
  const { answer } = await ask(interpreter, 'pytorch', context, { variables });
  const again = frameworkResult.safeParse(answer.state === 'result' && answer.result);
  return {
    mpsFallbackOff: `${fallback.state}: ${fallback.message}`,
    mpsFallbackOn: again.data?.fallback?.state ?? 'no answer',
  };
}
