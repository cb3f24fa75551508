import { isCpuDevice } from '../result/framework-devices.js';
import type { Warning, WatchedDevice, WatchedFramework, WatchVerdict } from '../result/schema.js';
import { formatPercent } from '../result/units.js';
import { gpusOf, hasCounted, titleOf } from './framework-devices.js';

/** From a sweep of bench on this machine: from which batch on the GPU is faster. */
export interface Crossover {
  readonly workload: string;
  readonly axis: string;
  readonly from: number;
}

export interface FindingEvidence {
  readonly verdict: WatchVerdict;
  readonly devices: readonly WatchedDevice[];
  readonly frameworks: readonly WatchedFramework[];
  readonly crossover?: Crossover;
}

/** Below this share of the time, waiting for data or for the GPU is not worth a line. */
const WORTH_SAYING = 0.05;

/** What keeps the GPU from being used, and what to do about it, the most important first. */
export function findingsOf(evidence: FindingEvidence): Warning[] {
  const { frameworks } = evidence;
  return [
    ...frameworks.flatMap((own) => reachFindings(own, evidence)),
    ...frameworks.flatMap(fallbackFindings),
    ...frameworks.flatMap((own) => waitFindings(own, evidence)),
    ...frameworks.flatMap(syncFindings),
    ...frameworks.flatMap((own) => noteFindings(own, evidence)),
  ];
}

/** Where nothing ran on the GPU: the framework reaches none, or the script asked for the CPU. */
function reachFindings(own: WatchedFramework, { verdict, devices }: FindingEvidence): Warning[] {
  if (verdict.state === 'used' || gpusOf(own).length > 0 || !hasCounted(own)) return [];
  const title = titleOf(own);
  if (own.availableDevices.length > 0) {
    const gpu = own.availableDevices[0];
    const asked = own.notes.find(({ code }) => code === 'cpu-device-in-script');
    return [
      {
        name: 'gpu-not-chosen',
        message: asked
          ? `The script chose the CPU${placeText(asked)}: ${asked.text}`
          : `${title} reaches ${own.availableDevices.join(', ')}, and the script put nothing there.`,
        advice: CHOOSE_GPU[own.framework]?.(gpu) ?? `Move the model and its inputs to ${gpu}.`,
      },
    ];
  }
  if (devices.length === 0) return [];
  const isCpuBuild =
    /\+cpu$/.test(own.version) || own.notes.some(({ code }) => code === 'cpu-only-build');
  return [
    {
      name: 'framework-without-gpu',
      message: isCpuBuild
        ? `${title} is a build for the CPU only.`
        : `${title} reaches no GPU, though ${devices.map(({ id }) => id).join(', ')} is there.`,
      advice: 'Run `mpsbench verify` with the same Python (--python PATH) to see why, and the fix.',
    },
  ];
}

/** How each framework is told to use a GPU. */
const CHOOSE_GPU: Readonly<Record<string, (gpu: string) => string>> = {
  pytorch: (gpu) => {
    const device = gpu.replace(/:0$/, '');
    return `Move the model and each batch to the GPU: model.to("${device}"), batch.to("${device}").`;
  },
  tensorflow: () => 'Remove tf.device("/CPU:0") and tf.config.set_visible_devices([], "GPU").',
  jax: () => 'Unset JAX_PLATFORMS, and remove jax.default_device(...) and device=... of the CPU.',
  mlx: () => 'Remove mx.set_default_device(mx.cpu) and stream=mx.cpu.',
  onnxruntime: () => 'Name the GPU first: InferenceSession(model, providers=[...]).',
};

/** Ops that ran on the CPU while others ran on the GPU. */
function fallbackFindings(own: WatchedFramework): Warning[] {
  const reasons = own.ops.filter(({ fallback }) => fallback !== null);
  if (gpusOf(own).length === 0 || reasons.length === 0) return [];
  const [{ op, fallback }] = reasons;
  const others = reasons.length > 1 ? ` and ${reasons.length - 1} more` : '';
  return [
    {
      name: 'fallback',
      message: `${op}${others} fell back to the CPU: ${fallback}`,
      advice:
        'Replace these ops with ones that the GPU has, or update the framework; each copies its tensors there and back.',
    },
  ];
}

