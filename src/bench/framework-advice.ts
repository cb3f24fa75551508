import { FRAMEWORKS, type FrameworkId, isIdiomatic } from '../frameworks/catalog.js';
import type { DeviceInfo, Row, Warning } from '../result/schema.js';
import { formatNs, formatPercent, formatRate } from '../result/units.js';

/** From this share of an iteration on, dispatch is what was measured. */
const DISPATCH_DOMINATES = 0.5;

/** A Keras `fit` whose epoch takes so many times the work itself has a slow optimizer on Metal. */
const SLOW_FIT = 3;

type Devices = ReadonlyMap<string, DeviceInfo>;

/** What a user of a framework can do about a time, where that is known. */
export function frameworkAdvice(rows: readonly Row[], devices: Devices): Warning[] {
  const own = rows.filter(({ device }) => devices.get(device)?.framework);
  return own.flatMap((row) => [
    ...dispatchBound(row, devices),
    ...slowerThanItsCpu(row, own, devices),
    ...wrongWhenCompiled(row, own, devices),
    ...slowKeras(row, devices),
  ]);
}

function dispatchBound({ workload, device, medianNs, startup }: Row, devices: Devices): Warning[] {
  const { dispatchNs } = startup ?? {};
  if (medianNs === undefined || dispatchNs === undefined) return [];
  const share = dispatchNs / medianNs;
  if (share < DISPATCH_DOMINATES) return [];
  const part = share < 1 ? `about ${formatPercent(share)}` : 'nearly all';
  return [
    {
      name: 'dispatch-bound',
      message: `${workload} on ${device}: ${part} of the ${formatNs(medianNs)} is ${titleOf(device, devices)}'s own dispatch (${formatNs(dispatchNs)}), which does not depend on the size.`,
      advice:
        'Use larger sizes or a compiled mode (--framework-mode compiled); --sweep shows from which size on it no longer matters.',
    },
  ];
}

function slowerThanItsCpu(row: Row, rows: readonly Row[], devices: Devices): Warning[] {
  const gpu = devices.get(row.device);
  if (gpu?.kind === 'cpu' || row.medianNs === undefined) return [];
  const cpu = rows.find((other) => {
    const device = devices.get(other.device);
    return device?.kind === 'cpu' && isSameFramework(device, gpu) && isSameCase(other, row);
  });
  const ratio = cpu?.medianNs && row.medianNs / cpu.medianNs;
  if (!ratio || ratio <= 1) return [];
  return [
    {
      name: 'cpu-faster',
      message: `${row.workload}: ${titleOf(row.device, devices)} is ${formatRate(ratio)}x as fast on ${cpu.device} as on ${row.device} at this size.`,
      advice:
        'Use the CPU for work of this size; --sweep shows from which size on the GPU is faster.',
    },
  ];
}

/** The framework's compiler is to blame where the same graph is right without it. */
function wrongWhenCompiled(row: Row, rows: readonly Row[], devices: Devices): Warning[] {
  const device = devices.get(row.device);
  if (row.state !== 'wrong' || !device?.framework || isIdiomatic(device.framework)) return [];
  const usual = rows.find((other) => {
    const { framework, kind } = devices.get(other.device) ?? {};
    if (!framework || kind !== device.kind || !isIdiomatic(framework)) return false;
    return isSameFramework(devices.get(other.device), device) && isSameCase(other, row);
  });
  if (usual?.state !== 'measured') return [];
  const { framework } = device;
  return [
    {
      name: 'wrong-when-compiled',
      message: `${row.workload} is correct on ${usual.device} and wrong on ${row.device}: ${titleOf(row.device, devices)}'s mode "${framework.mode}" miscomputes it.`,
      advice: `Do not use "${framework.mode}" for this with version ${framework.version}; check its results after an update.`,
    },
  ];
}

/** tensorflow#59438: Keras' optimizers since 2.11 update each variable from Python. */
function slowKeras({ workload, device, programs = [] }: Row, devices: Devices): Warning[] {
  const { kind, details } = devices.get(device) ?? {};
  if (kind === 'cpu' || details?.['built for'] !== 'Metal') return [];
  const epochOf = (form: string) =>
    programs.find((program) => program.form === form)?.phases.find(({ name }) => name === 'epoch')
      ?.ns;
  const [keras, plain] = [epochOf('keras'), epochOf('function')];
  if (!keras || !plain || keras < SLOW_FIT * plain) return [];
  return [
    {
      name: 'slow-keras-optimizer',
      message: `${workload} on ${device}: an epoch of Keras fit takes ${formatNs(keras)}, the same step in tf.function ${formatNs(plain)}; Keras' newer optimizers are slow on Metal.`,
      advice:
        'Use tf.keras.optimizers.legacy (TensorFlow 2.15 and older, or with tf_keras), or write the step in tf.function.',
    },
  ];
}

const titleOf = (device: string, devices: Devices) =>
  FRAMEWORKS[devices.get(device)?.framework?.name as FrameworkId].title;

const isSameFramework = (one: DeviceInfo | undefined, other: DeviceInfo | undefined) =>
  one?.backend === other?.backend;

const isSameCase = (one: Row, other: Row) =>
  one.workload === other.workload &&
  one.dtype === other.dtype &&
  JSON.stringify(one.params) === JSON.stringify(other.params);
