import { z } from 'zod';
import { pytorchResult } from './answer.js';
import { ask } from './ask.js';
import { findWrongMatmul } from './examples.js';
import { frameworkProbe } from './framework.js';
import { placementOf, type ReportedOp } from './placement.js';

/** `aten.max_pool2d_with_indices.default` without namespace and overload. */
const ATEN = /^(?:\w+[.:]+)?(?<name>\w+?)_?(?:\.\w+)?$/;

/** ATen's names in the words of our graph, where it has one. */
const KIND_OF_OP: Readonly<Record<string, string>> = {
  mm: 'matmul',
  addmm: 'matmul',
  convolution: 'conv2d',
  max_pool2d: 'max_pool2d',
  max_pool2d_with_indices: 'max_pool2d',
  _softmax: 'softmax',
};

/** Views and copies of handles: they move nothing and compute nothing. */
const PLUMBING =
  /^(t|detach|view|_unsafe_view|expand|alias|permute|transpose|unsqueeze|squeeze|ones_like|empty\w*|as_strided|_to_copy|lift_fresh)$/;

/** PyTorch: MPS and CUDA, a matmul, the examples, and what happens to an op that MPS lacks. */
export const pytorchProbe = frameworkProbe({
  id: 'pytorch',
  title: 'PyTorch',
  module: 'torch',
  sources: [
    'https://docs.pytorch.org/docs/stable/notes/mps.html',
    'https://docs.pytorch.org/docs/stable/mps_environment_variables.html',
  ],
  result: pytorchResult,
  report({ version, importSeconds, device, hardware, mps, cuda, matmul, outputs, placements }) {
    const wrong = findWrongMatmul(matmul);
    const state = ({ available, reason }: Accelerator) =>
      available ? 'available' : `unavailable: ${reason ?? 'no reason given'}`;
    return {
      version,
      device: hardware ? `${device} (${hardware})` : device,
      usesGpu: device !== 'cpu',
      outputs,
      wrong: wrong ? [wrong] : [],
      placement: placementOf(
        Object.entries(placements).flatMap(([workload, rows]) => reportedOps(workload, rows)),
        device === 'cuda' ? 'cuda:0' : device === 'mps' ? 'mps:0' : 'cpu',
      ),
      details: {
        mpsBuilt: mps.built,
        mps: state(mps),
        cudaBuilt: cuda.built,
        cuda: state(cuda),
        importSeconds,
      },
      whyNoGpu: whyNoGpu(mps, cuda),
    };
  },
  async more(interpreter, { device, fallback }, context): Promise<Record<string, string>> {
    if (device !== 'mps') return {};
    const refused = `${fallback.state}: ${fallback.message}`;
    // PyTorch reads the variable once, when it is imported.
    const variables = { PYTORCH_ENABLE_MPS_FALLBACK: '1' };
    const { answer } = await ask(interpreter, 'pytorch', context, { variables });
    const again = z
      .object({ fallback: pytorchResult.shape.fallback })
      .safeParse(answer.state === 'result' ? answer.result : undefined);
    return {
      mpsFallbackOff: refused,
      mpsFallbackOn: again.success ? again.data.fallback.state : 'no answer',
    };
  },
});

type Accelerator = z.infer<typeof pytorchResult>['mps'];

/** The first sentence of the accelerator that this build has. */
function whyNoGpu(mps: Accelerator, cuda: Accelerator): string {
  const [name, built] = mps.built ? ['MPS', mps] : ['CUDA', cuda];
  if (!built.built) return 'this build has neither MPS nor CUDA';
  return `${name}: ${(built.reason ?? 'no reason given').split(/[.\n]/)[0]}`;
}

function reportedOps(
  workload: string,
  rows: readonly { readonly kernel: string; readonly device: string }[],
): ReportedOp[] {
  const seen = new Map<string, number>();
  return rows.flatMap(({ kernel, device }) => {
    const name = ATEN.exec(kernel)?.groups?.name ?? kernel;
    if (PLUMBING.test(name)) return [];
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const op = `${workload}/${name}${count > 1 ? `_${count}` : ''}`;
    return [{ op, kind: KIND_OF_OP[name] ?? name, kernel, device }];
  });
}