function waitFindings(own: WatchedFramework, { verdict }: FindingEvidence): Warning[] {
  const shares = own.waits.map((wait) => ({ ...wait, share: waitShare(wait.timeNs, own) }));
  return shares
    .filter(({ share }) => share >= WORTH_SAYING && verdict.state !== 'not-used')
    .slice(0, 1)
    .map(({ what, detail, share, ...place }) => ({
      name: 'waits-for-data',
      message: `The program waited for ${what}${detail && ` (${detail})`}${placeText(place)} ${formatPercent(share)} of the time.`,
      advice: /num_workers=0/.test(detail)
        ? 'Load batches in other processes: DataLoader(..., num_workers=4, pin_memory=True, persistent_workers=True).'
        : 'Load or prepare batches ahead, in other processes or threads, while the GPU computes.',
    }));
}

/** Share of the time of its processes. */
export function waitShare(timeNs: number, { wallNs }: Pick<WatchedFramework, 'wallNs'>): number {
  return wallNs > 0 ? Math.min(1, timeNs / wallNs) : 0;
}

/** A call that waits for the GPU about once per step. */
function syncFindings(own: WatchedFramework): Warning[] {
  if (gpusOf(own).length === 0) return [];
  const often = Math.max(10, own.steps * 0.5);
  const inLoop = own.transfers.filter(
    ({ direction, device, calls }) =>
      direction !== 'host-to-device' && calls >= often && !staysOnCpu(device),
  );
  if (inLoop.length === 0) return [];
  const [first] = inLoop;
  const rate =
    own.steps > 0 ? `${(first.calls / own.steps).toFixed(1)} per step` : `${first.calls} calls`;
  return [
    {
      name: 'sync-in-loop',
      message: `${first.how}${placeText(first)} makes the CPU wait for the GPU: ${rate}.`,
      advice:
        'Keep the value on the GPU (loss.detach()), add it up there, and read it once per epoch or every 100 steps.',
    },
  ];
}

/** `.item()` of a tensor on the CPU waits for nothing. */
const staysOnCpu = (device?: string) =>
  device !== undefined && (isCpuDevice(device) || device === 'meta');

function noteFindings(own: WatchedFramework, { crossover }: FindingEvidence): Warning[] {
  const onGpu = gpusOf(own).length > 0;
  return own.notes.flatMap((note): Warning[] => {
    const message = `${note.text.replace(/\.$/, '')}${placeText(note)}.`;
    switch (note.code) {
      case 'float64':
        return [
          {
            name: 'float64',
            message,
            advice:
              'Use float32: GPUs compute float64 many times slower, and Metal has none. NumPy makes float64 unless told otherwise.',
          },
        ];
      case 'small-batch':
        return onGpu ? [{ name: 'small-batch', message, advice: batchAdvice(crossover) }] : [];
      case 'cpu-device-in-script':
      case 'cpu-only-build':
        // Said where nothing ran on the GPU.
        return [];
      default:
        return [{ name: note.code, message, advice: '' }];
    }
  });
}

function batchAdvice(crossover: Crossover | undefined): string {
  const find = 'Use larger batches.';
  return crossover === undefined
    ? `${find} From which size on the GPU pays off here: mpsbench bench cnn --batch 1:4096 --compare-cpu`
    : `${find} On this machine the GPU was faster than the CPU from ${crossover.axis} ${crossover.from} on (${crossover.workload}, mpsbench bench).`;
}

/** ` at train.py:31`. */
export function placeText({ file, line }: { file?: string; line?: number }): string {
  if (file === undefined) return '';
  return ` at ${file}${line === undefined ? '' : `:${line}`}`;
}
