import type { DeviceKind, Peak } from '../result/schema.js';
import {
  appleGflops,
  type Confidence,
  findAppleChip,
  formulaConfidence,
  type MemoryOption,
} from './apple-chips.js';

/**
 * Physical limits of GPUs by the name that drivers give them. A name that fits no row has no peak:
 * a wrong limit would call a right result implausible. Those of Apple's chips are in apple-chips.ts.
 */
interface Row {
  readonly name: RegExp;
  readonly peak: Peak;
}

const H100_SHEET = 'NVIDIA H100 datasheet';
const H200_SHEET = 'NVIDIA H200 datasheet';
const A100_SHEET = 'NVIDIA A100 datasheet';
const ADA_PAPER = 'NVIDIA Ada GPU architecture whitepaper';

/** Dense rates; f16, bf16 and TF32 with tensor cores, f64 with tensor cores where the chip has them. */
const HOPPER_SXM = { f32: 66_900, f64: 66_900, f16: 989_400, bf16: 989_400, tf32: 494_700 };
const AMPERE_A100 = { f32: 19_500, f64: 19_500, f16: 312_000, bf16: 312_000, tf32: 156_000 };

const NVIDIA: readonly Row[] = [
  nvidia('H200', 4_800, HOPPER_SXM, H200_SHEET),
  nvidia('H100 80GB HBM3', 3_350, HOPPER_SXM, H100_SHEET),
  nvidia('A100-SXM4-80GB', 2_039, AMPERE_A100, A100_SHEET),
  nvidia('A100-SXM4-40GB', 1_555, AMPERE_A100, A100_SHEET),
  nvidia('A100 80GB PCIe', 1_935, AMPERE_A100, A100_SHEET),
  nvidia('A100-PCIE-40GB', 1_555, AMPERE_A100, A100_SHEET),
  // f16 with f16 accumulation: the faster of the two.
  nvidia(
    'GeForce RTX 4090',
    1_008,
    { f32: 82_580, f64: 1_290, f16: 330_300, bf16: 165_200, tf32: 82_600 },
    ADA_PAPER,
  ),
];

/** A value of a chip; only one of high confidence is a limit. */
export interface Estimate {
  readonly what: 'bandwidth' | 'arithmetic';
  /** 10^9 bytes per second, or 10^9 FLOP/s in f32. */
  readonly value: number;
  readonly confidence: Confidence;
  readonly source: string;
}

/** Which GPU: what its driver calls it, and what tells it from others of that name. */
export interface Gpu {
  readonly name: string;
  /** A CPU of the same name (`Apple M3`) has other limits, a software GPU has none of its own. */
  readonly kind?: DeviceKind;
  /** Chips of one name are sold with more and fewer; without it the largest is meant. */
  readonly gpuCores?: number;
}

/**
 * The limits of a GPU: confident values only.
 * @param own what its backend knows, which stays as it is; only a bandwidth is added
 */
export function findPeak(gpu: Gpu, own?: Peak): Peak | undefined {
  const sure = appleFacts(gpu).filter(({ confidence }) => confidence === 'high');
  const known = cardPeak(gpu) ?? chipPeak(sure);
  if (!own) return known;
  if (own.gbPerS !== undefined || known?.gbPerS === undefined) return own;
  const source = sure.find(({ what }) => what === 'bandwidth')?.source ?? known.source;
  return { ...own, gbPerS: known.gbPerS, source: `${own.source}; ${source}` };
}

function cardPeak(gpu: Gpu): Peak | undefined {
  if (!hasLimits(gpu)) return undefined;
  return NVIDIA.find(({ name }) => name.test(gpu.name.trim()))?.peak;
}

function chipPeak(sure: readonly Estimate[]): Peak | undefined {
  if (sure.length === 0) return undefined;
  const bandwidth = sure.find(({ what }) => what === 'bandwidth');
  const arithmetic = sure.find(({ what }) => what === 'arithmetic');
  return {
    ...(bandwidth && { gbPerS: bandwidth.value }),
    // The f16 rate of these ALUs is the same.
    ...(arithmetic && { gflops: { f32: arithmetic.value, f16: arithmetic.value } }),
    source: sure.map(({ source }) => source).join('; '),
  };
}

/** What is said of a GPU, but not sure enough to judge a result by. */
export function findEstimates(gpu: Gpu): readonly Estimate[] {
  return appleFacts(gpu).filter(({ confidence }) => confidence !== 'high');
}

const hasLimits = ({ kind }: Gpu) => kind !== 'cpu' && kind !== 'software';

function appleFacts(gpu: Gpu): Estimate[] {
  const { gpuCores } = gpu;
  const chip = hasLimits(gpu) ? findAppleChip(gpu.name.trim()) : undefined;
  if (!chip) return [];
  const { memory } = chip;
  const option =
    memory.value.find((one) => one.gpuCores !== undefined && one.gpuCores === gpuCores) ??
    (memory.value.at(-1) as MemoryOption);
  const facts: Estimate[] = [
    {
      what: 'bandwidth',
      value: option.gbPerS,
      confidence: memory.confidence,
      source: `memory: ${memory.sources.join(', ')}`,
    },
  ];
  const formula = formulaConfidence(chip.name);
  if (chip.gpuMHz && formula) {
    const { value: mhz, confidence, sources } = chip.gpuMHz;
    const cores = gpuCores ?? (chip.gpuCores.value.at(-1) as number);
    const ofCores = gpuCores === undefined ? chip.gpuCores.confidence : 'high';
    facts.push({
      what: 'arithmetic',
      value: appleGflops(cores, mhz),
      confidence: least(formula, confidence, ofCores),
      source: `${cores} GPU cores at ${mhz} MHz: ${sources.join(', ')}`,
    });
  }
  return facts;
}

const ORDER: readonly Confidence[] = ['low', 'medium', 'high'];

/** A product is as sure as its least sure factor. */
function least(...all: readonly Confidence[]): Confidence {
  return ORDER.find((confidence) => all.includes(confidence)) as Confidence;
}

function nvidia(
  model: string,
  gbPerS: number,
  gflops: NonNullable<Peak['gflops']>,
  source: string,
): Row {
  return { name: new RegExp(`^(?:NVIDIA )?${model}$`, 'i'), peak: { gbPerS, gflops, source } };
}
